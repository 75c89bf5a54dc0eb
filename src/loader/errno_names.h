// Error numbers of Linux: their names and what strerror() of each libc makes of them. Data of our own, so that a report about a target
// does not depend on the machine that makes it.
#pragma once

#include <string>

#include "target/target.h"

namespace abiscope::loader {

// "ENOENT", or the number when there is no such error.
[[nodiscard]] std::string errno_name(int error);

// The text in the C locale: "No such file or directory".
[[nodiscard]] std::string errno_text(int error, target::LibcKind libc = target::LibcKind::glibc);

}  // namespace abiscope::loader
