// What the instruction that faulted was doing: its operands with the addresses they had.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/process.h"
#include "core/unwind.h"
#include "disasm/instruction.h"

namespace abiscope::core {

// A memory operand with its registers filled in.
struct Access {
    std::size_t operand = 0;           // index into Instruction::operands
    std::uint64_t address = 0;
    std::uint32_t size = 0;            // bytes
    bool read = false;
    bool write = false;
    bool stack = false;                // made by PUSH, CALL, POP or RET themselves
    std::optional<std::uint64_t> base;         // value of the base register
    std::optional<std::uint64_t> index;        // value of the index register, not scaled
    std::uint64_t segment_base = 0;

    [[nodiscard]] bool touches(std::uint64_t place) const { return place >= address && place - address < (size == 0 ? 1 : size); }
};

struct Fault {
    SignalInfo signal;
    Registers registers;
    std::uint64_t context = 0;         // address of the ucontext the registers are from; 0: NT_PRSTATUS
    bool of_goroutine = false;         // `context` is in Go's runtime.g, which keeps the signal but no registers
    std::optional<std::uint64_t> trap;
    std::optional<std::uint64_t> error_code;
    std::optional<std::uint64_t> fault_address;
    std::uint64_t pc = 0;
    bool pc_mapped = false;
    bool pc_executable = false;
    std::vector<std::byte> code;       // from pc on, at most 16 bytes; empty: not known
    Origin code_origin = Origin::unknown;
    std::optional<disasm::Instruction> instruction;
    std::vector<Access> accesses;
    bool every_access_known = true;    // false: an operand's address could not be computed
};

// A SIGSEGV whose record is not there has the one address that the instruction uses and may not, if there is only one; a SIGFPE is a
// division by zero where the divisor is 0: `signal.inferred`. `extended`: NT_X86_XSTATE of the thread.
[[nodiscard]] Fault read_fault(const Process& process, const SignalInfo& signal, const Registers& registers, View extended = {});
[[nodiscard]] Fault read_fault(const Process& process, const SignalContext& context);

// For a fault whose signal has no record and is no page fault: the code of the one exception that the instruction can raise, where it can
// raise that signal at all. Whether it did is for the rule of that exception.
void infer_exception(const Process& process, Fault& fault);

// What an instruction of x86 divides by: DIV and IDIV have one operand that is written out.
struct Divisor {
    std::size_t operand = 0;
    std::uint64_t value = 0;
    std::uint32_t size = 0;            // bytes
    std::uint64_t address = 0;         // in memory; 0: a register
};
// Nothing where the instruction divides nothing, or its operand is not known.
[[nodiscard]] std::optional<Divisor> divisor_of(const Process& process, const Fault& fault);

// Whether the instruction cannot have been executed without a fault at that address.
[[nodiscard]] bool must_fault_at(const Process& process, const Fault& fault, std::uint64_t address);

// Whether the thread stands behind an instruction that calls the kernel, and the call's number where the registers hold it.
enum class Answer : std::uint8_t { no, yes, unknown };
[[nodiscard]] Answer system_call_at(const Process& process, const Registers& registers);
[[nodiscard]] std::optional<std::uint64_t> system_call_number(const Registers& registers);

// Decodes what is at `address`, when its bytes are known.
[[nodiscard]] std::optional<disasm::Instruction> decode_at(const Process& process, std::uint64_t address);

// Bits 63 to 47 are equal: what every x86-64 processor accepts as an address.
[[nodiscard]] inline bool is_canonical(std::uint64_t address) {
    std::uint64_t top = address >> 47;
    return top == 0 || top == 0x1ffff;
}

}  // namespace abiscope::core
