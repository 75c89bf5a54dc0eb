// What a simulated start of a program came to: every decision, every problem, and the text a person would see. Facts only; src/rules/
// turns them into findings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "finding/trace.h"

namespace abiscope::loader {

enum class Verdict : std::uint8_t { runs, fails, conditional, unknown };

enum class Stage : std::uint8_t { kernel, interpreter, libraries, versions, symbols, relocation, isa, runtime };

// What a user meets. `text` holds the lines printed on standard error, in order, joined by '\n', none at the end. The line of the shell is
// included at the kernel stage only: what the loaders print themselves is what every parent shows.
struct Message {
    std::string text;
    std::optional<int> exit_code;      // as the shell reports it: 126, 127, 128 + signal
    std::string signal;                // SIGSEGV, or empty
    std::string error_name;            // ENOENT, or empty
};

enum class ProblemKind : std::uint8_t {
    // kernel
    not_executable,                // execve: EACCES
    format_refused,                // execve: ENOEXEC
    interpreter_missing,           // execve: ENOENT for PT_INTERP or #!
    interpreter_unusable,          // execve: ELIBBAD, EIO, EACCES
    other_exec_error,              // any other errno
    killed_at_exec,                // a signal and no message
    // libraries
    library_missing,
    library_rejected,              // found, and fatal: bad magic, wrong class only, too short...
    // versions
    version_missing,
    version_information_missing,   // provider has no DT_VERDEF: a warning
    // symbols
    symbol_missing,
    symbol_size_differs,           // copy relocation: a warning
    // relocation
    relocation_unsupported,
    relocation_failed,             // text relocation, RELRO, static TLS...
    // isa
    isa_needed,                    // declared by a note
    isa_used,                      // instructions found by the sweep
    cpu_too_old_for_libc,
    // runtime and everything else
    loader_assertion,              // "Inconsistency detected by ld.so"
    crash,                         // dies by a signal in the loader or before main
    preload_ignored,               // LD_PRELOAD entry that cannot be loaded: a warning
    os_not_simulated,              // Windows and macOS beyond the kernel stage
    evidence_missing,              // cannot tell: `reason` names what is missing
};

// Where in which file the problem is to be seen.
struct Place {
    std::string file;                       // path on the target, or as the user gave it for the subject
    std::optional<std::uint64_t> offset;    // bytes from the start of that file
    std::uint64_t size = 0;
    std::string path;                       // structural: elf/dynamic[7].d_val
    std::string reading;
};

struct Problem {
    ProblemKind kind = ProblemKind::evidence_missing;
    Stage stage = Stage::runtime;
    bool fatal = true;                 // false: a warning, the program goes on
    bool certain = true;               // false: happens only if the place is reached (lazy binding, unproven instruction)
    std::string object;                // the file that asks, as the loader names it
    std::string subject;               // what is asked for: library, symbol, interpreter, feature
    std::string version;               // of a symbol or library
    std::string provider;              // the file that should have it
    std::string reason;                // the words of the system or, for evidence_missing, what is missing
    std::string error_name;            // ENOENT...
    std::vector<Place> places;         // never empty
    finding::Trace trace;
};

enum class FoundBy : std::uint8_t {
    program,
    interpreter,
    preload,
    already_loaded,
    path,
    rpath,
    library_path,
    runpath,
    cache,
    default_directory,
    vdso,
    libc_itself,
    config_path,
};

struct LoadedLibrary {
    std::string name;                  // as asked for: DT_NEEDED, or the path
    std::string path;                  // as the loader composed it; empty when not found
    std::string requester;             // path of the object that asked first
    FoundBy found_by = FoundBy::path;
    std::string found_detail;          // the directory list entry or variable it came from
    finding::Trace trace;
    std::uint32_t depth = 0;           // 1 for what the program asks itself
};

struct Binding {
    std::string symbol;
    std::string version;
    std::string from;                  // object that refers
    std::string to;                    // object that provides; empty when unresolved
    std::string kind;                  // function, data, copy, tls, weak
};

// How much work to do.
struct Options {
    bool symbols = true;               // bind symbols and check versions
    bool keep_bindings = false;        // fill Outcome::bindings
    bool keep_traces = false;          // fill every LoadedLibrary::trace; problems always have theirs
    bool bind_now = false;             // as LD_BIND_NOW=1, on top of what files and environment say
    bool as_library = false;           // the file is handed to the loader itself, as `ldd` does: no kernel has mapped it
};

struct Outcome {
    Verdict verdict = Verdict::unknown;
    Stage stage = Stage::runtime;      // the stage of the first fatal problem; runtime when there is none
    Message message;
    std::vector<Problem> problems;     // in the order they are met
    std::vector<LoadedLibrary> libraries;   // in load order, program first
    std::vector<Binding> bindings;
    std::vector<std::string> assumptions;   // what was taken for granted because the target does not say
    bool as_library = false;           // a shared library: whether the loader can load it, with all it needs
};

[[nodiscard]] std::string_view to_string(Verdict verdict);
[[nodiscard]] std::string_view to_string(Stage stage);
[[nodiscard]] std::string_view to_string(ProblemKind kind);
[[nodiscard]] std::string_view to_string(FoundBy found_by);

}  // namespace abiscope::loader
