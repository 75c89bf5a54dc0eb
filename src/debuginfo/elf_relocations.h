// Relocations of object files in their debug sections: what a linker would do with an address of 0 for every section.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "elf/image.h"
#include "elf/sections.h"

namespace abiscope::debuginfo {

enum class Patch : std::uint8_t { none, set, add, subtract, relative, set_leb, subtract_leb };

struct RelocationKind {
    std::uint32_t type = 0;
    Patch patch = Patch::none;
    std::uint8_t bits = 0;   // of the field: 6, 8, 16, 32 or 64
};

// What to do with a type of that machine; nothing for one that is not known.
[[nodiscard]] std::optional<RelocationKind> relocation_kind(std::uint16_t machine, std::uint32_t type);

// The relocation sections of each section, by its number.
using RelocationSections = std::unordered_multimap<std::size_t, const elf::Section*>;
[[nodiscard]] RelocationSections relocation_sections(const std::vector<elf::Section>& sections);

// Applies one relocation section to the contents of its target. The number of relocations that could not be applied: of an unknown type, or
// outside the section.
[[nodiscard]] std::uint64_t apply_relocations(const elf::Image& image, const std::vector<elf::Section>& sections,
                                              const elf::Section& relocations, std::span<std::byte> contents);

}  // namespace abiscope::debuginfo
