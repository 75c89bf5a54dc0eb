// Where a member lies, in each of the ways DWARF 2 to 5 say it.
#pragma once

#include <cstdint>
#include <optional>

#include "dwarf/entry.h"

namespace abiscope::dwarf {

// Byte offset of DW_AT_data_member_location, constant or expression; 0 when the attribute is missing (section 5.7.6). Nothing when the
// place is not fixed: a virtual base, whose offset stands in the vtable.
[[nodiscard]] std::optional<std::uint64_t> byte_place(const Debug& debug, const Entry& member);

// Bit offset of a member from the start of its record, counted the way the target counts bits (from the least significant one where it is
// little-endian). `storage` is the size of the member's type in bytes, for DW_AT_bit_offset without DW_AT_byte_size.
[[nodiscard]] std::optional<std::uint64_t> bit_place(const Debug& debug, const Entry& member, std::optional<std::uint64_t> storage);

// Which place of the table of virtual functions a function has (DW_AT_vtable_elem_location), from 0.
[[nodiscard]] std::optional<std::uint64_t> vtable_slot(const Debug& debug, const Entry& function);

// A DW_FORM_data* of an attribute that may be negative, as a signed number of its own width.
[[nodiscard]] std::int64_t signed_number(const Entry& entry, Slot slot);

// A constant that is a number; nothing for an expression or a reference (a bound known only when the program runs).
[[nodiscard]] std::optional<std::uint64_t> constant(const Entry& entry, Slot slot);

}  // namespace abiscope::dwarf
