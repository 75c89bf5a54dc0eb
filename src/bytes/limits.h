// How much work one file may cause. Every loop, recursion and allocation whose size a file chooses is bounded by one of these or by
// the file's own size.
#pragma once

#include <cstddef>
#include <cstdint>

namespace abiscope {

struct Limits {
    std::uint32_t depth = 64;                                // nesting: archive in archive, directory trees, type descriptors
    std::uint64_t steps = 50'000'000;                        // records walked in one table
    std::uint64_t decompressed_bytes = std::uint64_t{1} << 30;  // per compressed stream
    std::uint32_t findings = 1000;                           // per subject; the rest is counted
    std::uint32_t libraries = 4096;                          // objects in one closure
    std::uint64_t stream_bytes = std::uint64_t{4} << 30;        // read from standard input or a pipe
};

inline constexpr Limits default_limits{};

}  // namespace abiscope
