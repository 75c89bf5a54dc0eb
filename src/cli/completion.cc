// Completion scripts, made from the option table of the program itself so that they cannot fall behind it.
#include <fmt/format.h>

#include "cli/commands.h"

namespace abiscope::cli {

namespace {

struct Word {
    std::string name;
    std::string description;
    bool takes_value = false;
};

std::vector<Word> options_of(const CLI::App& app) {
    std::vector<Word> out;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames())
            out.push_back({"--" + name, option->get_description(), option->get_expected_max() != 0 && option->get_type_size_max() != 0});
    }
    return out;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string names(const std::vector<Word>& words) {
    std::string out;
    for (const Word& word : words) out += (out.empty() ? "" : " ") + word.name;
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

std::string bash_script(const CLI::App& root) {
    std::string cases;
    std::string commands;
    for (const CLI::App* command : commands_of(root)) {
        commands += (commands.empty() ? "" : " ") + command->get_name();
        std::string words = names(options_of(*command));
        for (const CLI::App* inner : commands_of(*command)) words += " " + inner->get_name() + " " + names(options_of(*inner));
        cases += fmt::format("        {}) words='{}' ;;\n", command->get_name(), words);
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

std::string zsh_script(const CLI::App& root) {
    std::string commands;
    std::string cases;
    for (const CLI::App* command : commands_of(root)) {
        commands += fmt::format("        '{}:{}'\n", command->get_name(), shell_text(command->get_description()));
        std::string arguments;
        auto add = [&](const CLI::App& app) {
            for (const Word& word : options_of(app))
                arguments += fmt::format(" \\\n            '{}[{}]{}'", word.name, shell_text(word.description),
                                         word.takes_value ? ":value:_files" : "");
        };
        add(*command);
        for (const CLI::App* inner : commands_of(*command)) add(*inner);
        cases += fmt::format("        {}) _arguments '*:file:_files'{} ;;\n", command->get_name(), arguments);
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

std::string fish_script(const CLI::App& root) {
    std::string out = "# fish completion for abiscope\n";
    auto add = [&out](const CLI::App& app, const std::string& condition) {
        for (const CLI::Option* option : app.get_options()) {
            for (const std::string& name : option->get_lnames()) {
                out += fmt::format("complete -c abiscope{} -l {} -d '{}'\n", condition, name, shell_text(option->get_description()));
            }
        }
    };
    add(root, " -n __fish_use_subcommand");
    for (const CLI::App* command : commands_of(root)) {
        out += fmt::format("complete -c abiscope -n __fish_use_subcommand -a {} -d '{}'\n", command->get_name(),
                           shell_text(command->get_description()));
        std::string condition = fmt::format(" -n '__fish_seen_subcommand_from {}'", command->get_name());
        add(*command, condition);
        for (const CLI::App* inner : commands_of(*command)) {
            out +=
                fmt::format("complete -c abiscope{} -a {} -d '{}'\n", condition, inner->get_name(), shell_text(inner->get_description()));
            add(*inner, condition);
        }
    }
    return out;
}

}  // namespace

Run add_completion(CLI::App& app, CLI::App& root) {
    auto shell = std::make_shared<std::string>();
    app.add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}))->type_name("SHELL");
    return [shell, &root] {
        fmt::print("{}", *shell == "bash" ? bash_script(root) : *shell == "zsh" ? zsh_script(root) : fish_script(root));
        return Exit::yes;
    };
}

}  // namespace abiscope::cli
