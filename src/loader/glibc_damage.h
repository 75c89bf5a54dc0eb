// Damage that glibc's loader does not look for, and stumbles over in ways that depend on what lies behind it in memory.
#pragma once

#include <optional>
#include <string_view>

#include "elf/image.h"

namespace abiscope::loader {

// What is not known of a file that is damaged so; nothing for all that linkers make.
[[nodiscard]] std::optional<std::string_view> damaged(const elf::Image& image);

}  // namespace abiscope::loader
