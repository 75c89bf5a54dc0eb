// The names of folders a glibc loader looks into for a processor, below each folder it searches.
//
// Sources: sysdeps/*/dl-hwcaps-subdirs.c (glibc-hwcaps, since 2.33); elf/dl-hwcaps.c and sysdeps/*/dl-procinfo.c (legacy names, up
// to 2.36).
#pragma once

#include <string_view>

#include "target/target.h"

namespace abiscope::target {

// One component of a path: "glibc-hwcaps", "x86-64-v3", "tls", or the target's own platform name.
[[nodiscard]] bool is_hwcaps_directory(std::string_view name, const Libc& libc);

}  // namespace abiscope::target
