// The variable and the member behind a guilty operand, where debug information proves them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/crash.h"
#include "disasm/instruction.h"

namespace abiscope::rules {

struct GuiltyVariable {
    std::string pointer;               // the expression whose value the base register holds: "request", "list->head"; empty: not known
    std::string member;                // what was reached for: "request->headers"; empty: not known
    std::string words;                 // "`request->headers` is at offset 0x18 of `struct request`; `request` is null"
};

// When an instruction faulted: the crash's own fault, or one that a runtime made into something else.
struct FaultMoment {
    std::uint64_t pc = 0;
    core::Registers registers;         // as far as they are known
    std::size_t frame = 0;             // index into the stack's items
};

// Of the operand with that base register of the instruction that faulted. `size` in bytes; 0: the
// instruction only tests the pointer. Claims only what follows from where variables lie at that instruction, or from loads in
// the straight line of code before it, whose values memory confirms.
[[nodiscard]] GuiltyVariable guilty_variable(core::Crash& crash, const FaultMoment& moment, const disasm::MemoryOperand& memory,
                                             std::uint32_t size);
[[nodiscard]] GuiltyVariable guilty_variable(core::Crash& crash, const disasm::MemoryOperand& memory, std::uint32_t size);

}  // namespace abiscope::rules
