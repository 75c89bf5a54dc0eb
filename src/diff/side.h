// One of the two builds that are compared.
#pragma once

#include "abi/profile.h"
#include "surface/surface.h"

namespace abiscope::diff {

struct Side {
    const surface::Surface& surface;
    const abi::Profile* profile = nullptr;   // null where there is none
};

}  // namespace abiscope::diff
