// Text in long runs of bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace abiscope::text {

// Where `wanted` first stands at or after `from`; npos: nowhere. By memmem(3), which goes over a binary several times as fast as
// std::string_view::find: that one stops at each place that has the first byte.
[[nodiscard]] std::size_t find(std::string_view text, std::string_view wanted, std::size_t from = 0);

[[nodiscard]] inline bool contains(std::string_view text, std::string_view wanted) { return find(text, wanted) != std::string_view::npos; }

}  // namespace abiscope::text
