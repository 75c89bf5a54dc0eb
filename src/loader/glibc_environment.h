// Variables that glibc's loader obeys, besides those that lead it to libraries.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/version.h"
#include "target/target.h"

namespace abiscope::loader {

// What is taken for granted of each that is set and not followed; for a program that believes its environment.
[[nodiscard]] std::vector<std::string> unfollowed_environment(const target::Target& target);

// The kernel that a loader up to 2.35 holds a library's NT_GNU_ABI_TAG against: the one that runs, or an older one that LD_ASSUME_KERNEL
// names (sysdeps/unix/sysv/linux/dl-librecon.h, _dl_osversion_init()).
[[nodiscard]] Version believed_kernel(const target::Target& target);

// Whether the loader looks at a name in a list of libraries (LD_PRELOAD, LD_AUDIT) at all.
[[nodiscard]] bool is_loadable_name(std::string_view name, bool secure);

}  // namespace abiscope::loader
