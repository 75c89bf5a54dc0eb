// What of the two builds' machine decides how types relate.
#pragma once

#include <optional>

#include "abi/profile.h"
#include "abi/type.h"

namespace abiscope::diff {

struct Machine {
    bool x87 = false;                    // `long double` is the 80-bit format of x86
    const abi::Profile* old = nullptr;   // null where there is none
    const abi::Profile* now = nullptr;
};

}  // namespace abiscope::diff
