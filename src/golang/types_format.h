// Offsets in type descriptors, by pointer size, and the flags that changed their place. Source: internal/abi/type.go (before 1.21
// runtime/type.go); tests/unit/golang holds them against data/go.
#pragma once

#include <cstdint>

#include "golang/release.h"

namespace abiscope::golang {

// abi.Type: Size_, PtrBytes, Hash, TFlag, Align_, FieldAlign_, Kind_, Equal, GCData, Str, PtrToThis.
struct TypeOffsets {
    unsigned pointer_bytes, hash, flags, alignment, field_alignment, kind, text, pointer_to_this, size;
};
[[nodiscard]] constexpr TypeOffsets type_offsets(unsigned word) {
    return {.pointer_bytes = word,
            .hash = 2 * word,
            .flags = 2 * word + 4,
            .alignment = 2 * word + 5,
            .field_alignment = 2 * word + 6,
            .kind = 2 * word + 7,
            .text = 4 * word + 8,
            .pointer_to_this = 4 * word + 12,
            .size = 4 * word + 16};
}

inline constexpr std::uint8_t kind_mask = 0x1f;
inline constexpr std::uint8_t type_flag_uncommon = 1;
inline constexpr std::uint8_t type_flag_extra_star = 2;
inline constexpr std::uint8_t type_flag_named = 4;

inline constexpr std::uint8_t name_flag_exported = 1;
inline constexpr std::uint8_t name_flag_tag = 2;
inline constexpr std::uint8_t name_flag_package = 4;
inline constexpr std::uint8_t name_flag_embedded = 8;   // from 1.19 on; before it the low bit of the field's offset says so

inline constexpr unsigned uncommon_size = 16;            // PkgPath, Mcount, Xcount, Moff, unused
inline constexpr unsigned method_size = 16;              // Name, Mtyp, Ifn, Tfn
inline constexpr unsigned interface_method_size = 8;     // Name, Typ
inline constexpr std::uint16_t variadic_bit = 0x8000;    // of OutCount

inline constexpr Release names_with_varint{17};          // before: two bytes, the high one first
inline constexpr Release plain_field_offsets{19};

}  // namespace abiscope::golang
