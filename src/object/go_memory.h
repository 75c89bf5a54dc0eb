// A program's file as the memory its Go runtime would see at the address it was linked for, with relative relocations applied: ELF's RELA,
// Mach-O's chained fixups. REL, RELR, PE base relocations and dyld's rebases have that value in place already.
#pragma once

#include "elf/image.h"
#include "golang/memory.h"
#include "macho/image.h"
#include "pe/image.h"

namespace abiscope::object {

[[nodiscard]] golang::RangeMemory go_memory(const elf::Image& image);
[[nodiscard]] golang::RangeMemory go_memory(const pe::Image& image);
[[nodiscard]] golang::RangeMemory go_memory(const macho::Image& image);

}  // namespace abiscope::object
