// Writing into an open file, in which pages of zeros take no room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace abiscope {

// All of the bytes at that offset of a file that has nothing there yet: pages of zeros become holes, what lies between them is written at
// once. The file may stay shorter than it should where the last page is one. 0, or the errno of the call that failed.
[[nodiscard]] int write_but_zeros(int descriptor, std::span<const std::byte> bytes, std::uint64_t offset);

}  // namespace abiscope
