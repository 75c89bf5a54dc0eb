// The first bytes of a file, as shells look at them when execve refused it. [measured: tests/differential/kernel_exec.py]
#pragma once

#include <string>
#include <string_view>

#include "bytes/view.h"
#include "target/target.h"

namespace abiscope::loader {

// HASH_BANG_BUFSIZ of bash, POUNDBANGLIMIT of zsh, and what dash reads.
[[nodiscard]] std::string_view shell_sample(View bytes);

[[nodiscard]] inline bool has_hash_bang(std::string_view sample) { return sample.starts_with("#!"); }

// bash's check_binary_file().
[[nodiscard]] bool bash_calls_binary(std::string_view sample, const Version& version);

// dash: a NUL before the end of the first line.
[[nodiscard]] bool dash_calls_binary(std::string_view sample);

// zsh's zexecve().
[[nodiscard]] bool zsh_calls_binary(std::string_view sample, const Version& version);

// The interpreter of a #! line as bash's getinterp() cuts it out, for its message.
[[nodiscard]] std::string bash_interpreter(std::string_view sample);

// The same of zsh, which ends a name at a space only; without a newline in the sample, all of it.
[[nodiscard]] std::string zsh_interpreter(std::string_view sample);

// Control characters and what is no UTF-8 as zsh prints them (nicechar()).
[[nodiscard]] std::string zsh_visible(std::string_view text);

}  // namespace abiscope::loader
