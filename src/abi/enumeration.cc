// How wide an enumeration is: C23 6.7.3.3, C++23 [dcl.enum], and the compilers' attribute packed.
#include <algorithm>
#include <limits>

#include "abi/layout_engine.h"

namespace abiscope::abi {

namespace {

bool fits(const Enumeration& enumeration, std::uint32_t bytes) {
    std::uint32_t bits = bytes * 8;
    if (enumeration.least < 0) {
        std::int64_t least = bits == 64 ? std::numeric_limits<std::int64_t>::min() : -(std::int64_t{1} << (bits - 1));
        std::uint64_t greatest = (std::uint64_t{1} << (bits - 1)) - 1;
        return enumeration.least >= least && enumeration.greatest <= greatest;
    }
    return bits == 64 || enumeration.greatest <= (std::uint64_t{1} << bits) - 1;
}

}  // namespace

Result<Extent> enumeration_extent(const Enumeration& enumeration, const Type& type, Engine& engine) {
    Extent extent;
    if (enumeration.fixed) {
        ABISCOPE_TRY(extent, engine.extent(type.target));
    } else {
        const LayoutRules& rules = engine.rules();
        bool smallest = enumeration.packed && rules.packed_enum && !enumeration.scoped;
        Scalar scalar = Scalar::int_;
        if (!enumeration.scoped && !rules.enum_always_int) {
            if (smallest && fits(enumeration, 1)) {
                scalar = Scalar::unsigned_char;
            } else if (smallest && fits(enumeration, 2)) {
                scalar = Scalar::unsigned_short;
            } else if (!fits(enumeration, 4)) {
                scalar = Scalar::long_long;
            }
        }
        const ScalarRule& rule = engine.profile().scalar(scalar);
        std::uint32_t alignment = rules.integer_field_alignment_cap != 0 ? rule.alignment : rule.in_record;
        extent = {.size = rule.size, .alignment = alignment, .natural = alignment, .mode = Mode::integer, .capped = true};
    }
    if (type.alignment != 0) {
        ABISCOPE_CHECK(check_alignment(type.alignment));
        if (engine.rules().enum_alignment_raises) {
            if (enumeration.packed && !enumeration.fixed)
                return fail(ErrorCode::unsupported,
                            "GCC heeds attributes packed and aligned of an enumeration by their order, which is not known here");
            if (type.language != Language::cxx) return extent;
            extent.alignment = std::max(type.alignment, extent.alignment);
        } else {
            extent.alignment = extent.natural = type.alignment;
        }
        extent.by_attribute = true;
    }
    return extent;
}

}  // namespace abiscope::abi
