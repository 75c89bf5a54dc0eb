// Where the bytes of a type lie under a profile, and why. Pure: the same table, type and profile give the same answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/profile.h"
#include "abi/type.h"
#include "base/result.h"

namespace abiscope::abi {

enum class Role : std::uint8_t { member, bit_field, base, virtual_base, vfptr, vbptr, vtordisp, discriminant };

// One thing placed in a record. Offsets count bits from the start of the record, bit 0 being the lowest of byte 0 on a little-endian
// machine.
struct Placed {
    Role role = Role::member;
    std::string name;                    // of the member; the type's name for a base
    TypeId type = TypeId::none;
    std::uint64_t bit_offset = 0;
    std::uint64_t bit_size = 0;          // 0: an empty base, a zero-sized or flexible member
    std::uint32_t alignment = 1;         // bytes it was aligned to
    std::optional<std::uint32_t> index;  // in Record::fields or Record::bases
};

// Why there are bytes that hold nothing.
enum class PaddingReason : std::uint8_t {
    member_alignment,        // the next member needs its alignment
    record_tail,             // the size is a multiple of the alignment, so that arrays work
    bit_field_unit,          // the next bit-field does not fit into what is left of its unit
    bit_field_end,           // left over in the unit; nothing may use it here
    zero_width_bit_field,    // `int : 0` closed the unit
    unnamed_bit_field,       // `int : 3`, declared as padding
    empty_record,            // an object has at least one byte
    go_trailing_zero_size,   // a pointer to a final zero-size field must not point past the object
    base_tail,               // of a base that is POD for the purpose of layout: not reused
    vbase_alignment,
    other,
};

struct Padding {
    std::uint64_t bit_offset = 0;
    std::uint64_t bit_size = 0;
    PaddingReason reason = PaddingReason::other;
    std::string before;                  // the member that causes it; empty at the end
    std::uint32_t alignment = 0;         // bytes that it needs
    std::string rule;                    // document and section: "SysV AMD64 psABI 3.1.2"
};

struct Layout {
    std::uint64_t size = 0;              // bytes
    std::uint64_t alignment = 1;         // bytes
    std::uint64_t data_size = 0;         // bytes without tail padding that others may use (Itanium dsize)
    std::uint64_t nonvirtual_size = 0;   // bytes (Itanium nvsize)
    std::uint64_t nonvirtual_alignment = 1;
    std::vector<Placed> placed;          // by offset, then in the order of declaration
    std::vector<Padding> padding;        // by offset
};

// Errors: bad_value for a type that cannot be laid out (incomplete, a cycle by value, sizes that do not fit 63 bits), unsupported for what
// the profile does not have (`__int128` on i386); never a guess.
[[nodiscard]] Result<Layout> lay_out(const TypeTable& types, TypeId type, const Profile& profile);

}  // namespace abiscope::abi
