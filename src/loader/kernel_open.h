// open_exec(): the file the kernel opens in order to run it.
#pragma once

#include <string>
#include <string_view>

#include "loader/module.h"
#include "target/target.h"

namespace abiscope::loader {

struct OpenedForExec {
    int error = 0;                 // errno; 0 when it could be opened
    bool known = true;             // false: the target does not say (the file is described only, or nobody listed that place)
    std::string reason;            // why it failed, or what is not known
    target::FileStatus status;
    ModulePtr module;              // null when not known
    std::string path;              // absolute
};

// `path` as found in a file; a relative one counts from the target's working directory.
[[nodiscard]] OpenedForExec open_for_exec(std::string_view path, const target::Target& target, ModuleCache& cache);

// Absolute form of a path on the target.
[[nodiscard]] std::string absolute_path(std::string_view path, const target::Target& target);

// may_open() with MAY_EXEC: the errno for a file that was found, or 0. `reason` says which rule it was.
[[nodiscard]] int check_executable(const target::FileStatus& status, target::Credentials who, std::string& reason);

// Whether the program changes the user or the group, so that the kernel sets AT_SECURE (fs/exec.c, bprm_fill_uid; security/commoncap.c).
[[nodiscard]] bool changes_identity(const target::FileStatus& status, const target::Target& target);

}  // namespace abiscope::loader
