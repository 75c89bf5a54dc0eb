// The calling conventions that debug information records of types of functions.
#pragma once

#include <cstdint>

#include "abi/type.h"

namespace abiscope::diff {

inline constexpr std::uint64_t usual_convention = 1;   // DWARF 5, section 7.15, DW_CC_normal: that of the ABI

// What is not recorded is the usual one.
[[nodiscard]] inline std::uint64_t convention_of(const abi::Function& function) {
    return function.calling_convention.value_or(usual_convention);
}

}  // namespace abiscope::diff
