#include "loader/script_command.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/search.h"
#include "base/text.h"
#include "loader/errno_names.h"
#include "loader/kernel_open.h"
#include "loader/script_line.h"

namespace abiscope::loader {

namespace {

constexpr int not_found = 127, not_allowed = 126;

// How coreutils quotes a name depends on the locale: nothing on one whose words are not known here, and for a name it would escape.
std::optional<std::string> quoted(std::string_view name, const target::Target& target) {
    std::string_view locale;
    for (std::string_view variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        if (locale.empty()) locale = target.variable(variable).value_or(std::string_view());
    }
    bool with_return = name.ends_with('\r');
    if (with_return) name.remove_suffix(1);
    std::string shown = fmt::format("{}{}", name, with_return ? "\\r" : "");
    bool plain = std::ranges::all_of(name, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("._+-/ ").find(c) != std::string_view::npos;
    });
    if (!plain) return std::nullopt;
    if (locale.empty() || locale == "C" || locale == "POSIX") return fmt::format("'{}'", shown);
    if (locale == "C.UTF-8" || locale == "C.utf8") return fmt::format("\u2018{}\u2019", shown);
    return std::nullopt;
}

// What the env of coreutils (since 8.30, when -S came) or busybox prints; nothing where it is not known to the letter.
std::optional<std::string> message_of(const ScriptLine& line, const std::string& command, const Program& interpreter,
                                      const target::Target& target, int error) {
    std::string_view bytes = interpreter.module->bytes().as_text();
    if (text::contains(bytes, "GNU coreutils")) {
        auto name = quoted(command, target);
        if (!name || !text::contains(bytes, "use -[v]S to pass options in shebang lines")) return std::nullopt;
        std::string words = fmt::format("{}: {}: {}", line.interpreter, *name, errno_text(error));
        bool blank = command.find_first_of(" \t\r") != std::string::npos;
        if (blank && error == ENOENT) words += fmt::format("\n{}: use -[v]S to pass options in shebang lines", line.interpreter);
        return words;
    }
    if (text::contains(bytes, "BusyBox v")) return fmt::format("env: can't execute '{}': {}", command, errno_text(error));
    return std::nullopt;
}

// The word that env takes for the program. Nothing where the argument is one of its options, or a variable to set.
std::optional<std::string> command_of(const std::string& argument) {
    std::string_view command = argument;
    if (command.starts_with("-S")) {
        command = text::trim(command.substr(2));
        command = command.substr(0, command.find_first_of(" \t"));
        // Its own rules for quotes and variables (coreutils, env invocation) begin with these.
        if (command.find_first_of("\\\"'$#") != std::string_view::npos) return std::nullopt;
    }
    if (command.empty() || command.front() == '-' || command.find('=') != std::string_view::npos) return std::nullopt;
    return std::string(command);
}

bool is_env(const ScriptLine& line) { return text::base_name(line.interpreter) == "env"; }

// Without a command, env takes the next argument for one: the script, which starts env again.
bool starts_itself(const ScriptLine& line) {
    if (!line.argument || line.argument->empty()) return true;
    std::string_view argument = *line.argument;
    bool assignment = argument.front() != '-' && argument.front() != '=' && argument.find('=') != std::string_view::npos;
    return assignment || argument == "-" || argument == "-i" || argument == "--";
}

void never_ends(const ScriptLine& line, Outcome& outcome) {
    outcome.verdict = Verdict::fails;
    outcome.stage = Stage::interpreter;
    outcome.problems.push_back(
        {.kind = ProblemKind::interpreter_unusable,
         .stage = Stage::interpreter,
         .object = line.file,
         .subject = line.interpreter,
         .reason = fmt::format("`{}` names no command, so that it starts the script again, and so without end", words_of(line)),
         .places = {place_of(line)}});
}

std::string not_followed(const ScriptLine& line) {
    return fmt::format("what `{}` starts: options of env are not followed", words_of(line));
}

void cannot_tell(const ScriptLine& line, Outcome& outcome) {
    outcome.verdict = Verdict::unknown;
    outcome.stage = Stage::interpreter;
    outcome.problems.push_back({.kind = ProblemKind::evidence_missing,
                                .stage = Stage::interpreter,
                                .certain = false,
                                .object = line.file,
                                .reason = not_followed(line),
                                .places = {place_of(line)}});
}

}  // namespace

void check_command(const ScriptLine& line, const Program& interpreter, const target::Target& target, ModuleCache& cache, Outcome& outcome) {
    auto path = target.variable("PATH");
    if (!is_env(line)) return;
    if (starts_itself(line)) return never_ends(line, outcome);
    if (interpreter.module == nullptr) return;
    auto command = command_of(*line.argument);
    bool split = line.argument->starts_with("-S");
    if (split && !text::contains(interpreter.module->bytes().as_text(), "GNU coreutils")) command.reset();   // not every env has it
    if (!command) return cannot_tell(line, outcome);
    bool direct = command->find('/') != std::string::npos;
    if (!direct && !path) return;
    int error = ENOENT;
    finding::Trace trace;
    for (std::string_view folder : text::split(direct ? std::string_view() : *path, ":")) {
        std::string place = direct ? *command : fmt::format("{}/{}", folder.empty() ? "." : folder, *command);
        OpenedForExec opened = open_for_exec(place, target, cache);
        if (opened.error == 0 || !opened.known) return;
        if (direct || opened.error == EACCES) error = opened.error;   // execvp goes on after EACCES, and tells this in the end
        trace.push_back({finding::StepAction::tried, place, fmt::format("{}: {}", direct ? "execve" : "PATH", errno_text(opened.error))});
    }
    outcome.verdict = Verdict::fails;
    outcome.stage = Stage::interpreter;
    outcome.message.exit_code = error == ENOENT ? not_found : not_allowed;
    auto words = message_of(line, *command, interpreter, target, error);
    if (!words) outcome.assumptions.emplace_back("env says so in these words: they depend on its language and release");
    outcome.message.text = words ? *std::move(words) : fmt::format("{}: '{}': {}", line.interpreter, *command, errno_text(error));
    outcome.problems.push_back({.kind = error == ENOENT ? ProblemKind::interpreter_missing : ProblemKind::interpreter_unusable,
                                .stage = Stage::interpreter,
                                .object = line.file,
                                .subject = *command,
                                .reason = fmt::format("{}: {}", *command, errno_text(error)),
                                .places = {place_of(line)},
                                .trace = std::move(trace)});
}

std::optional<std::string> unknown_command(const ScriptLine& line, const target::Target& target) {
    if (!is_env(line) || starts_itself(line)) return std::nullopt;
    auto command = command_of(*line.argument);
    // Not every env has -S.
    if (!command || line.argument->starts_with("-S")) return not_followed(line);
    bool known = target.has_command(*command);
    bool direct = command->find('/') != std::string::npos;
    // The usual PATH has the folders of them all.
    for (std::string_view folder : {"/usr/bin", "/bin"})
        known = known || (!direct && target.has_command(fmt::format("{}/{}", folder, *command)));
    if (known) return std::nullopt;
    return fmt::format("whether {} is installed on {}", *command, target.name);
}

}  // namespace abiscope::loader
