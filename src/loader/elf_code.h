// The executable code of an ELF file, as disasm/ wants it.
#pragma once

#include <optional>
#include <vector>

#include "disasm/code.h"
#include "elf/image.h"
#include "elf/sections.h"
#include "loader/go_functions.h"

namespace abiscope::loader {

// Nothing for machines that disasm/ has no name for.
[[nodiscard]] std::optional<disasm::Architecture> code_architecture(const elf::Image& image);

// Executable sections where there are section headers (a segment may hold constants beside its code), else executable segments. Functions
// come from the symbol tables, where there are none from Go's table of functions, from the unwind tables and the entry point. The names
// stay valid as long as the image.
[[nodiscard]] std::optional<disasm::Code> elf_code(const elf::Image& image, const std::vector<elf::Section>& sections, GoTables& go);

}  // namespace abiscope::loader
