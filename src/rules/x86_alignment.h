// Which x86 instructions fault for the alignment of an operand, and which only the kernel may execute.
#pragma once

#include <cstdint>

#include "disasm/instruction.h"

namespace abiscope::rules {

// Bytes the operand's address must be a multiple of; 0: any address will do.
[[nodiscard]] std::uint32_t required_alignment(const disasm::Instruction& instruction, std::size_t operand);

[[nodiscard]] bool is_privileged(const disasm::Instruction& instruction);

// Whether the processor may refuse it without an access to memory, and to a program as well: for a selector, the number of a register, or
// how the kernel has set it up (Intel SDM volume 2, "64-Bit Mode Exceptions": #GP).
[[nodiscard]] bool is_refused_by_state(const disasm::Instruction& instruction);

}  // namespace abiscope::rules
