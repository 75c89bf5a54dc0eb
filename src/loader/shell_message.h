// What a shell prints, and the exit code it gives, when execve refuses a file or a signal kills the program. bash and zsh are quoted as
// they speak to a person at the prompt (`bash: ./x: ...`); a script adds `line N:`. dash and busybox answer to the name sh. The words
// "(core dumped)", which depend on a limit of the session, are left out.
#pragma once

#include <string_view>

#include "bytes/view.h"
#include "loader/outcome.h"
#include "target/target.h"

namespace abiscope::loader {

struct RefusedFile {
    std::string_view path;       // as typed
    View bytes;                  // shells look into the file to choose their words
    bool directory = false;
    bool executable = true;      // the file has the x bit for the user who asks
};

// `text` is empty and `exit_code` unset when what is printed depends on a shell that runs the bytes as commands.
[[nodiscard]] Message refused_message(const RefusedFile& file, int error, const target::Target& target);

[[nodiscard]] Message killed_message(std::string_view path, int signal, const target::Target& target);

// What the shell does with a file that execve answers with ENOEXEC.
enum class Fallback : std::uint8_t { refuses, runs_as_script, no_shell };
[[nodiscard]] Fallback shell_fallback(View bytes, const target::Shell& shell);

}  // namespace abiscope::loader
