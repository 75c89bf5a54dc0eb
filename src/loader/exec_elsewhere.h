// The start of a program on Windows and macOS, as far as header facts decide it. What their loaders do after that is not simulated: the
// answer is then `unknown` with os_not_simulated.
#pragma once

#include "loader/simulate.h"

namespace abiscope::loader {

[[nodiscard]] KernelAnswer exec_elsewhere(const Program& program, const target::Target& target);

// CreateProcess: error numbers of Windows as Message::error_name ("ERROR_BAD_EXE_FORMAT").
[[nodiscard]] Outcome exec_windows(const Program& program, const target::Target& target);

// execve of XNU (bsd/kern/kern_exec.c, mach_loader.c).
[[nodiscard]] Outcome exec_macos(const Program& program, const target::Target& target);

// An outcome that says no more than that the rest is not simulated.
[[nodiscard]] Outcome not_simulated(const Program& program, std::string what);

}  // namespace abiscope::loader
