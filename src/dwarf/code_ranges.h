// Which addresses an entry covers: DW_AT_low_pc and DW_AT_high_pc, or DW_AT_ranges (DWARF 5, section 2.17), in every form of versions 2
// to 5.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dwarf/debug.h"

namespace abiscope::dwarf {

struct CodeRange {
    std::uint64_t low = 0;
    std::uint64_t high = 0;            // behind the last byte

    [[nodiscard]] bool holds(std::uint64_t address) const { return address >= low && address < high; }
    friend bool operator==(const CodeRange&, const CodeRange&) = default;
};

// An entry of .debug_addr, by its number; nothing outside the section.
[[nodiscard]] std::optional<std::uint64_t> indexed_address(const Debug& debug, const Unit& unit, std::uint64_t index);

// An attribute of class address.
[[nodiscard]] std::optional<std::uint64_t> address_of(const Debug& debug, const Unit& unit, const Attributes& attributes, Slot slot);

// What the offsets of the unit's lists count from: its DW_AT_low_pc. Of a unit that Debug loaded lazily.
[[nodiscard]] std::uint64_t base_address(const Debug& debug, const Unit& unit);

// Appends the ranges of an entry, empty ones left out. What is damaged ends the list.
void read_code_ranges(const Debug& debug, const Unit& unit, const Attributes& attributes, std::uint64_t base, std::vector<CodeRange>& out);

}  // namespace abiscope::dwarf
