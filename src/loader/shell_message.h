// What a shell prints, and the exit code it gives, when execve refuses a file or a signal kills the program. bash and zsh are quoted as
// they speak to a person at the prompt (`bash: ./x: ...`); a script adds `line N:`. dash and busybox answer to the name sh. The words
// "(core dumped)", which depend on a limit of the session, are left out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bytes/view.h"
#include "loader/outcome.h"
#include "loader/simulate.h"
#include "target/target.h"

namespace abiscope::loader {

// The refused program as the shell of that user meets it.
struct RefusedFile {
    std::string_view path;       // as typed
    View bytes;                  // shells look into the file to choose their words
    bool directory = false;
    bool executable = true;      // the file has the x bit for the user who asks
    bool readable = true;        // that user may read it; a shell cannot look into it otherwise
};

// `text` is empty and `exit_code` unset when what is printed depends on a shell that runs the bytes as commands.
[[nodiscard]] Message refused_message(const RefusedFile& file, int error, const target::Target& target);

[[nodiscard]] RefusedFile refused_file(const Program& program, const target::Target& target);

[[nodiscard]] Message killed_message(std::string_view path, int signal, const target::Target& target);

// What the shell does with a file that execve answers with ENOEXEC.
enum class Fallback : std::uint8_t { refuses, runs_as_script, no_shell };
[[nodiscard]] Fallback shell_fallback(const RefusedFile& file, const target::Shell& shell);

// After ENOEXEC: the verdict is `conditional` when the shell runs the file as a script of its own, and the outcome says what is assumed.
void apply_fallback(const RefusedFile& file, const target::Target& target, Outcome& outcome, Problem& problem);

// zsh alone, when the interpreter of a #! line is not there (ENOENT) and its name does not begin with a slash: zsh looks for that name in
// PATH and starts what it finds. The name, or empty.
[[nodiscard]] std::string searched_in_path(const RefusedFile& file, int error, const target::Shell& shell);

// The release whose words are used, when the target's own is not known or was never heard; empty when it was.
[[nodiscard]] std::string assumed_shell(const target::Target& target);

}  // namespace abiscope::loader
