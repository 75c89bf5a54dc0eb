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
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '+' || c == '-' || c == ' ';
    });
    if (!plain) return std::nullopt;
    if (locale.empty() || locale == "C" || locale == "POSIX") return fmt::format("'{}'", shown);
    if (locale == "C.UTF-8" || locale == "C.utf8") return fmt::format("\u2018{}\u2019", shown);
    return std::nullopt;
}

// What the env of coreutils (since 8.30, when -S came) or busybox prints; nothing where it is not known to the letter.
std::optional<std::string> message_of(const ScriptLine& line, const Program& interpreter, const target::Target& target, int error) {
    std::string_view bytes = interpreter.module->bytes().as_text();
    if (text::contains(bytes, "GNU coreutils")) {
        auto name = quoted(*line.argument, target);
        if (!name || !text::contains(bytes, "use -[v]S to pass options in shebang lines")) return std::nullopt;
        std::string words = fmt::format("{}: {}: {}", line.interpreter, *name, errno_text(error));
        bool blank = line.argument->find_first_of(" \t\r") != std::string::npos;
        if (blank && error == ENOENT) words += fmt::format("\n{}: use -[v]S to pass options in shebang lines", line.interpreter);
        return words;
    }
    if (text::contains(bytes, "BusyBox v")) return fmt::format("env: can't execute '{}': {}", *line.argument, errno_text(error));
    return std::nullopt;
}

}  // namespace

void check_command(const ScriptLine& line, const Program& interpreter, const target::Target& target, ModuleCache& cache, Outcome& outcome) {
    bool is_env = text::base_name(line.interpreter) == "env" && interpreter.module != nullptr && line.argument && !line.argument->empty();
    auto path = target.variable("PATH");
    if (!is_env || !path || line.argument->front() == '-' || line.argument->find_first_of("=/") != std::string::npos) return;
    int error = ENOENT;
    finding::Trace trace;
    for (std::string_view folder : text::split(*path, ":")) {
        std::string place = fmt::format("{}/{}", folder.empty() ? "." : folder, *line.argument);
        OpenedForExec opened = open_for_exec(place, target, cache);
        if (opened.error == 0 || !opened.known) return;
        if (opened.error == EACCES) error = EACCES;   // execvp goes on, and tells this in the end
        trace.push_back({finding::StepAction::tried, place, fmt::format("PATH: {}", errno_text(opened.error))});
    }
    outcome.verdict = Verdict::fails;
    outcome.stage = Stage::interpreter;
    outcome.message.exit_code = error == EACCES ? not_allowed : not_found;
    auto words = message_of(line, interpreter, target, error);
    if (!words) outcome.assumptions.emplace_back("env says so in these words: they depend on its language and release");
    outcome.message.text = words ? *std::move(words) : fmt::format("{}: '{}': {}", line.interpreter, *line.argument, errno_text(error));
    outcome.problems.push_back({.kind = error == EACCES ? ProblemKind::interpreter_unusable : ProblemKind::interpreter_missing,
                                .stage = Stage::interpreter,
                                .object = line.file,
                                .subject = *line.argument,
                                .reason = fmt::format("{}: {}", *line.argument, errno_text(error)),
                                .places = {{line.file, line.offset, line.interpreter.size() + 1 + line.argument->size(),
                                            "script/interpreter", fmt::format("{} {}", line.interpreter, *line.argument)}},
                                .trace = std::move(trace)});
}

}  // namespace abiscope::loader
