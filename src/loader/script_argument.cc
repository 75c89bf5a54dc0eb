#include "loader/script_argument.h"

#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/search.h"
#include "base/text.h"

namespace abiscope::loader {

namespace {

constexpr int bad_usage = 2, not_found = 127, ended_by_e = 1;

enum class Speaker : std::uint8_t { bash, dash };

// Letters that change nothing here: bash 5.2, flags.c and shell.c; dash 0.5.12, options.c.
constexpr std::string_view bash_letters = "abefhkmnptuvxBCEHPTcDlsir", dash_letters = "efIimnsvxVEbuapCcl";

struct Refusal {
    std::string text;
    int exit_code = bad_usage;
    bool usage = false;            // bash explains itself behind that line
};

std::optional<Speaker> speaker_of(const ScriptLine& line, const Program& interpreter) {
    if (interpreter.module == nullptr) {
        std::string_view name = text::base_name(line.interpreter);
        if (name == "bash") return Speaker::bash;
        return name == "dash" || name == "sh" ? std::optional(Speaker::dash) : std::nullopt;
    }
    std::string_view bytes = interpreter.module->bytes().as_text();
    if (text::contains(bytes, "GNU bash")) return Speaker::bash;
    return text::contains(bytes, "Illegal option %c%c") || text::contains(bytes, "Illegal option -%c") ? std::optional(Speaker::dash)
                                                                                                       : std::nullopt;
}

std::optional<Refusal> refusal_of(const ScriptLine& line, const std::string& argument, Speaker speaker) {
    bool bash = speaker == Speaker::bash;
    const std::string& shell = line.interpreter;
    if (argument == "\r") {
        if (bash) return Refusal{.text = fmt::format("{}: \r: No such file or directory", shell), .exit_code = not_found};
        return Refusal{.text = fmt::format("{}: 0: cannot open \r: No such file", shell)};
    }
    if (argument.size() < 2 || (argument.front() != '-' && argument.front() != '+') || argument == "--") return std::nullopt;
    if (bash && argument.starts_with("--")) {
        if (argument.find_first_of(" \t\r") == std::string::npos) return std::nullopt;
        return Refusal{.text = fmt::format("{}: {}: invalid option", shell, argument), .usage = true};
    }
    std::size_t at = argument.find_first_not_of(bash ? bash_letters : dash_letters, 1);
    if (at == std::string::npos) return std::nullopt;
    char letter = argument[at];
    // The name of the option is the next argument, and that is the script.
    if (letter == 'o') {
        return Refusal{.text = bash ? fmt::format("{}: line 0: {}: {}: invalid option name", shell, shell, line.file)
                                    : fmt::format("{}: 0: Illegal option -o {}", shell, line.file)};
    }
    if (std::string_view(" \t\r-").find(letter) == std::string_view::npos) return std::nullopt;
    if (!bash) return Refusal{.text = fmt::format("{}: 0: Illegal option -{}", shell, letter)};
    bool exits = argument.front() == '-' && argument.substr(0, at).find('e') != std::string::npos;
    return Refusal{.text = fmt::format("{}: {}{}: invalid option", shell, argument.front(), letter),
                   .exit_code = exits ? ended_by_e : bad_usage,
                   .usage = !exits};
}

}  // namespace

void check_argument(const ScriptLine& line, const Program& interpreter, Outcome& outcome) {
    if (!line.argument) return;
    auto speaker = speaker_of(line, interpreter);
    if (!speaker) return;
    auto refusal = refusal_of(line, *line.argument, *speaker);
    if (!refusal) return;
    outcome.verdict = Verdict::fails;
    outcome.stage = Stage::interpreter;
    outcome.message.text = std::move(refusal->text);
    outcome.message.exit_code = refusal->exit_code;
    if (refusal->usage) outcome.assumptions.emplace_back("bash prints its usage behind that line");
    if (interpreter.module == nullptr) outcome.assumptions.push_back(fmt::format("{} says so in these words", line.interpreter));
    bool with_return = line.argument->ends_with('\r');
    outcome.problems.push_back({.kind = ProblemKind::interpreter_unusable,
                                .stage = Stage::interpreter,
                                .object = line.file,
                                .subject = line.interpreter,
                                .reason = fmt::format("it refuses the argument `{}`, which is all that follows its name{}", *line.argument,
                                                      with_return ? ", with the carriage return of the line's end" : ""),
                                .places = {{line.file, line.offset, line.interpreter.size() + 1 + line.argument->size(),
                                            "script/interpreter", fmt::format("{} {}", line.interpreter, *line.argument)}},
                                .trace = {}});
}

}  // namespace abiscope::loader
