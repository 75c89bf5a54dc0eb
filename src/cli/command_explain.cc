#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "finding/rule.h"

namespace abiscope::cli {

namespace {

struct Options {
    CommonOptions common;
    std::string rule;
    bool list = false;
};

Exit list_rules(Output& output) {
    for (const finding::Rule& rule : finding::all_rules()) {
        output.text(
            fmt::format("{} {} {}\n", report::padded(rule.name, 34), report::padded(finding::to_string(rule.severity), 8), rule.title));
        output.result(
            {{"rule", rule.name}, {"severity", finding::to_string(rule.severity)}, {"applies_to", rule.applies_to}, {"title", rule.title}});
    }
    return output.finish() ? Exit::yes : Exit::failed;
}

Exit explain(const Options& options) {
    Output output("explain", options.common);
    if (options.list || options.rule.empty()) return list_rules(output);
    auto id = finding::find_rule(options.rule);
    if (!id) {
        std::vector<std::string_view> names;
        for (const finding::Rule& rule : finding::all_rules()) names.push_back(rule.name);
        std::string upper = options.rule;
        for (char& c : upper) {
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        }
        auto near = text::nearest(upper, names);
        output.error(
            Error{.code = ErrorCode::bad_usage,
                  .what = fmt::format("there is no rule {}{} `abiscope explain --list` shows them all", text::printable(options.rule),
                                      near ? fmt::format("; did you mean {}?", *near) : std::string(";"))});
        static_cast<void>(output.finish());
        return Exit::usage;
    }
    const finding::Rule& rule = finding::rule(*id);
    output.text(rule.page);
    output.result({{"rule", rule.name},
                   {"severity", finding::to_string(rule.severity)},
                   {"applies_to", rule.applies_to},
                   {"title", rule.title},
                   {"page", rule.page}});
    return output.finish() ? Exit::yes : Exit::failed;
}

}  // namespace

Run add_explain(OptionTable& table) {
    auto options = std::make_shared<Options>();
    table.argument(options->rule, "Name of the rule, as printed in brackets", {.type = "RULE"});
    table.flag("--list", options->list, "List every rule");
    add_common_options(table, options->common);
    return [options] { return explain(*options); };
}

}  // namespace abiscope::cli
