// What changed in names: the file's own, libraries, version nodes, symbols. No types.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "diff/compare.h"

namespace abiscope::diff {

// Symbols of both files that stand for the same thing: places in Surface::symbols.
using SymbolPairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

// "foo@V1"; of a PE export without a name "ordinal 7".
[[nodiscard]] std::string symbol_words(const surface::Symbol& symbol);

// "function", "variable", "symbol".
[[nodiscard]] std::string kind_words(const surface::Symbol& symbol);

void compare_files(const surface::Surface& old, const surface::Surface& now, std::vector<Change>& into);

// Fills Comparison::symbols.
[[nodiscard]] SymbolPairs compare_symbols(const surface::Surface& old, const surface::Surface& now, const Options& options,
                                          Comparison& into);

}  // namespace abiscope::diff
