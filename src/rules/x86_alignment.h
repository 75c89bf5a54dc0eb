// Which x86 instructions fault for the alignment of an operand, and which only the kernel may execute.
#pragma once

#include <cstdint>

#include "disasm/instruction.h"

namespace abiscope::rules {

// Bytes the operand's address must be a multiple of; 0: any address will do.
[[nodiscard]] std::uint32_t required_alignment(const disasm::Instruction& instruction, std::size_t operand);

[[nodiscard]] bool is_privileged(const disasm::Instruction& instruction);

}  // namespace abiscope::rules
