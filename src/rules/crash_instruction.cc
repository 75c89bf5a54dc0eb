// The processor refused an instruction, or the program told it to stop.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "core/cpu.h"
#include "core/spec.h"
#include "disasm/levels.h"
#include "rules/crash_builder.h"
#include "rules/crash_glib.h"
#include "rules/crash_language.h"
#include "rules/crash_trace.h"
#include "rules/sanitizer_names.h"

namespace abiscope::rules {

namespace {

using core::Has;
using disasm::Feature;

std::optional<Cause> missing_feature(Ask ask, const disasm::Instruction& instruction) {
    core::CrashedCpu cpu = core::crashed_cpu(ask.crash.process);
    Feature lacking = Feature::none;
    core::FeatureAnswer answer;
    bool all_there = true;
    for (Feature feature : {instruction.needs.first, instruction.needs.second}) {
        if (feature == Feature::none) continue;
        core::FeatureAnswer one = core::has_feature(cpu, feature);
        all_there = all_there && one.has == Has::yes;
        if (one.has != Has::no || lacking != Feature::none) continue;
        lacking = feature;
        answer = one;
    }
    std::string needed(disasm::info(instruction.needs.first).name);
    if (lacking == Feature::none) {
        if (all_there &&
            (instruction.needs.first == Feature::amx_tile || instruction.needs.first == Feature::amx_int8 ||
             instruction.needs.first == Feature::amx_bf16)) {
            ask.missing.push_back(
                fmt::format("the processor has {}; whether the program asked the kernel for it (arch_prctl, ARCH_REQ_XCOMP_PERM) "
                            "is not in a dump",
                            needed));
        } else if (all_there) {
            ask.missing.push_back(
                fmt::format("the processor has {} and the kernel enabled it, and yet refused \"{}\"", needed, instruction.text));
        } else {
            ask.missing.push_back(
                fmt::format("\"{}\" needs {}; whether the processor that crashed has it is not in the dump (glibc's record of "
                            "CPUID was not found)",
                            instruction.text, needed));
        }
        return std::nullopt;
    }
    CauseBuilder builder(RuleId::CRASH_CPU_FEATURE, ask.crash);
    std::string name(disasm::info(lacking).name);
    builder.signal().instruction().with("instruction", instruction.mnemonic).with("feature", name);
    builder.with("function", place_words(ask.crash, ask.crash.fault.pc));
    if (answer.source.starts_with("XCR0")) {
        builder.derived(
            fmt::format("the kernel had not enabled the registers of {}: {} are not all set in XCR0 = {} (NT_X86_XSTATE, byte 464)", name,
                        answer.source, hexadecimal(*cpu.xcr0)));
    } else {
        builder.derived(fmt::format("the processor (family {}, model {}) has no {}: {} is 0 in glibc's record at {}", cpu.family, cpu.model,
                                    name, answer.source, hexadecimal(cpu.address)));
    }
    if (const disasm::Level* level = disasm::lowest_level(disasm::Architecture::x86_64, {lacking});
        level != nullptr && level->features.contains({lacking}))
        builder.derived(fmt::format("{} is part of {}", name, level->name));
    builder.reject("a deliberate trap", "the bytes are an instruction, not UD2");
    builder.help("build for the processor it has to run on (-march=x86-64-v2, say), or choose the code at run time by CPUID");
    return builder.build();
}

std::optional<Cause> not_an_instruction(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::Fault& fault = crash.fault;
    // Reading from the start of the function steps over the address: control landed within an instruction.
    const core::Location& location = crash.symbols.at(fault.pc);
    bool within = location.function_start != 0 && location.function_start < fault.pc && instructions_before(crash, fault.pc).empty();
    CauseBuilder builder(RuleId::CRASH_NOT_AN_INSTRUCTION, crash);
    builder.signal().memory(fault.pc, std::min<std::size_t>(fault.code.size(), 8), "the bytes at the program counter");
    builder.with("bytes", text::hex_bytes(std::span(fault.code).first(std::min<std::size_t>(fault.code.size(), 8)), " "));
    builder.with("function", place_words(crash, fault.pc));
    if (within)
        builder.derived(
            "reading instructions from the start of the function steps over this address: control landed within one, or in data");
    builder.confidence(Confidence::likely, "that no processor knows these bytes is the decoder's word");
    builder.help("a jump table, a function pointer or a return address is wrong, or code was overwritten");
    return builder.build();
}

// The number of the check in a trap of clang's (LLVM, X86MCInstLower.cpp and AArch64InstrInfo.td: UBSAN trap): ud1 eax, [eax+N] on x86, brk
// 0x5500+N on arm64. It is in the bytes alone.
std::optional<std::uint64_t> check_number(const core::Fault& fault) {
    auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(fault.code[i]); };
    if (disasm::is_x86(fault.registers.layout()->architecture)) {
        if (fault.code.size() < 4 || byte(0) != 0x67 || byte(1) != 0x0f || byte(2) != 0xb9) return std::nullopt;
        if (byte(3) == 0x00) return 0;
        return byte(3) == 0x40 && fault.code.size() > 4 ? std::optional<std::uint64_t>(byte(4)) : std::nullopt;
    }
    if (fault.code.size() < 4) return std::nullopt;
    std::uint32_t word = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;  // instructions are little-endian in either byte order
    constexpr std::uint32_t brk = 0xd4200000;  // Arm ARM, C6.2, BRK: the immediate in bits 20 to 5
    if ((word & 0xffe0001f) != brk || (word >> 5 & 0xff00) != 0x5500) return std::nullopt;
    return word >> 5 & 0xff;
}

std::optional<Cause> check_trap(Ask ask) {
    const core::Fault& fault = ask.crash.fault;
    auto number = check_number(fault);
    const UndefinedCheck* check = number ? trapped_check(*number) : nullptr;
    if (check == nullptr) return std::nullopt;
    CauseBuilder builder(RuleId::CRASH_SANITIZER_TRAP, ask.crash);
    builder.signal().instruction().with("check", std::string(check->words)).with("function", place_words(ask.crash, fault.pc));
    builder.derived(fmt::format("clang writes the number of the check into the trap: {} is {}", *number, check->handler));
    builder.reject("an instruction the processor lacks", "it is undefined on every processor, by definition");
    builder.reject("__builtin_trap()",
                   fmt::format("that is {}, without a number", disasm::is_x86(fault.registers.layout()->architecture) ? "ud2" : "brk 1"));
    builder.help("a build with -fsanitize=undefined and without -fsanitize-trap= says the line and the values");
    return builder.build();
}

// Inline functions of libc++, by their namespace, as debug information has their names.
bool is_of_libcxx(std::string_view function) {
    constexpr std::string_view starts[] = {"_ZNSt3__1", "_ZNKSt3__1", "std::__1::"};
    return std::ranges::any_of(starts, [&](std::string_view start) { return function.starts_with(start); });
}

// __builtin_verbose_trap(category, reason): clang makes an inlined function of that name in the debug information (clang, "Language
// Extensions").
std::optional<Cause> explained_trap(core::Crash& crash) {
    constexpr std::string_view prefix = "__clang_trap_msg$";
    const core::Location& location = crash.symbols.described(crash.fault.pc);
    if (location.inlined.empty() || !location.inlined.front().function.starts_with(prefix)) return std::nullopt;
    std::string reason = location.inlined.front().function.substr(prefix.size());
    if (std::size_t end = reason.find('$'); end != std::string::npos) reason.replace(end, 1, ": ");
    CauseBuilder builder(RuleId::CRASH_ASSERT, crash);
    builder.signal().instruction();
    builder.derived(fmt::format("debug information has the function {} inlined there: __builtin_verbose_trap() with that reason",
                                location.inlined.front().function));
    std::size_t frame = crash.fault_frame;
    while (frame + 1 < crash.stack.items.size() && is_of_libcxx(crash.function(frame))) ++frame;
    std::string place = frame == crash.fault_frame ? place_words(crash, crash.fault.pc) : frame_words(crash, frame);
    builder.with("text", fmt::format("{}, in {}", text::printable(reason), place)).with("function", place);
    builder.reject("an instruction the processor lacks", "the compiler put it there on purpose");
    builder.help("look at the call in the backtrace: an index, an iterator or an empty container that the library refuses");
    return builder.build();
}

// On arm64 a trap is a breakpoint.
std::optional<Cause> arm64_trap(Ask ask) {
    const core::Fault& fault = ask.crash.fault;
    if (!fault.instruction || fault.instruction->mnemonic != "brk") {
        ask.missing.emplace_back("the instruction at the program counter is no brk, or not known");
        return std::nullopt;
    }
    if (auto cause = check_trap(ask)) return cause;
    if (auto cause = explained_trap(ask.crash)) return cause;
    CauseBuilder builder(RuleId::CRASH_DELIBERATE_TRAP, ask.crash);
    builder.signal().instruction().with("instruction", "brk").with("function", place_words(ask.crash, fault.pc));
    builder.reject("a hardware breakpoint or single step", "the instruction itself is a trap");
    builder.help("the compiler put it where control must not come: __builtin_trap(), or a check; or a debugger left it behind");
    return builder.build();
}

}  // namespace

