// What this room has to say about files that are damaged, each with its place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dwarf/sections.h"
#include "finding/finding.h"

namespace abiscope::dwarf {

// A unit, or the rest of one from `offset` of the section on, cannot be read.
[[nodiscard]] finding::Finding unit_damaged(const Sections& sections, SectionId section, std::uint64_t offset, std::string_view why);

// An entry at `offset` points to something that is not there, or to itself.
[[nodiscard]] finding::Finding reference_invalid(const Sections& sections, SectionId section, std::uint64_t offset, std::string_view why);

// The file says that a part of its debug information is in another file, which was not given.
[[nodiscard]] finding::Finding companion_missing(const Sections& sections, std::uint64_t offset, std::string name, std::string_view why);

}  // namespace abiscope::dwarf
