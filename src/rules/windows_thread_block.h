// Fields of Windows' thread environment block, which code for Windows reaches through gs on x86-64 and through fs on i386.
#pragma once

#include <cstdint>
#include <string_view>

namespace abiscope::rules {

// Empty for an offset that is no field's.
[[nodiscard]] std::string_view thread_block_field(std::uint64_t offset, bool wide = true);

}  // namespace abiscope::rules
