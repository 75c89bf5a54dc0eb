// Which tools made an ELF file, by what they left in it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "elf/image.h"
#include "elf/notes.h"
#include "elf/sections.h"
#include "golang/buildinfo.h"
#include "inspect/card.h"

namespace abiscope::inspect {

[[nodiscard]] std::vector<Producer> elf_producers(const elf::Image& image, const std::vector<elf::Section>& sections,
                                                  const std::vector<elf::Note>& notes);

// "rustc, commit <40 digits>" where read-only data holds a path of Rust's standard library; empty where not.
[[nodiscard]] std::string rust_compiler(View bytes);

// A sign of Go's linker that stripping leaves in.
[[nodiscard]] bool made_by_go(const std::vector<elf::Section>& sections, const std::vector<Producer>& producers);

// By .go.buildinfo, else by a search of the writable segments.
[[nodiscard]] std::optional<golang::BuildInfo> elf_go_build_info(const elf::Image& image, const std::vector<elf::Section>& sections);

}  // namespace abiscope::inspect
