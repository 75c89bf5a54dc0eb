// Static, static-pie, dynamic or library: decided from the interpreter, the needed libraries and the relocations together, never from one
// flag. ET_DYN alone says nothing: it is a library, a position-independent program, a static-pie program, and ld.so itself.
#pragma once

#include "elf/image.h"
#include "elf/sections.h"
#include "inspect/card.h"

namespace abiscope::inspect {

[[nodiscard]] Linkage elf_linkage(const elf::Image& image);

// "program", "static program", "static-pie program", "shared library", "object file", "core dump"...
[[nodiscard]] std::string elf_kind(const elf::Image& image, const Linkage& linkage);

}  // namespace abiscope::inspect
