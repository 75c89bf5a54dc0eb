// One decoded instruction, the same for every architecture.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "disasm/features.h"

namespace abiscope::disasm {

// Intel and AT&T differ on x86 only. `none`: no text is made, which most of decoding is.
enum class Syntax : std::uint8_t { intel, att, none };

// Where control goes. `trap` never goes on (UD2, HLT, BRK, an undefined encoding meant as such); `system_call` comes back.
enum class BranchKind : std::uint8_t {
    none,
    jump,
    conditional_jump,
    call,
    indirect_jump,
    indirect_call,
    function_return,
    system_call,
    trap,
};

[[nodiscard]] std::string_view to_string(BranchKind kind);

// The control flow of an instruction and nothing else: cheap.
struct Flow {
    std::uint8_t length = 0;
    BranchKind branch = BranchKind::none;
    std::optional<std::uint64_t> target;    // of a direct branch
    std::optional<std::uint64_t> slot;      // of an indirect one through memory at a known address: where the target is stored

    // Whether the next instruction in memory can be the next one executed (after a call: when it returns).
    [[nodiscard]] bool falls_through() const {
        return branch != BranchKind::jump && branch != BranchKind::indirect_jump && branch != BranchKind::function_return &&
            branch != BranchKind::trap;
    }
};

// Register names are those of the architecture's assembler, in lower case ("rax", "fs", "x0"); empty where there is none. The
// address is segment base + base + index * scale + displacement.
struct MemoryOperand {
    std::string_view segment;   // only where it changes the address: "fs" and "gs" in 64-bit mode
    std::string_view base;
    std::string_view index;
    std::uint8_t scale = 1;
    std::int64_t displacement = 0;
    std::optional<std::uint64_t> address;   // known without any register but the program counter
    bool access = true;         // false where the address is only computed (LEA, NOP)
};

struct Operand {
    enum class Kind : std::uint8_t { reg, immediate, memory } kind = Kind::reg;
    bool read = false;
    bool write = false;
    bool implicit = false;          // not written in the text: the stack of a PUSH, RAX of a MUL
    std::uint32_t size = 0;         // bytes read or written; 0 where the decoder does not say
    std::string_view reg;
    std::int64_t immediate = 0;     // of a direct branch: the target address
    MemoryOperand memory;
};

struct Instruction {
    std::uint64_t address = 0;
    std::vector<std::byte> bytes;
    std::string mnemonic;           // "vpaddd"
    std::string text;               // "vpaddd ymm0, ymm1, ymm2"
    Flow flow;
    Needs needs;                    // nothing: the baseline of the architecture, or not known for it
    std::vector<Operand> operands;

    [[nodiscard]] std::size_t length() const { return bytes.size(); }
};

}  // namespace abiscope::disasm
