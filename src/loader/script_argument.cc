#include "loader/script_argument.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/search.h"
#include "base/text.h"
#include "loader/kernel_open.h"
#include "loader/script_line.h"
#include "loader/script_options.h"
#include "loader/script_perl.h"

namespace abiscope::loader {

namespace {

constexpr int bad_usage = 2, not_found = 127, ended_by_e = 1;
constexpr Refused bash_operand{"{0}: {1}: No such file or directory", not_found, false},
    dash_operand{"{0}: 0: cannot open {1}: No such file", bad_usage, false},
    perl_operand{"Can't open perl script \"{1}\": No such file or directory", bad_usage, false};

enum class Speaker : std::uint8_t { bash, dash, perl };

// Letters that change nothing here: bash 5.2, flags.c and shell.c; dash 0.5.12, options.c.
constexpr std::string_view bash_letters = "abefhkmnptuvxBCEHPTcDlsir", dash_letters = "efIimnsvxVEbuapCcl";

// Whole words of bash that change nothing here, behind one `-` or two: bash 5.2, shell.c, long_args.
constexpr std::array bash_words = std::to_array<std::string_view>(
    {"debug", "debugger", "login", "noediting", "noprofile", "norc", "posix", "pretty-print", "restricted", "verbose"});

// Catalogue systems whose /bin/sh is dash; that of the others is bash or busybox.
constexpr std::array with_dash = std::to_array<std::string_view>({"debian:", "ubuntu:", "void:"});

struct Refusal {
    std::string text;
    std::optional<int> exit_code = bad_usage;
    bool more = false;             // the interpreter explains itself behind that line
    std::string assumption = {};
    std::string unknown = {};      // what cannot be told, in place of all this
    std::string reason = {};       // empty: it refuses the argument
};

struct Question {
    const ScriptLine& line;
    const Program& interpreter;
    const target::Target& target;
    ModuleCache& cache;
};

bool is_named(std::string_view name, std::string_view names) {
    for (std::string_view one : text::split(names, " ")) {
        if (name.starts_with(one) && name.find_first_not_of("0123456789.", one.size()) == std::string_view::npos) return true;
    }
    return false;
}

bool with_busybox(const Question& asked) { return asked.target.shell.kind == target::ShellKind::busybox; }

std::optional<Speaker> speaker_of(const Question& asked) {
    std::string_view name = text::base_name(asked.line.interpreter);
    bool perl = is_named(name, "perl");
    if (asked.interpreter.module == nullptr) {
        if (name == "bash") return Speaker::bash;
        if (name == "dash") return Speaker::dash;
        if (perl) return Speaker::perl;
        if (name != "sh" || with_busybox(asked)) return std::nullopt;
        bool dash = std::ranges::any_of(with_dash, [&](std::string_view system) { return asked.target.name.starts_with(system); });
        return dash ? Speaker::dash : Speaker::bash;
    }
    std::string_view bytes = asked.interpreter.module->bytes().as_text();
    if (text::contains(bytes, busybox_marker)) return std::nullopt;
    if (perl && text::contains(bytes, "PERL5LIB")) return Speaker::perl;
    if (text::contains(bytes, "GNU bash")) return Speaker::bash;
    return text::contains(bytes, "Illegal option %c%c") || text::contains(bytes, "Illegal option -%c") ? std::optional(Speaker::dash)
                                                                                                       : std::nullopt;
}

Refusal not_known(std::string what) { return {.text = {}, .unknown = std::move(what)}; }

Refusal not_followed(const ScriptLine& line) {
    return not_known(fmt::format("what {} makes of the argument `{}`", line.interpreter, *line.argument));
}

Refusal something_else(const ScriptLine& line, char letter) {
    return not_known(
        fmt::format("what {} makes of the script: -{} in `{}` makes something else the program", line.interpreter, letter, *line.argument));
}

// The argument is taken for the script, and the script's name for its argument.
std::optional<Refusal> refusal_of_operand(const Question& asked, const Refused& absent) {
    const ScriptLine& line = asked.line;
    const std::string& name = *line.argument;
    if (!name.starts_with('/'))
        return not_known(
            fmt::format("whether {} finds `{}`, which it takes for the script, in the folder where it is started", line.interpreter, name));
    const target::FileSystemPtr& files = asked.cache.files();
    auto status = files ? files->status(name, asked.target.user) : std::unexpected(ENOENT);
    if (status) return std::nullopt;
    if (!files || !files->complete() || status.error() != ENOENT)
        return not_known(fmt::format("whether {} is there, which {} takes for the script", name, line.interpreter));
    return Refusal{.text = fmt::format(fmt::runtime(absent.words), line.interpreter, name),
                   .exit_code = absent.exit_code,
                   .more = absent.more,
                   .reason = fmt::format("it takes the argument `{}` for the script, and there is no such file", name)};
}

std::optional<Refusal> refusal_of_shell(const Question& asked, bool bash) {
    const ScriptLine& line = asked.line;
    const std::string& argument = *line.argument;
    const std::string& shell = line.interpreter;
    if (argument == "\r") {
        if (bash) return Refusal{.text = fmt::format("{}: \r: No such file or directory", shell), .exit_code = not_found};
        return Refusal{.text = fmt::format("{}: 0: cannot open \r: No such file", shell)};
    }
    if (argument.empty() || argument == "-" || argument == "--") return std::nullopt;
    if (argument.front() != '-' && argument.front() != '+') return refusal_of_operand(asked, bash ? bash_operand : dash_operand);
    if (bash && argument.front() == '-') {
        bool whole = argument.starts_with("--");
        if (std::ranges::find(bash_words, std::string_view(argument).substr(whole ? 2 : 1)) != bash_words.end()) return std::nullopt;
        if (whole && argument.find_first_of(" \t\r") == std::string::npos) return not_followed(line);
        if (whole) return Refusal{.text = fmt::format("{}: {}: invalid option", shell, argument), .more = true};
    }
    std::size_t at = argument.find_first_not_of(bash ? bash_letters : dash_letters, 1);
    if (at == std::string::npos) {
        std::size_t instead = argument.find_first_of("cs");
        return instead == std::string::npos ? std::nullopt : std::optional(something_else(line, argument[instead]));
    }
    char letter = argument[at];
    // The name of the option is the next argument, and that is the script.
    if (letter == 'o') {
        return Refusal{.text = bash ? fmt::format("{}: line 0: {}: {}: invalid option name", shell, shell, line.file)
                                    : fmt::format("{}: 0: Illegal option -o {}", shell, line.file)};
    }
    if (std::string_view(" \t\r-").find(letter) == std::string_view::npos) return not_followed(line);
    if (!bash) return Refusal{.text = fmt::format("{}: 0: Illegal option -{}", shell, letter)};
    bool exits = argument.front() == '-' && argument.substr(0, at).find('e') != std::string::npos;
    return Refusal{.text = fmt::format("{}: {}{}: invalid option", shell, argument.front(), letter),
                   .exit_code = exits ? ended_by_e : bad_usage,
                   .more = !exits};
}

std::optional<Refusal> refusal_of_perl(const Question& asked) {
    const ScriptLine& line = asked.line;
    const std::string& argument = *line.argument;
    if (!argument.starts_with('-')) return refusal_of_operand(asked, perl_operand);
    if (argument == "--") return std::nullopt;
    if (argument == "-" || argument.starts_with("--")) return not_followed(line);
    PerlAnswer answer = read_by_perl(argument, line.file);
    if (answer.kind == PerlAnswer::Kind::read) return std::nullopt;
    if (answer.kind == PerlAnswer::Kind::unknown) return not_followed(line);
    // Its exit code is whatever errno was left behind.
    return Refusal{.text = std::move(answer.text),
                   .exit_code = std::nullopt,
                   .reason = fmt::format("perl has no -{} on a #! line, which is `{}`", answer.option, words_of(line))};
}

// busybox as itself: the argument is the name of an applet, and where there is none, the script's.
std::optional<Refusal> refusal_of_multi_call(const ScriptLine& line) {
    std::string applet(line.argument ? std::string_view(*line.argument) : text::base_name(line.file));
    if (line.argument && applet.find_first_of(" \t\r") == std::string::npos) return std::nullopt;
    return Refusal{.text = fmt::format("{}: applet not found", applet),
                   .exit_code = not_found,
                   .assumption = line.argument ? std::string() : fmt::format("busybox has no applet named {}", applet)};
}

// Of an option that is in none of the lists.
std::optional<Refusal> refusal_of_unlisted(const ScriptOptions& options, const ScriptLine& line) {
    if (!options.complete) return std::nullopt;
    if (options.reading.empty()) return not_followed(line);
    std::string with = line.argument ? fmt::format(" `{}`", *line.argument) : "out an argument";
    return not_known(fmt::format("what {} does with{}: it reads the script only for -{}, and takes its name for the program otherwise",
                                 line.interpreter, with, options.reading.front()));
}

std::optional<Refusal> refusal_of_letters(const ScriptOptions& options, const ScriptLine& line) {
    const std::string& argument = *line.argument;
    auto said = [&](const Refused& refused, std::string_view what, std::size_t at) {
        return Refusal{.text = fmt::format(fmt::runtime(refused.words), line.interpreter, what, text::base_name(line.interpreter), at + 1,
                                           argument, argument.substr(at)),
                       .exit_code = refused.exit_code,
                       .more = refused.more};
    };
    std::string_view blanks = options.blanks;
    if (argument.starts_with("--") || (options.letters.empty() && options.reading.empty())) {
        bool followed =
            !options.word.words.empty() && argument.find('=') == std::string::npos && argument.find_first_of(blanks) != std::string::npos;
        if (followed && options.valued.find(argument[1]) == std::string_view::npos) return said(options.word, argument, 0);
        if (argument.starts_with("--")) return refusal_of_unlisted(options, line);
    }
    std::size_t at = argument.find_first_not_of(options.letters, 1);
    bool reads = options.reading.empty() || argument.find_first_of(options.reading) < at;
    if (at == std::string::npos) return reads ? std::nullopt : refusal_of_unlisted(options, line);
    std::string_view rest = std::string_view(argument).substr(at + 1);
    char letter = argument[at];
    if (blanks.find(letter) != std::string_view::npos) return said(options.letter, argument.substr(at, 1), at);
    if (letter == 'f' && !options.file.words.empty() && !rest.empty() && (rest.front() == ' ' || rest == "\r")) {
        Refusal refusal = said(options.file, rest, at);
        refusal.assumption = fmt::format("no file is named `{}`", rest);
        return refusal;
    }
    if (options.reading.find(letter) != std::string_view::npos && rest.empty()) return std::nullopt;
    if (options.instead.find(letter) != std::string_view::npos) return something_else(line, letter);
    if (letter == 'o' && !options.name.words.empty()) {
        bool script = rest.empty() || options.name_apart;
        if (script || blanks.find(rest.front()) != std::string_view::npos) return said(options.name, script ? line.file : rest, at);
    }
    if (reads && options.valued.find(letter) != std::string_view::npos && !rest.empty() &&
        rest.find_first_of(blanks) == std::string_view::npos)
        return std::nullopt;
    return refusal_of_unlisted(options, line);
}

std::optional<Refusal> refusal_by(const ScriptOptions& options, const Question& asked) {
    const ScriptLine& line = asked.line;
    if (!line.argument || line.argument->empty()) return options.reading.empty() ? std::nullopt : refusal_of_unlisted(options, line);
    const std::string& argument = *line.argument;
    auto words = text::split(options.words, " ");
    if (std::ranges::find(words, argument) != words.end()) return std::nullopt;
    bool shell = !options.name.words.empty();
    if (shell && argument.starts_with('+')) {
        bool known = argument.find_first_not_of(options.letters, 1) == std::string::npos;
        return known ? std::nullopt : refusal_of_unlisted(options, line);
    }
    if (argument.size() >= 2 && argument.front() == '-') return refusal_of_letters(options, line);
    return options.operand.words.empty() ? refusal_of_unlisted(options, line) : refusal_of_operand(asked, options.operand);
}

// Another name may stand for another program, so that its own texts have to be in it. Where there is only a name, it is of the usual one.
bool is_that(const ScriptOptions& options, const Question& asked) {
    if (asked.interpreter.module == nullptr) return (options.marker == busybox_marker) == with_busybox(asked);
    return text::contains(asked.interpreter.module->bytes().as_text(), options.marker);
}

std::optional<Refusal> refusal_of_other(const Question& asked) {
    std::string_view name = text::base_name(asked.line.interpreter);
    if (name == "busybox") return asked.interpreter.module ? refusal_of_multi_call(asked.line) : std::nullopt;
    for (const ScriptOptions& options : script_options()) {
        if (!is_named(name, options.names)) continue;
        auto refusal = refusal_by(options, asked);
        if (refusal && is_that(options, asked)) return refusal;
    }
    return std::nullopt;
}

std::optional<Refusal> refusal_of(const Question& asked) {
    auto speaker = speaker_of(asked);
    if (!speaker) return refusal_of_other(asked);
    if (!asked.line.argument) return std::nullopt;
    return *speaker == Speaker::perl ? refusal_of_perl(asked) : refusal_of_shell(asked, *speaker == Speaker::bash);
}

}  // namespace

void check_argument(const ScriptLine& line, const Program& interpreter, const target::Target& target, ModuleCache& cache,
                    Outcome& outcome) {
    auto refusal = refusal_of({line, interpreter, target, cache});
    if (!refusal) return;
    Place place = place_of(line);
    if (!refusal->unknown.empty()) {
        outcome.verdict = Verdict::unknown;
        outcome.stage = Stage::interpreter;
        outcome.problems.push_back({.kind = ProblemKind::evidence_missing,
                                    .stage = Stage::interpreter,
                                    .certain = false,
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
    std::string reason = std::move(refusal->reason);
    if (reason.empty()) {
        reason = line.argument ? fmt::format("it refuses the argument `{}`, which is all that follows its name{}", *line.argument,
                                             with_return ? ", with the carriage return of the line's end" : "")
                               : "it takes the script's name for one of its applets";
    }
    outcome.problems.push_back({.kind = ProblemKind::interpreter_unusable,
                                .stage = Stage::interpreter,
                                .object = line.file,
                                .subject = line.interpreter,
                                .reason = std::move(reason),
                                .places = {std::move(place)},
                                .trace = {}});
}

}  // namespace abiscope::loader
