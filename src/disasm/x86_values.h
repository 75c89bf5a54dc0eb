// What is known of an x86 program's registers on the way: enough to tell which way a test of the CPU goes on a CPU that lacks a feature.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "disasm/features.h"
#include "disasm/instruction.h"
#include "disasm/known_bits.h"
#include "disasm/x86_stack.h"

namespace abiscope::disasm {

// Where the CPU's bits come from, and where values go.
struct X86World {
    FeatureSet lacking;
    std::function<KnownBits(std::uint64_t address, unsigned size)> load;                            // memory at a fixed address
    std::function<void(std::uint64_t address, unsigned size, const KnownBits& value)> stored;       // may be empty
    std::function<void(std::uint64_t address)> taken;   // an address that is calculated or written down; may be empty
    unsigned stack_word = 0;        // bytes of one that is pushed; 0: nothing is kept of the stack
};

class X86Values {
public:
    // Registers and flags after `instruction`.
    void step(const Instruction& instruction, const X86World& world);

    // Into a function that is called, and back to behind the call.
    void enter(const X86World& world);
    void leave(const X86World& world);

    // A call came back with this in RAX.
    void set_result(const KnownBits& value) { registers_[0] = value; }

    // All of a register, by the name of its 64 bits. What is none is left alone.
    void set(std::string_view reg, const KnownBits& value);

    // Whether a conditional jump ("jz"), set or move with this mnemonic is taken, where that is known.
    [[nodiscard]] std::optional<bool> condition(std::string_view mnemonic) const;

    // What a register holds, by the name of any part of it, where all of it is known.
    [[nodiscard]] std::optional<std::uint64_t> value_of(std::string_view reg) const;
    // What an instruction would read there.
    [[nodiscard]] KnownBits read(const Operand& operand, const X86World& world) const;
    [[nodiscard]] const std::array<KnownBits, 16>& registers() const { return registers_; }  // in the order of their numbers; 0 is RAX

    // Only what both agree on.
    [[nodiscard]] X86Values met(const X86Values& other) const;
    friend bool operator==(const X86Values&, const X86Values&) = default;

private:
    struct Flags {
        std::optional<bool> zero, carry, sign, overflow;
        friend bool operator==(const Flags&, const Flags&) = default;
    };

    [[nodiscard]] KnownBits bits_of_address(const MemoryOperand& memory) const;      // without that of a segment
    [[nodiscard]] std::optional<std::uint64_t> address_of(const MemoryOperand& memory) const;
    void write(const Operand& operand, const KnownBits& value, const X86World& world);
    void set_result_flags(const KnownBits& value, unsigned size);
    [[nodiscard]] bool move_stack(const Instruction& instruction, const X86World& world);
    [[nodiscard]] bool compute(const Instruction& instruction, const X86World& world);
    void ask_cpuid(const X86World& world);

    std::array<KnownBits, 16> registers_{};
    Flags flags_;
    X86Stack stack_;
};

}  // namespace abiscope::disasm
