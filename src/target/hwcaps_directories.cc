#include "target/hwcaps_directories.h"

#include <algorithm>
#include <array>

namespace abiscope::target {

namespace {

constexpr std::array<std::string_view, 10> named{"glibc-hwcaps", "x86-64-v2", "x86-64-v3", "x86-64-v4", "power9",
                                                 "power10",      "z13",       "z14",       "z15",       "z16"};
constexpr std::array<std::string_view, 10> legacy{"tls",  "x86_64", "haswell", "xeon_phi", "avx512_1",
                                                  "i686", "sse2",   "atomics", "vfp",      "neon"};

}  // namespace

bool is_hwcaps_directory(std::string_view name, const Libc& libc) {
    return std::ranges::find(named, name) != named.end() || std::ranges::find(legacy, name) != legacy.end() ||
        (!name.empty() && name == libc.platform_token);
}

}  // namespace abiscope::target
