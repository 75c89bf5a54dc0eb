// Structural faults of an ELF file that a loader, a debugger or a later tool would trip over.
#pragma once

#include "elf/image.h"
#include "elf/versions.h"
#include "finding/sink.h"

namespace abiscope::inspect {

void check_elf(const elf::Image& image, const elf::Versions& versions, finding::Sink& sink);

}  // namespace abiscope::inspect
