// Which records cross the boundary of a program: everything whose bytes somebody on the other side of an exported symbol may read or write,
// by value or behind a pointer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "surface/surface.h"

namespace abiscope::surface {

struct Crossing {
    std::vector<std::uint32_t> symbols;  // indices into Surface::symbols, ascending: the first few that lead to the record
    bool more = false;  // there are others
};

inline constexpr std::size_t most_crossing_symbols = 3;

struct CrossingRecords {
    std::map<std::string, Crossing, std::less<>> whole;  // by name; records without one are part of one that has
    // Only declared, as far as debug information goes: nobody outside looks into them, or their definition was left out (clang leaves out
    // those of C++ that a file does not need itself, unless told -fstandalone-debug).
    std::map<std::string, Crossing, std::less<>> declared_only;
};
[[nodiscard]] CrossingRecords crossing_records(const Surface& surface);

// Functions and variables, not what compilers made, of which debug information does not say what they are: what crosses there is not known.
[[nodiscard]] std::vector<std::uint32_t> undescribed_symbols(const Surface& surface);

}  // namespace abiscope::surface
