// Where an ELF program starts, in every way of counting, and each way that can be wrong.
#pragma once

#include "elf/image.h"
#include "elf/sections.h"
#include "finding/sink.h"
#include "inspect/inspect.h"

namespace abiscope::inspect {

// Nothing for files that have no entry point to speak of (objects, core dumps, libraries with e_entry 0).
[[nodiscard]] std::optional<Entry> elf_entry(const elf::Image& image, const std::vector<elf::Section>& sections, const Linkage& linkage,
                                             const Options& options, finding::Sink& sink);

}  // namespace abiscope::inspect
