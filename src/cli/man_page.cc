// Manual pages in mdoc(7), made from the option table of the program itself.
#include <algorithm>

#include <fmt/format.h>

#include "cli/commands.h"
#include "report/version.h"

namespace abiscope::cli {

namespace {

// A line that starts with a dot or quote is a request, and a backslash an escape.
std::string escaped(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '\\') out += "\\e";
        else if (c == '-') out += "\\-";
        else out += c;
    }
    if (!out.empty() && (out[0] == '.' || out[0] == '\'')) out.insert(0, "\\&");
    return out;
}

std::string option_items(const OptionTable& table) {
    std::string out;
    for (const OptionRow& row : table.rows()) {
        std::string name = row.argument ? fmt::format(".It Ar {}", row.type) : ".It Fl \\-" + escaped(row.name);
        if (!row.argument && !row.type.empty()) name += fmt::format(" Ar {}", row.type);
        out += fmt::format("{}\n{}.\n", name, escaped(row.description));
    }
    return out;
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

std::string page(const OptionTable& root, const OptionTable& table) {
    bool whole = &root == &table;
    std::string name = whole ? "abiscope" : "abiscope-" + table.name();
    std::string description = table.description();
    if (description.ends_with('.')) description.pop_back();
    std::string out = fmt::format(".Dd $Mdocdate$\n.Dt {} 1\n.Os abiscope {}\n.Sh NAME\n.Nm {}\n.Nd {}\n.Sh SYNOPSIS\n", upper(name),
                                  report::program_version, name, escaped(description));
    out += whole ? ".Nm abiscope\n.Ar COMMAND\n.Op Ar OPTION ...\n.Op Ar FILE ...\n"
                 : fmt::format(".Nm abiscope\n.Cm {}\n.Op Ar OPTION ...\n.Op Ar ARGUMENT ...\n", table.name());
    out += fmt::format(
        ".Sh DESCRIPTION\n{}.\n.Pp\nA\n.Ar FILE\nof\n.Sq \\-\nis standard input, and\n.Sq @FILE\na list of files, one a line.\n.Bl -tag -width Ds\n",
        escaped(description));
    for (const auto& command : table.commands()) {
        out += fmt::format(".It Cm {}\n{}.\n", command->name(), escaped(command->description()));
        if (!whole) out += option_items(*command);
    }
    out += option_items(table);
    out +=
        ".El\n.Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n.It 0\nYes, or clean.\n.It 1\nNo: it will not run there.\n.It 2\nWrong usage.\n.It 3\nCannot tell: evidence is missing.\n.It 4\nInput that cannot "
        "be read, or an internal error.\n.El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n.It Ev NO_COLOR\nPrints without colour.\n.It Ev CLICOLOR_FORCE\nPrints with colour where output is no terminal.\n.El\n";
    if (whole) {
        out += ".Sh SEE ALSO\n";
        std::vector<std::string> names;
        for (const auto& command : table.commands()) names.push_back(command->name());
        std::ranges::sort(names);
        for (std::size_t i = 0; i < names.size(); ++i)
            out += fmt::format(".Xr abiscope-{} 1{}\n", names[i], i + 1 < names.size() ? " ," : "");
    }
    return out;
}

}  // namespace

Run add_man(OptionTable& table, const OptionTable& root) {
    auto command = std::make_shared<std::string>();
    table.argument(*command, "Command whose page to print; the program's own when left out", {.type = "COMMAND"});
    return [command, &root] {
        const OptionTable* wanted = command->empty() ? &root : root.find(*command);
        if (wanted == nullptr) {
            fmt::print(stderr, "abiscope: there is no command {}; `abiscope --help` lists them\n", *command);
            return Exit::usage;
        }
        fmt::print("{}", page(root, *wanted));
        return Exit::yes;
    };
}

}  // namespace abiscope::cli
