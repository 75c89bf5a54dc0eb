// The first instructions at an address.
#pragma once

#include <optional>
#include <vector>

#include "bytes/endian.h"
#include "bytes/view.h"
#include "disasm/architecture.h"
#include "inspect/card.h"

namespace abiscope::inspect {

// Up to five, from the start of `code`. Empty when the architecture is not known, no library decodes it, or the bytes do not decode.
// `order` where it is not the architecture's usual one.
[[nodiscard]] std::vector<Instruction> first_instructions(std::optional<disasm::Architecture> architecture, View code,
                                                          std::uint64_t address, std::optional<Endian> order = {});

}  // namespace abiscope::inspect
