// Headers whose types are others than in those that clang brings along, and reads a text with: GCC's own, and of the C library what a
// few lines without an #include are given.
#pragma once

#include <string>
#include <vector>

#include "abi/profile.h"

namespace abiscope::source {

struct CompilerHeader {
    std::string name;   // as in #include
    std::string text;
};

// `freestanding`: clang's own <stdint.h> is read, and no C library's.
[[nodiscard]] std::vector<CompilerHeader> compiler_headers(const abi::Profile& profile, bool freestanding);

}  // namespace abiscope::source
