// What an ELF file does against being exploited, and which bytes say so.
#pragma once

#include <vector>

#include "elf/image.h"
#include "elf/imports.h"
#include "elf/notes.h"
#include "inspect/card.h"

namespace abiscope::inspect {

[[nodiscard]] std::vector<Hardening> elf_hardening(const elf::Image& image, const Linkage& linkage, const elf::KnownNotes& notes,
                                                   const std::vector<elf::Import>& imports, const std::vector<elf::Section>& sections);

}  // namespace abiscope::inspect
