// Which scalars are integers, and which of them are signed.
#pragma once

#include <cstdint>

#include "abi/type.h"

namespace abiscope::diff {

[[nodiscard]] constexpr bool is_integer(abi::Scalar scalar) {
    switch (scalar) {
        case abi::Scalar::void_:
        case abi::Scalar::half:
        case abi::Scalar::bfloat16:
        case abi::Scalar::float_:
        case abi::Scalar::double_:
        case abi::Scalar::long_double:
        case abi::Scalar::float128:
        case abi::Scalar::null_pointer: return false;
        default: return true;
    }
}

[[nodiscard]] constexpr bool is_signed(const abi::Type& type) {
    switch (type.scalar) {
        case abi::Scalar::character: return !type.unsigned_character;
        case abi::Scalar::signed_char:
        case abi::Scalar::short_:
        case abi::Scalar::int_:
        case abi::Scalar::long_:
        case abi::Scalar::long_long:
        case abi::Scalar::int128:
        case abi::Scalar::fixed_signed:
        case abi::Scalar::bit_int:
        case abi::Scalar::word: return true;
        default: return false;
    }
}

// IEEE 754 binary16 to binary128, and what is none of them.
enum class FloatFormat : std::uint8_t { none, half, bfloat16, single_, double_, x87, quad };

[[nodiscard]] constexpr FloatFormat float_format(const abi::Type& type, bool x87) {
    switch (type.scalar) {
        case abi::Scalar::half: return FloatFormat::half;
        case abi::Scalar::bfloat16: return FloatFormat::bfloat16;
        case abi::Scalar::float_: return FloatFormat::single_;
        case abi::Scalar::double_: return FloatFormat::double_;
        case abi::Scalar::float128: return FloatFormat::quad;
        case abi::Scalar::long_double:
            if (type.observed.size == 8) return FloatFormat::double_;
            return x87 ? FloatFormat::x87 : FloatFormat::quad;
        default: return FloatFormat::none;
    }
}

}  // namespace abiscope::diff
