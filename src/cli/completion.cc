// Completion scripts, made from the option table of the program itself so that they cannot fall behind it.
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "cli/commands.h"

namespace abiscope::cli {

namespace {

// Arguments have no name to complete.
std::vector<OptionRow> options_of(const OptionTable& table) {
    std::vector<OptionRow> out;
    std::ranges::copy_if(table.rows(), std::back_inserter(out), [](const OptionRow& row) { return !row.argument; });
    return out;
}

std::string names(const std::vector<OptionRow>& rows) {
    std::string out;
    for (const OptionRow& row : rows) out += (out.empty() ? "--" : " --") + row.name;
    return out;
}

// Single quotes end a shell word; colons and brackets separate fields in zsh.
std::string shell_text(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '\'') out += "'\\''";
        else if (c == ':' || c == '[' || c == ']') out += fmt::format("\\{}", c);
        else out += c;
    }
    return out;
}

std::string bash_script(const OptionTable& root) {
    std::string cases;
    std::string commands;
    for (const auto& command : root.commands()) {
        commands += (commands.empty() ? "" : " ") + command->name();
        std::string words = names(options_of(*command));
        for (const auto& inner : command->commands()) words += " " + inner->name() + " " + names(options_of(*inner));
        cases += fmt::format("        {}) words='{}' ;;\n", command->name(), words);
    }
    return fmt::format(R"script(# bash completion for abiscope
_abiscope() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} command=${{COMP_WORDS[1]}} words=
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W '{} {}' -- "$word")
        return
    fi
    case ${{COMP_WORDS[COMP_CWORD-1]}} in
        --target) mapfile -t COMPREPLY < <(compgen -W "$(abiscope target list --names 2>/dev/null) host" -- "$word"; compgen -f -- "$word"); return ;;
        --abi) mapfile -t COMPREPLY < <(compgen -W "$(abiscope abi list --names 2>/dev/null) all" -- "$word"); return ;;
        --lang) mapfile -t COMPREPLY < <(compgen -W 'auto c c++ go' -- "$word"); return ;;
        --color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$word"); return ;;
        --fail-on) mapfile -t COMPREPLY < <(compgen -W 'breaking risky' -- "$word"); return ;;
        --sysroot) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    esac
    case $command in
{}    esac
    if [ "$command" = explain ] && [ "${{word#-}}" = "$word" ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(abiscope explain --list 2>/dev/null | cut -d' ' -f1)" -- "$word")
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word"; compgen -f -- "$word")
}}
complete -o filenames -F _abiscope abiscope
)script",
                       commands, names(options_of(root)), cases);
}

std::string zsh_script(const OptionTable& root) {
    std::string commands;
    std::string cases;
    for (const auto& command : root.commands()) {
        commands += fmt::format("        '{}:{}'\n", command->name(), shell_text(command->description()));
        std::string arguments;
        auto add = [&](const OptionTable& table) {
            for (const OptionRow& row : options_of(table))
                arguments += fmt::format(" \\\n            '{}[{}]{}'", "--" + row.name, shell_text(row.description),
                                         !row.type.empty() ? ":value:_files" : "");
        };
        add(*command);
        for (const auto& inner : command->commands()) add(*inner);
        cases += fmt::format("        {}) _arguments '*:file:_files'{} ;;\n", command->name(), arguments);
    }
    return fmt::format(R"script(#compdef abiscope
_abiscope() {{
    local -a commands
    commands=(
{}    )
    if (( CURRENT == 2 )); then
        _describe command commands
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
{}    esac
}}
_abiscope "$@"
)script",
                       commands, cases);
}

std::string fish_script(const OptionTable& root) {
    std::string out = "# fish completion for abiscope\n";
    auto add = [&out](const OptionTable& table, const std::string& condition) {
        for (const OptionRow& row : options_of(table))
            out += fmt::format("complete -c abiscope{} -l {} -d '{}'\n", condition, row.name, shell_text(row.description));
    };
    add(root, " -n __fish_use_subcommand");
    for (const auto& command : root.commands()) {
        out += fmt::format("complete -c abiscope -n __fish_use_subcommand -a {} -d '{}'\n", command->name(),
                           shell_text(command->description()));
        std::string condition = fmt::format(" -n '__fish_seen_subcommand_from {}'", command->name());
        add(*command, condition);
        for (const auto& inner : command->commands()) {
            out += fmt::format("complete -c abiscope{} -a {} -d '{}'\n", condition, inner->name(), shell_text(inner->description()));
            add(*inner, condition);
        }
    }
    return out;
}

}  // namespace

Run add_completion(OptionTable& table, const OptionTable& root) {
    auto shell = std::make_shared<std::string>();
    table.argument(*shell, "bash, zsh or fish", {.type = "SHELL", .choices = {"bash", "zsh", "fish"}, .required = true});
    return [shell, &root] {
        fmt::print("{}", *shell == "bash" ? bash_script(root) : *shell == "zsh" ? zsh_script(root) : fish_script(root));
        return Exit::yes;
    };
}

}  // namespace abiscope::cli
