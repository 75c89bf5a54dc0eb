// Which file a shell starts when a command is typed.
#pragma once

#include <string>

namespace abiscope::cli {

// A word with a slash is a path. Any other is looked for in PATH: the first regular file that may be executed, else the first regular file.
// Empty: there is none.
[[nodiscard]] std::string find_command(const std::string& word);

// What the program gains when it is started, and loses when it is traced: "the privileges of user 0", "file capabilities"; empty: nothing.
[[nodiscard]] std::string gained_privileges(const std::string& path);

}  // namespace abiscope::cli
