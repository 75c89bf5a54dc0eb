// The addresses of a gather (AVX2): one for each element, out of a vector of indices.
#pragma once

#include <optional>
#include <vector>

#include "core/fault.h"

namespace abiscope::core {

// Of the elements that the instruction has still to load. `operand`: index of its memory operand; `extended`: NT_X86_XSTATE. Nothing where
// the vectors are not known, as of AVX-512, whose masks lie where no note says.
[[nodiscard]] std::optional<std::vector<Access>> gather_accesses(const Registers& registers, View extended,
                                                                 const disasm::Instruction& instruction, std::size_t operand);

}  // namespace abiscope::core
