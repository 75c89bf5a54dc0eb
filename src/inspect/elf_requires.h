// What an ELF file asks of the machine it runs on: library versions with the symbols that ask for them, instruction-set level, kernel.
#pragma once

#include <vector>

#include "elf/image.h"
#include "elf/imports.h"
#include "elf/notes.h"
#include "elf/versions.h"
#include "inspect/card.h"

namespace abiscope::inspect {

// Libraries in the order of the file, the versions of each from the oldest to the newest; symbols sorted. `imports` may be empty: versions
// are then listed without their symbols.
[[nodiscard]] std::vector<VersionRequirement> elf_version_requirements(const elf::Versions& versions,
                                                                       const std::vector<elf::Import>& imports);

// libc_min and libc_because, from the versions: the newest GLIBC_x.y that is not weak.
void set_libc_minimum(Card& card);

// "x86-64-v2" when a GNU property note declares it.
[[nodiscard]] std::string declared_isa(const elf::KnownNotes& notes);

// "Linux 3.2.0", by NT_GNU_ABI_TAG; empty when absent.
[[nodiscard]] std::string elf_os_minimum(const elf::KnownNotes& notes);

}  // namespace abiscope::inspect
