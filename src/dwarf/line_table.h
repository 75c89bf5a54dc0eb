// The rows of a line table (DWARF 5, section 6.2): which line an instruction is from. The program is run for the addresses that are
// asked for, and no row is kept.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "dwarf/line_files.h"

namespace abiscope::dwarf {

struct LineRow {
    std::uint64_t address = 0;
    std::uint32_t operation = 0;       // of a VLIW instruction
    std::uint32_t file = 1;            // into LineHeader::files
    std::uint32_t line = 1;            // 0: of no line
    std::uint32_t column = 0;          // 0: not known
    bool is_statement = true;
    bool end_sequence = false;         // `address` is the first behind the sequence
};

// Calls `visit` for each row in the order of the program. Files that the program defines are added to the header's. Errors, after the
// rows before them were visited: truncated, bad_value (a range of 0).
[[nodiscard]] Result<void> run_line_program(LineHeader& header, Endian order, const std::function<void(const LineRow&)>& visit);

// The row each address belongs to: the last one at or before it, in the sequence around it. `addresses` are sorted. A sequence that starts
// at 0 is one that a linker removed.
[[nodiscard]] std::vector<std::optional<LineRow>> find_lines(LineHeader& header, Endian order, std::span<const std::uint64_t> addresses);

}  // namespace abiscope::dwarf
