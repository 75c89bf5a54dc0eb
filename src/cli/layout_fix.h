// `layout --fix`: the better orders of members as a patch of the file that declares them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/layout_answer.h"

namespace abiscope::cli {

struct LayoutFix {
    struct Changed {
        std::string title;          // struct S
        std::string profile;
        std::uint64_t before = 0;   // bytes
        std::uint64_t after = 0;
    };
    struct Kept {
        std::string title;
        std::uint32_t line = 0;
        std::string because;
    };
    std::string patch;              // empty: nothing to change
    std::vector<Changed> changed;
    std::vector<Kept> kept;         // types with a better order that the text cannot be given
};

// By the first profile of each type; under none of the others may it take more. Error unsupported for what is no file in C or Go.
[[nodiscard]] Result<LayoutFix> fix_layouts(const LayoutAnswer& answer, const NamedSource& from, const std::string& file);

}  // namespace abiscope::cli
