#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/target_options.h"
#include "report/target_text.h"
#include "target/catalogue.h"

namespace abiscope::cli {

namespace {

struct List {
    CommonOptions common;
    bool names = false;
    std::string pattern;
};

struct Show {
    CommonOptions common;
    TargetOptions target;
};

std::string architectures(const target::CatalogueEntry& entry) {
    std::string out;
    for (target::Architecture architecture : entry.architectures) out += (out.empty() ? "" : " ") + std::string(to_string(architecture));
    return out;
}

Exit list(const List& options) {
    Output output("target list", options.common);
    std::size_t shown = 0;
    for (const target::CatalogueEntry& entry : target::all_targets()) {
        if (!options.pattern.empty() && !text::glob_match(options.pattern, entry.name)) continue;
        ++shown;
        if (options.names) {
            for (target::Architecture architecture : entry.architectures)
                output.text(fmt::format("{}/{}\n", entry.name, to_string(architecture)));
        } else {
            output.text(fmt::format("{} {} {}\n", report::padded(entry.name, 26), report::padded(entry.title, 38), architectures(entry)));
        }
        report::Json json{{"name", entry.name}, {"title", entry.title}, {"os", to_string(entry.os)}, {"aliases", entry.aliases}};
        json["architectures"] = report::Json::array();
        for (target::Architecture architecture : entry.architectures) json["architectures"].push_back(to_string(architecture));
        output.result(std::move(json));
    }
    if (shown == 0)
        output.error(Error{
            .code = ErrorCode::bad_usage,
            .what = fmt::format("no target is named like {}; `abiscope target list` shows them all", text::printable(options.pattern))});
    bool written = output.finish();
    return shown == 0 ? Exit::usage : written ? Exit::yes : Exit::failed;
}

Exit show(const Show& options) {
    Output output("target show", options.common);
    Exit exit = Exit::yes;
    std::vector<std::string> names = options.target.names.empty() ? std::vector<std::string>{""} : options.target.names;
    for (const std::string& name : names) {
        auto target = select(options.target, name, target::Architecture::unknown);
        if (!target) {
            output.error(target.error());
            exit = worse(exit, target.error().code == ErrorCode::bad_usage ? Exit::usage : Exit::failed);
            continue;
        }
        output.text(report::target_text(*target, output.style()));
        output.result(report::to_json(*target));
    }
    return output.finish() ? exit : Exit::failed;
}

}  // namespace

Run add_target(OptionTable& table) {
    auto for_list = std::make_shared<List>();
    OptionTable& list_table = table.command("list", "The catalogue");
    list_table.argument(for_list->pattern, "Only those whose name matches (debian:*)", {.type = "PATTERN"});
    list_table.flag("--names", for_list->names, "Names with architecture only, for scripts");
    add_common_options(list_table, for_list->common);

    auto for_show = std::make_shared<Show>();
    OptionTable& show_table = table.command("show", "What is known of a machine, and from where");
    show_table.arguments(for_show->target.names, "host, a name of the catalogue, or a captured profile", {.type = "TARGET"});
    add_machine_options(show_table, for_show->target);
    add_common_options(show_table, for_show->common);

    Run capture = add_capture(table);
    return [=, &list_table, &show_table]() -> Exit {
        if (list_table.given()) return list(*for_list);
        if (show_table.given()) return show(*for_show);
        return capture();
    };
}

}  // namespace abiscope::cli
