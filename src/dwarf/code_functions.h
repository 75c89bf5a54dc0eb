// The function at an address and the calls that were put into it (DWARF 5, section 3.3.8), out of the entries of one unit.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dwarf/code_ranges.h"
#include "dwarf/entry.h"

namespace abiscope::dwarf {

struct InlinedCall {
    EntryRef entry;                    // the DW_TAG_inlined_subroutine
    std::string_view function;         // as function_name() says it
    std::uint32_t file = 0;            // of the call, into the files of the unit's line table
    std::uint32_t line = 0;            // 0: not known
    std::uint32_t column = 0;
};

struct CodeFunction {
    EntryRef entry;                    // the DW_TAG_subprogram; nothing where no function is known
    std::string_view name;
    std::uint64_t low = 0;             // of the range that holds the address
    std::vector<InlinedCall> inlined;  // innermost first
};

// For each of the sorted addresses. `unit` has the entries: not a skeleton.
[[nodiscard]] std::vector<CodeFunction> find_functions_at(EntryReader& reader, const Unit& unit, std::span<const std::uint64_t> addresses);

// DW_AT_linkage_name, or DW_AT_name, of a function or of what it completes or is a copy of; empty where it has none.
[[nodiscard]] std::string_view function_name(EntryReader& reader, const Entry& function);

// The entry that says what this one leaves out: its abstract origin or specification, in `limits` steps.
[[nodiscard]] bool follow_origin(EntryReader& reader, const Entry& from, Entry& into);

}  // namespace abiscope::dwarf
