#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <fmt/format.h>

#include "cli/commands.h"
#include "report/json.h"
#include "report/version.h"

namespace abiscope::cli {
namespace {

constexpr const char* footer =
    "Exit codes: 0 yes or clean, 1 no, 2 wrong usage, 3 cannot tell, 4 unreadable input or internal error.\n"
    "Files: `-` is standard input, `@FILE` a list of files. `abiscope COMMAND --help` shows a command's options.";

// Also as a document for whoever reads nothing but JSON.
Exit complain(const OptionTable::Parsed& parsed, int argc, char** argv) {
    fmt::print(stderr, "abiscope: {}\n", parsed.error->describe());
    if (std::any_of(argv, argv + argc, [](const char* word) { return std::string_view(word) == "--json"; })) {
        fmt::print("{}\n", report::dump(report::document(parsed.command, report::Json::array(), {*parsed.error}), true));
    }
    return Exit::usage;
}

// What stands behind `--` in a command that reads source text is for the compiler; to other commands `--` says that names follow.
std::vector<std::string> take_compiler_flags(int& argc, char** argv) {
    std::string_view command = argc > 1 ? argv[1] : "";
    if (command != "layout" && command != "call") return {};
    char** end = std::find(argv, argv + argc, std::string_view("--"));
    if (end == argv + argc) return {};
    std::vector<std::string> flags(end + 1, argv + argc);
    argc = static_cast<int>(end - argv);
    return flags;
}

// `run OPTIONS CMD ARGS...`: from the first word on that is no option, everything belongs to CMD. `--` may stand before it.
std::vector<std::string> take_program(int& argc, char** argv, const OptionTable& run) {
    auto takes_value = [&](std::string_view word) {
        return std::ranges::any_of(run.rows(), [&](const OptionRow& row) { return !row.type.empty() && word == "--" + row.name; });
    };
    int at = 2;
    while (at < argc && argv[at][0] == '-' && argv[at][1] != '\0' && std::string_view(argv[at]) != "--")
        at += takes_value(argv[at]) ? 2 : 1;
    if (at >= argc) return {};
    bool marked = std::string_view(argv[at]) == "--";
    std::vector<std::string> words(argv + at + (marked ? 1 : 0), argv + argc);
    argc = at;
    return words;
}

int run(int argc, char** argv, bool pipe_signal_ignored) {
    std::vector<std::string> flags = take_compiler_flags(argc, argv);
    CommandLineRest rest{.words = {}, .pipe_signal_ignored = pipe_signal_ignored};
    OptionTable program("abiscope", "Tells the truth about compiled programs: what they are, and whether they run on that machine.",
                        footer);
    program.version_flag("--version", fmt::format("abiscope {}", report::program_version));

    // The options of one command are a tenth of the time that a short answer takes: those of the others are left out where nobody sees
    // them.
    char** word = std::find_if(argv + std::min(argc, 1), argv + argc, [](const char* text) { return text[0] != '-'; });
    std::string_view first = word == argv + argc ? "" : *word;
    bool shows_all = first == "completion" || first == "man";
    std::vector<std::pair<OptionTable*, Run>> commands;
    auto add = [&](const char* name, const char* description, auto&& make) {
        OptionTable& command = program.command(name, description);
        if (shows_all || first == name) commands.emplace_back(&command, make(command));
    };
    add("inspect", "The identity card of files: what they are, where they start, what they need, how they were built", add_inspect);
    add("check", "Will they run on that machine? Verdict, stage, the exact message, and what cures it", add_check);
    add("resolve", "The way to the verdict: every library, how it was found, every place tried", add_resolve);
    add("layout", "Do both sides mean the same bytes? Types under every ABI side by side, with a reason for every padding byte",
        [&](OptionTable& command) { return add_layout(command, flags); });
    add("call", "Where do the arguments travel? A signature under every ABI side by side, with the rule behind every register",
        [&](OptionTable& command) { return add_call(command, flags); });
    add("diff", "Can the new build take the place of the old one? Symbols, types, calls and vtables of two builds, each change classed",
        add_diff);
    add("core", "Why did it crash? The cause out of a core dump, with the evidence and what it is not", add_core);
    add("run", "Run a program, and say why when it cannot be started, cannot be loaded or crashes; the exit code is the program's",
        [&](OptionTable& command) { return add_run(command, rest); });
    add("go", "The insides of a Go program, stripped or not: version, packages, functions with their lines, types", add_go);
    add("abi", "The ABIs that layout and call know", add_abi);
    add("target", "Machines: list the catalogue, show one, capture this one", add_target);
    add("explain", "The page of a rule: what it means and how to fix it", add_explain);
    add("completion", "Print a completion script for bash, zsh or fish",
        [&](OptionTable& command) { return add_completion(command, program); });
    add("man", "Print a manual page", [&](OptionTable& command) { return add_man(command, program); });

    if (argc > 1 && std::string_view(argv[1]) == "run") rest.words = take_program(argc, argv, *program.find("run"));
    OptionTable::Parsed parsed = program.parse(argc, argv);
    if (parsed.error) return static_cast<int>(complain(parsed, argc, argv));
    if (!parsed.printed.empty()) {
        fmt::print("{}", parsed.printed);
        return static_cast<int>(Exit::yes);
    }
    for (auto& [command, action] : commands) {
        if (command->given()) return static_cast<int>(action());
    }
    return static_cast<int>(Exit::usage);
}

}  // namespace
}  // namespace abiscope::cli

int main(int argc, char** argv) {
#ifdef __GLIBC__
    // Tables of megabytes go back to the system when they are freed. By default the first one that is freed raises the size from which on
    // that is so.
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    // A thread's heap is made writable in larger pieces than 128 KiB: a tenth of the time of a sweep over large files. Pieces of 8 MiB cost
    // a small core dump a third of its time.
    mallopt(M_TOP_PAD, 1 << 20);
#endif
    // `abiscope ... | head` must end quietly, by a failed write rather than by a signal.
    bool pipe_signal_ignored = std::signal(SIGPIPE, SIG_IGN) == SIG_IGN;
    try {
        return abiscope::cli::run(argc, argv, pipe_signal_ignored);
    } catch (const std::exception& error) {
        fmt::print(stderr, "abiscope: internal error: {}; please report it with the command line\n", error.what());
        return static_cast<int>(abiscope::cli::Exit::failed);
    }
}
