// What is known of an x86 program's registers on the way: enough to tell which way a test of the CPU goes on a CPU that lacks a feature.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "disasm/features.h"
#include "disasm/instruction.h"

namespace abiscope::disasm {

// Bits that are known to be 0 and known to be 1; the others may be either.
struct KnownBits {
    std::uint64_t zero = 0;
    std::uint64_t one = 0;

    [[nodiscard]] static KnownBits of(std::uint64_t value) { return {~value, value}; }
    [[nodiscard]] std::optional<std::uint64_t> value() const {
        return (zero | one) == ~std::uint64_t{0} ? std::optional(one) : std::nullopt;
    }
    [[nodiscard]] KnownBits met(const KnownBits& other) const { return {zero & other.zero, one & other.one}; }
    friend bool operator==(const KnownBits&, const KnownBits&) = default;
};

// Where the CPU's bits come from, and where values go.
struct X86World {
    FeatureSet lacking;
    std::function<KnownBits(std::uint64_t address, unsigned size)> load;                            // memory at a fixed address
    std::function<void(std::uint64_t address, unsigned size, const KnownBits& value)> stored;       // may be empty
};

class X86Values {
public:
    // Registers and flags after `instruction`.
    void step(const Instruction& instruction, const X86World& world);

    // A call came back with this in RAX.
    void set_result(const KnownBits& value) { registers_[0] = value; }

    // Whether a conditional jump ("jz"), set or move with this mnemonic is taken, where that is known.
    [[nodiscard]] std::optional<bool> condition(std::string_view mnemonic) const;

    // What a register holds, by the name of any part of it, where all of it is known.
    [[nodiscard]] std::optional<std::uint64_t> value_of(std::string_view reg) const;
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
    [[nodiscard]] KnownBits read(const Operand& operand, const X86World& world) const;
    void write(const Operand& operand, const KnownBits& value, const X86World& world);
    void set_result_flags(const KnownBits& value, unsigned size);
    [[nodiscard]] bool compute(const Instruction& instruction, const X86World& world);
    void ask_cpuid(const X86World& world);

    std::array<KnownBits, 16> registers_{};
    Flags flags_;
};

}  // namespace abiscope::disasm