std::optional<Cause> illegal_instruction(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::Fault& fault = crash.fault;
    bool arm64 = crash.process.layout->architecture == disasm::Architecture::arm64;
    if (fault.signal.number == core::sigtrap && arm64 && (!fault.signal.complete || !core::is_sent(fault.signal.code)))
        return arm64_trap(ask);
    if (fault.signal.number == core::sigtrap && !core::is_sent(fault.signal.code) && disasm::is_x86(crash.process.layout->architecture)) {
        auto byte = crash.process.memory.number(fault.pc - 1, 1);
        if (fault.signal.code != core::si_kernel || !byte || *byte != 0xcc) {
            ask.missing.emplace_back("the byte before the program counter is not a breakpoint (0xcc), or not known");
            return std::nullopt;
        }
        CauseBuilder builder(RuleId::CRASH_BREAKPOINT, crash);
        builder.signal().memory(fault.pc - 1, 1, "int3, just executed");
        if (auto glib = called_glib(crash, crash.fault_frame)) {
            builder.with("function", fmt::format("GLib, called by {} through {},", frame_words(crash, glib->caller), glib->function));
            builder.derived(
                "GLib stops a program so after a message that is fatal: g_error(), a failed g_malloc(), or G_DEBUG=fatal-warnings, fatal-criticals");
            builder.help("the message is on standard error or in the journal; it says what went wrong");
            return builder.build();
        }
        builder.with("function", place_words(crash, fault.pc - 1));
        builder.reject("a hardware breakpoint or single step", "the code would be TRAP_HWBKPT or TRAP_TRACE");
        builder.help(
            "it is in the code on purpose (__debugbreak, raise a debugger, Rust and Go runtime traps), or a debugger left it behind");
        return builder.build();
    }
    if (fault.signal.number != core::sigill || core::is_sent(fault.signal.code)) return std::nullopt;
    if (!disasm::is_x86(crash.process.layout->architecture)) {
        ask.missing.emplace_back("illegal instructions are explained on x86 only");
        return std::nullopt;
    }
    if (fault.code.empty()) {
        ask.missing.push_back(fmt::format(
            "the bytes at {} are neither in the dump nor in a file that is proved to be the one that was mapped", hexadecimal(fault.pc)));
        return std::nullopt;
    }
    if (!fault.instruction) return not_an_instruction(ask);
    const disasm::Instruction& instruction = *fault.instruction;
    if (auto cause = check_trap(ask)) return cause;
    if (instruction.mnemonic == "ud2" || instruction.mnemonic == "ud1" || instruction.mnemonic == "ud0") {
        if (auto cause = explained_trap(crash)) return cause;
        CauseBuilder builder(RuleId::CRASH_DELIBERATE_TRAP, crash);
        builder.signal().instruction().with("instruction", instruction.mnemonic).with("function", place_words(crash, fault.pc));
        if (check_number(fault))
            builder.derived(fmt::format("clang writes such a ud1 for a failed check of -fsanitize=; number {} is none that is known",
                                        *check_number(fault)));
        builder.reject("an instruction the processor lacks",
                       fmt::format("{} is undefined on every processor, by definition", instruction.mnemonic));
        const core::Location& location = crash.symbols.described(fault.pc);
        if (std::string function = location.inlined.empty() ? location.function : location.inlined.front().function;
            is_of_libcxx(function)) {
            builder.derived(fmt::format(
                "it is in {}, which libc++ has in its headers: most likely a precondition that it checks (_LIBCPP_HARDENING_MODE) did not hold",
                function));
            builder.help("look at the call of that function: an index, an iterator or an empty container that the library refuses");
        }
        builder.help(
            "the compiler put it where control must not come: __builtin_trap(), __builtin_unreachable() in a debug build, the end of a "
            "function without a return, or a null pointer it could prove");
        return builder.build();
    }
    if (!instruction.needs.nothing() && instruction.needs.absence == disasm::Absence::illegal) return missing_feature(ask, instruction);
    ask.missing.push_back(fmt::format("every processor of the architecture knows \"{}\", and yet it was refused", instruction.text));
    return std::nullopt;
}

}  // namespace abiscope::rules
