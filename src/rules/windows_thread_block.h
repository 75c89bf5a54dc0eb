// Fields of Windows' thread environment block on x86-64, which code for Windows reaches through gs.
#pragma once

#include <cstdint>
#include <string_view>

namespace abiscope::rules {

// Empty for an offset that is no field's.
[[nodiscard]] std::string_view thread_block_field(std::uint64_t offset);

}  // namespace abiscope::rules
