// binfmt_misc: files that a registered handler takes (search_binfmt_handler() of fs/binfmt_misc.c). The kernel asks it before it looks
// for ELF or #!.
#pragma once

#include <string_view>

#include "bytes/view.h"
#include "target/target.h"

namespace abiscope::loader {

// The first enabled handler that matches, or null. `path` is the file's name as the kernel has it: its extension counts.
[[nodiscard]] const target::BinfmtHandler* find_binfmt(const target::Kernel& kernel, std::string_view path, View file);

}  // namespace abiscope::loader
