#include "loader/script_argument.h"

#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/search.h"
#include "base/text.h"
#include "loader/script_line.h"
#include "loader/script_options.h"

namespace abiscope::loader {

namespace {

constexpr int bad_usage = 2, not_found = 127, ended_by_e = 1;

enum class Speaker : std::uint8_t { bash, dash };

// Letters that change nothing here: bash 5.2, flags.c and shell.c; dash 0.5.12, options.c.
constexpr std::string_view bash_letters = "abefhkmnptuvxBCEHPTcDlsir", dash_letters = "efIimnsvxVEbuapCcl";

struct Refusal {
    std::string text;
    int exit_code = bad_usage;
    bool more = false;             // the interpreter explains itself behind that line
    std::string assumption = {};
    std::string unknown = {};      // what cannot be told, in place of all this
};

std::optional<Speaker> speaker_of(const ScriptLine& line, const Program& interpreter) {
    if (interpreter.module == nullptr) {
        std::string_view name = text::base_name(line.interpreter);
        if (name == "bash") return Speaker::bash;
        return name == "dash" || name == "sh" ? std::optional(Speaker::dash) : std::nullopt;
    }
    std::string_view bytes = interpreter.module->bytes().as_text();
    if (text::contains(bytes, "BusyBox v")) return std::nullopt;
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
        return Refusal{.text = fmt::format("{}: {}: invalid option", shell, argument), .more = true};
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
                   .more = !exits};
}

bool is_named(std::string_view name, const ScriptOptions& options) {
    for (std::string_view one : text::split(options.names, " ")) {
        if (name.starts_with(one) && name.find_first_not_of("0123456789.", one.size()) == std::string_view::npos) return true;
    }
    return false;
}

// busybox as itself: the argument is the name of an applet, and where there is none, the script's.
std::optional<Refusal> refusal_of_multi_call(const ScriptLine& line) {
    std::string applet(line.argument ? std::string_view(*line.argument) : text::base_name(line.file));
    if (line.argument && applet.find_first_of(" \t\r") == std::string::npos) return std::nullopt;
    return Refusal{.text = fmt::format("{}: applet not found", applet),
                   .exit_code = not_found,
                   .assumption = line.argument ? std::string() : fmt::format("busybox has no applet named {}", applet)};
}

std::optional<Refusal> refusal_by(const ScriptOptions& options, const ScriptLine& line) {
    const std::string& argument = *line.argument;
    std::string_view blanks = options.blanks;
    if (argument.size() < 2 || argument.front() != '-' || argument == "--") return std::nullopt;
    auto said = [&](const Refused& refused, std::string_view what, std::size_t at) {
        return Refusal{
            .text = fmt::format(fmt::runtime(refused.words), line.interpreter, what, text::base_name(line.interpreter), at + 1, argument),
            .exit_code = refused.exit_code,
            .more = refused.more};
    };
    if (argument.starts_with("--") || options.letters.empty()) {
        bool followed =
            !options.word.words.empty() && argument.find('=') == std::string::npos && argument.find_first_of(blanks) != std::string::npos;
        if (followed && options.valued.find(argument[1]) == std::string_view::npos) return said(options.word, argument, 0);
        if (argument.starts_with("--")) return std::nullopt;
    }
    std::size_t at = argument.find_first_not_of(options.letters, 1);
    if (at == std::string::npos) return std::nullopt;
    std::string_view rest = std::string_view(argument).substr(at + 1);
    char letter = argument[at];
    if (blanks.find(letter) != std::string_view::npos) return said(options.letter, argument.substr(at, 1), at);
    if (letter == 'f' && !options.file.words.empty() && !rest.empty() && (rest.front() == ' ' || rest == "\r")) {
        Refusal refusal = said(options.file, rest, at);
        refusal.assumption = fmt::format("no file is named `{}`", rest);
        return refusal;
    }
    if (options.swallowing.find(letter) != std::string_view::npos && rest.find("-f") != std::string_view::npos) {
        return Refusal{.unknown =
                           fmt::format("what {} makes of the script: `{}` is the value of -{}, so that the script's name is its program",
                                       line.interpreter, rest, letter)};
    }
    return std::nullopt;
}

// Another name may stand for another program, so that its own texts have to be in it.
std::optional<Refusal> refusal_of_other(const ScriptLine& line, const Program& interpreter) {
    std::string_view name = text::base_name(line.interpreter);
    if (name == "busybox") return refusal_of_multi_call(line);
    if (!line.argument) return std::nullopt;
    for (const ScriptOptions& options : script_options()) {
        if (!is_named(name, options)) continue;
        auto refusal = refusal_by(options, line);
        if (refusal && text::contains(interpreter.module->bytes().as_text(), options.marker)) return refusal;
    }
    return std::nullopt;
}

}  // namespace

void check_argument(const ScriptLine& line, const Program& interpreter, Outcome& outcome) {
    if (!line.argument && text::base_name(line.interpreter) != "busybox") return;
    auto speaker = speaker_of(line, interpreter);
    std::optional<Refusal> refusal;
    if (speaker && line.argument) refusal = refusal_of(line, *line.argument, *speaker);
    else if (!speaker && interpreter.module != nullptr) refusal = refusal_of_other(line, interpreter);
    if (!refusal) return;
    Place place = place_of(line);
    if (!refusal->unknown.empty()) {
        outcome.verdict = Verdict::unknown;
        outcome.stage = Stage::interpreter;
        outcome.problems.push_back({.kind = ProblemKind::evidence_missing,
                                    .stage = Stage::interpreter,
                                    .object = line.file,
                                    .subject = line.interpreter,
                                    .reason = std::move(refusal->unknown),
                                    .places = {std::move(place)},
                                    .trace = {}});
        return;
    }
    outcome.verdict = Verdict::fails;
    outcome.stage = Stage::interpreter;
    outcome.message.text = std::move(refusal->text);
    outcome.message.exit_code = refusal->exit_code;
    if (refusal->more) outcome.assumptions.push_back(fmt::format("{} prints more behind that line", text::base_name(line.interpreter)));
    if (!refusal->assumption.empty()) outcome.assumptions.push_back(std::move(refusal->assumption));
    if (interpreter.module == nullptr) outcome.assumptions.push_back(fmt::format("{} says so in these words", line.interpreter));
    bool with_return = line.argument && line.argument->ends_with('\r');
    std::string reason = line.argument ? fmt::format("it refuses the argument `{}`, which is all that follows its name{}", *line.argument,
                                                     with_return ? ", with the carriage return of the line's end" : "")
                                       : "it takes the script's name for one of its applets";
    outcome.problems.push_back({.kind = ProblemKind::interpreter_unusable,
                                .stage = Stage::interpreter,
                                .object = line.file,
                                .subject = line.interpreter,
                                .reason = std::move(reason),
                                .places = {std::move(place)},
                                .trace = {}});
}

}  // namespace abiscope::loader
