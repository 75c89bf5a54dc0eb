// The instruction-set sweep of an ELF file, as facts for its card.
#pragma once

#include <optional>
#include <vector>

#include "elf/image.h"
#include "elf/sections.h"
#include "inspect/card.h"

namespace abiscope::inspect {

[[nodiscard]] std::optional<IsaSweep> sweep_elf(const elf::Image& image, const std::vector<elf::Section>& sections);

}  // namespace abiscope::inspect
