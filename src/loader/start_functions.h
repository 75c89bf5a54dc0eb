// Functions that run whenever the program is started, though no code calls them: what the start code hands over, and initialisers.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "elf/image.h"
#include "elf/sections.h"

namespace abiscope::loader {

// Addresses: the entry point, DT_INIT, and what .preinit_array and .init_array hold. A static program has no dynamic section: its tables
// are found by their sections.
[[nodiscard]] std::set<std::uint64_t> start_functions(const elf::Image& image, const std::vector<elf::Section>& sections);

}  // namespace abiscope::loader
