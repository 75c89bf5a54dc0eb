// The variables that are in scope at an address, with their places there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dwarf/entry.h"
#include "dwarf/location.h"

namespace abiscope::dwarf {

struct CodeVariable {
    std::string name;
    EntryRef type;                     // nothing where none is recorded
    Location location;
};

struct CodeVariables {
    std::optional<Location> frame_base;      // of the function
    std::vector<CodeVariable> variables;     // those of the innermost scope last; ones without a place at the address are left out
};

// Parameters and variables of the function whose entry is at `function`, and of the blocks and inlined calls in it, at an address of the
// file.
[[nodiscard]] CodeVariables find_variables_at(EntryReader& reader, EntryRef function, std::uint64_t address);

// The variable outside functions that a unit keeps at an address.
[[nodiscard]] std::optional<CodeVariable> find_global_at(EntryReader& reader, const Unit& unit, std::uint64_t address);

}  // namespace abiscope::dwarf
