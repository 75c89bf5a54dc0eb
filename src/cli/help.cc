#include "cli/help.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace abiscope::cli {

namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : commands_of(app)) names.push_back(command->get_name());
    return text::join(names, ", ");
}

// The innermost command whose options were being read.
const CLI::App* innermost(const CLI::App& root) {
    const CLI::App* at = &root;
    for (;;) {
        const CLI::App* inner = nullptr;
        for (const CLI::App* command : commands_of(*at)) {
            if (command->parsed()) inner = command;
        }
        if (inner == nullptr) return at;
        at = inner;
    }
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
    std::vector<std::string_view> names(known.begin(), known.end());
    auto near = text::nearest(word, names);
    return near ? fmt::format("; did you mean {}?", *near) : std::string(";");
}

std::string unexpected(const CLI::App& command, const std::string& word) {
    if (word.starts_with('-')) {
        std::vector<std::string> options;
        for (const CLI::Option* option : command.get_options()) {
            for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
        }
        return fmt::format("there is no option {}{}", text::printable(word), did_you_mean(word.substr(0, word.find('=')), options));
    }
    std::vector<std::string> names;
    for (const CLI::App* inner : commands_of(command)) names.push_back(inner->get_name());
    if (!names.empty()) return fmt::format("there is no command {}{}", text::printable(word), did_you_mean(word, names));
    return fmt::format("{} is one argument too many;", text::printable(word));
}

// "--color: sometimes not in {auto,always,never}" and "Could not convert: --page-size = x" are CLI11's words for a value it does not take.
std::string bad_value(std::string_view words) {
    std::size_t colon = words.find(": "), list = words.find(" not in {");
    if (list != std::string_view::npos && colon < list) {
        std::string choices(words.substr(list + 9));
        choices = choices.substr(0, choices.find('}'));
        std::size_t last = choices.rfind(',');
        for (std::size_t at = choices.find(','); at != std::string::npos; at = choices.find(',', at + 1)) {
            bool is_last = at == last;
            choices.replace(at, 1, is_last ? " or " : ", ");
            if (!is_last) ++last;
        }
        return fmt::format("{} takes {}, not {};", words.substr(0, colon), choices,
                           text::printable(words.substr(colon + 2, list - colon - 2)));
    }
    constexpr std::string_view conversion = "Could not convert: ";
    std::size_t equals = words.find(" = ");
    if (words.starts_with(conversion) && equals != std::string_view::npos) {
        return fmt::format("{} takes a number, not {};", words.substr(conversion.size(), equals - conversion.size()),
                           text::printable(words.substr(equals + 3)));
    }
    return text::printable(words) + ";";
}

std::string what_is_wrong(const CLI::App& command, const CLI::ParseError& problem) {
    std::string words = problem.what();
    std::vector<std::string> rest = command.remaining(true);
    // "The following argument was not expected: a b": the words themselves are gone by now.
    constexpr std::string_view expected = " not expected: ";
    std::size_t extra = words.find(expected);
    if (problem.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) && extra != std::string::npos) {
        std::string word = words.substr(extra + expected.size());
        return unexpected(command, word.substr(0, word.find(' ')));
    }
    if (problem.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError)) {
        if (!commands_of(command).empty())
            return rest.empty() ? fmt::format("name a command: {};", command_names(command)) : unexpected(command, rest.front());
        return fmt::format("name at least one {};", words.substr(0, words.find(' ')));
    }
    if (problem.get_exit_code() == static_cast<int>(CLI::ExitCodes::ArgumentMismatch)) {
        std::string name = words.substr(0, words.find(':'));
        if (const CLI::Option* option = command.get_option_no_throw(name)) return fmt::format("{} needs a {};", name, type_name(*option));
    }
    std::size_t excludes = words.find(" excludes ");
    if (excludes != std::string::npos)
        return fmt::format("{} and {} cannot be combined;", words.substr(0, excludes), words.substr(excludes + 10));
    return bad_value(words);
}

}  // namespace

HelpFormatter::HelpFormatter() {
    label("SUBCOMMAND", "COMMAND");
    label("Positionals", "Arguments");
    column_width(34);
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
    if (option->get_positional()) return option->get_expected_max() == CLI::detail::expected_max_vector_size ? " ..." : "";
    if (option->get_type_size() == 0 || type_name(*option).empty()) return {};
    return " " + type_name(*option);
}

std::string type_name(const CLI::Option& option) {
    std::string name = option.get_type_name();
    return name.substr(0, name.find(':'));
}

std::string command_path(const CLI::App& root) {
    std::string path;
    const CLI::App* at = innermost(root);
    for (; at != nullptr && at != &root; at = at->get_parent()) path = path.empty() ? at->get_name() : at->get_name() + " " + path;
    return path;
}

Error usage_error(const CLI::App& root, const CLI::ParseError& problem) {
    std::string path = command_path(root);
    Error error{.code = ErrorCode::bad_usage, .what = {}};
    if (!path.empty()) error.what = path + ": ";
    error.what += fmt::format("{} see `abiscope {}--help`", what_is_wrong(*innermost(root), problem), path.empty() ? path : path + " ");
    return error;
}

}  // namespace abiscope::cli
