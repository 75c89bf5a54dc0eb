// SIGFPE: integer division, and floating-point exceptions that a program has unmasked.
#include <fmt/format.h>

#include "bytes/reader.h"
#include "core/spec.h"
#include "rules/crash_builder.h"
#include "rules/crash_trace.h"

namespace abiscope::rules {

namespace {

std::optional<Cause> division(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::Fault& fault = crash.fault;
    auto divisor = core::divisor_of(crash.process, fault);
    if (!divisor) {
        ask.missing.push_back(fmt::format("FPE_INTDIV, but the divisor of \"{}\" is not known", fault.instruction->text));
        return std::nullopt;
    }
    bool zero = divisor->value == 0;
    CauseBuilder builder(zero ? RuleId::CRASH_DIVIDE_BY_ZERO : RuleId::CRASH_DIVIDE_OVERFLOW, crash);
    const disasm::Operand& operand = fault.instruction->operands[divisor->operand];
    builder.operand(divisor->operand).signal().instruction();
    if (divisor->address != 0)
        builder.memory(divisor->address, divisor->size, fmt::format("the divisor, in memory: {}", hexadecimal(divisor->value)));
    else builder.reg(operand.reg, "the divisor");
    builder.with("function", place_words(crash, fault.pc)).with_address("divisor", divisor->value);
    if (zero) {
        builder.reject("a quotient that does not fit", "the divisor is 0; the code is the same for both");
        builder.help("test the divisor before it is used");
    } else {
        builder.reg("rax").reg("rdx");
        bool is_signed = fault.instruction->mnemonic == "idiv";
        builder.derived(is_signed ? "the quotient does not fit the register: for signed numbers that is the smallest number divided by -1"
                                  : "the quotient does not fit the register: the upper half of the dividend is not less than the divisor");
        builder.reject("a division by zero", fmt::format("the divisor is {}; the code is the same for both", hexadecimal(divisor->value)));
        builder.help(
            is_signed ? "test for the smallest number and -1 before dividing (INT_MIN / -1 has no result)"
                      : "no division of one C integer by another does this: look at the assembly or intrinsic that divides a double word");
    }
    return builder.build();
}

}  // namespace

std::optional<Cause> arithmetic_trap(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::Fault& fault = crash.fault;
    if (fault.signal.number != core::sigfpe || core::is_sent(fault.signal.code)) return std::nullopt;
    if (!disasm::is_x86(crash.process.layout->architecture)) {
        ask.missing.emplace_back("arithmetic traps are explained on x86 only");
        return std::nullopt;
    }
    if (!fault.instruction) {
        ask.missing.push_back(fmt::format("the bytes of the instruction at {} are not known", hexadecimal(fault.pc)));
        return std::nullopt;
    }
    if (fault.signal.code == core::fpe_intdiv) return division(ask);
    std::string_view code = core::code_name(core::sigfpe, fault.signal.code);
    if (fault.signal.code < 3 || code.empty()) {
        ask.missing.push_back(fmt::format("si_code {} says nothing of the reason", fault.signal.code));
        return std::nullopt;
    }
    CauseBuilder builder(RuleId::CRASH_FLOATING_POINT, crash);
    static constexpr std::string_view words[] = {"division by zero", "overflow",          "underflow",
                                                 "inexact result",   "invalid operation", "subscript out of range"};
    builder.signal().instruction().with("what",
                                        std::string(words[std::min<std::size_t>(static_cast<std::size_t>(fault.signal.code) - 3, 5)]));
    builder.with("function", place_words(crash, fault.pc));
    if (const core::ThreadStatus* thread = crash.thread(); thread != nullptr && fault.context == 0) {
        // Intel SDM, 10.5.1: FCW, FSW; MXCSR at byte 24. Instructions of the x87 obey the first two.
        Reader reader(thread->extended, Endian::little, "NT_X86_XSTATE");
        std::uint32_t control = reader.u16();
        std::uint32_t status = reader.u16();
        reader.seek(24);
        std::uint32_t mxcsr = reader.u32();
        bool x87 = fault.instruction->mnemonic.starts_with('f') || fault.instruction->mnemonic == "wait";
        if (reader.ok() && x87) {
            builder.derived(fmt::format(
                "x87: control word {:#x}, status word {:#x}: exceptions {:#x} are unmasked, {:#x} have happened; the next x87 instruction that waits reports it",
                control, status, ~control & 0x3f, status & 0x3f));
        } else if (reader.ok()) {
            std::uint32_t unmasked = ~(mxcsr >> 7) & 0x3f;
            builder.derived(
                fmt::format("MXCSR = {:#x}: exceptions {:#x} are unmasked, {:#x} have happened", mxcsr, unmasked, mxcsr & 0x3f));
        }
    }
    builder.reject("an integer division", "the code is one of floating point");
    builder.help(
        "the program unmasked floating-point exceptions (feenableexcept, -ftrapping-math of Fortran); without that the result is Inf or NaN");
    return builder.build();
}

}  // namespace abiscope::rules
