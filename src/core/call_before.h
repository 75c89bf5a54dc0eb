// The call in front of a return address.
#pragma once

#include <cstdint>
#include <optional>

#include "core/memory.h"
#include "disasm/decoder.h"

namespace abiscope::core {

// Of x86: what the bytes in front of `address` are when they are a CALL that ends there; nothing when they are none.
[[nodiscard]] std::optional<disasm::Flow> call_flow_before(const Memory& memory, const disasm::Decoder& decoder, std::uint64_t address);

}  // namespace abiscope::core
