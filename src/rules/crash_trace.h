// Where the value of a register came from, as far as the straight line of code before the crash tells.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/crash.h"

namespace abiscope::rules {

struct Definition {
    std::string words;                 // "mov rax, [rbp-0x8] loaded it from 0x7ffc...": empty: not known
    std::string null_register;         // "rdx was 0 before add rdx, rax": the pointer that was null, where one was added to
};

// The last instruction that wrote `reg` before the fault, when no branch can have come between. Values are checked against memory and
// registers.
[[nodiscard]] Definition last_definition(core::Crash& crash, std::string_view reg);

// The place in memory that the value of `reg` at the instruction `pc` was loaded from, through registers, constants that were added and
// earlier loads of the straight line of code before it. Each load is confirmed by what memory holds; nothing where one is not.
struct LoadedFrom {
    std::uint64_t slot = 0;
    std::optional<std::uint64_t> base;   // the pointer that led there, before any constant was added to it; nothing: not known
    bool moved = false;                  // the function adds to that pointer somewhere: it may have gone from one object to the next
};
[[nodiscard]] std::optional<LoadedFrom> loaded_from(core::Crash& crash, std::uint64_t pc, std::string_view reg);
// The same of an operand of the instruction there, whose registers are those of the fault.
[[nodiscard]] LoadedFrom loaded_from(core::Crash& crash, std::uint64_t pc, const disasm::MemoryOperand& memory, std::uint64_t slot);

// What `reg` held at the call that has led here, by what the instructions before took it from: a constant, a place in memory, or a register
// whose value is the one it has now. Nothing where they do not tell.
struct HeldBefore {
    std::uint64_t value = 0;
    std::string from_register;  // empty: a constant or memory
};
[[nodiscard]] std::optional<HeldBefore> held_before_call(core::Crash& crash, const disasm::Instruction& call, std::string_view reg);

// Whether the function around `pc` somewhere loads a pointer from that far behind another one, as a loop over a list does. What it was
// loaded through is gone where it was put in the same register.
[[nodiscard]] bool loads_links(core::Crash& crash, std::uint64_t pc, std::int64_t displacement);

// The instructions of the function that faulted, from its start up to the one that faulted; empty when that does not lead there.
[[nodiscard]] std::vector<disasm::Instruction> instructions_before(core::Crash& crash, std::uint64_t pc, std::size_t most = 4096);

// Whether it writes the register that `whole` names.
[[nodiscard]] bool writes(const core::Registers& registers, const disasm::Instruction& instruction, std::string_view whole);

// Of the instructions before the one at `pc` the first from which on control can only have come down to it: no branch leads away or in
// between. code.size() when that is not known.
[[nodiscard]] std::size_t straight_line(core::Crash& crash, std::uint64_t pc, const std::vector<disasm::Instruction>& code);

// The CALL in front of a return address.
[[nodiscard]] std::optional<disasm::Instruction> call_before(core::Crash& crash, std::uint64_t return_address);

}  // namespace abiscope::rules
