// Where a variable is at an address (DWARF 5, section 2.6): the plain cases, which are nearly all of those of pointers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dwarf/debug.h"

namespace abiscope::dwarf {

struct Location {
    enum class Kind : std::uint8_t {
        in_register,     // `number`: the value is the register's
        at_frame,        // at `offset` from the frame base of the function
        at_register,     // at `offset` from register `number`
        at_address,      // `address`, as in the file
        at_canonical_frame,   // at `offset` from the canonical frame address: what frame bases are
    };
    Kind kind = Kind::in_register;
    std::uint64_t number = 0;          // DWARF's of the register
    std::int64_t offset = 0;
    std::uint64_t address = 0;
};

// DW_AT_location or DW_AT_frame_base, an expression or a list, at an address of the file. Of a unit that Debug loaded lazily. Nothing where
// the variable is not there, in pieces, or in a place that takes a computation.
[[nodiscard]] std::optional<Location> location_at(const Debug& debug, const Unit& unit, const Attributes& attributes, Slot slot,
                                                  std::uint64_t address);

// A part of a variable (DW_OP_piece, section 2.6.1.2).
struct LocationPiece {
    std::optional<Location> place;  // nothing: not there, or in a place that takes a computation
    std::uint64_t size = 0;  // bytes; 0: all of it
};

// The same of a variable in pieces, in their order. Empty where the variable is not there. `base` is what the offsets of the unit's lists
// count from, its DW_AT_low_pc.
[[nodiscard]] std::vector<LocationPiece> pieces_at(const Debug& debug, const Unit& unit, const Attributes& attributes, Slot slot,
                                                   std::uint64_t address, std::uint64_t base);

}  // namespace abiscope::dwarf
