// The functions and variables behind the names of a symbol table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dwarf/debug.h"
#include "finding/sink.h"

namespace abiscope::dwarf {

struct SymbolName {
    std::string_view name;                  // as the symbol table has it
    std::optional<std::uint64_t> address;   // of a function: where the debug information counts addresses as the symbol table does
};

// For each name the definition it stands for: by linkage name, by name where it has none, or by its address (the second name of a function,
// a version of it); an empty reference where none is found. Of several, the one that comes first. One walk over all units, in parallel.
[[nodiscard]] std::vector<EntryRef> find_symbols(const Debug& debug, std::span<const SymbolName> names, unsigned threads,
                                                 finding::Sink& sink);

}  // namespace abiscope::dwarf
