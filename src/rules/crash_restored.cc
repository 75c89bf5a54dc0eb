// Control that the kernel or longjmp() led astray: registers that were taken from memory as a whole, where what lay there was not what
// should have, and handlers of signals that are no code.
#include <algorithm>
#include <array>
#include <bit>

#include <fmt/format.h>

#include "core/spec.h"
#include "rules/c_library_names.h"
#include "rules/crash_builder.h"

namespace abiscope::rules {

namespace {

using disasm::BranchKind;
using disasm::Operand;

bool is_x86_64(const core::Crash& crash) { return crash.process.layout->name == "x86-64"; }

// --- longjmp() ---

// Where the jump that faulted was going to, or came to.
std::optional<std::uint64_t> jump_target(const core::Crash& crash) {
    const core::Fault& fault = crash.fault;
    if (!fault.pc_executable) return is_page_fault(fault) && *fault.signal.address == fault.pc ? std::optional(fault.pc) : std::nullopt;
    if (fault.signal.code != core::si_kernel || !fault.instruction || fault.instruction->flow.branch != BranchKind::indirect_jump)
        return std::nullopt;
    auto operand = std::ranges::find_if(fault.instruction->operands, [](const Operand& one) { return !one.implicit; });
    if (operand == fault.instruction->operands.end()) return std::nullopt;
    std::optional<std::uint64_t> target;
    if (operand->kind == Operand::Kind::reg) {
        target = fault.registers.get(operand->reg);
    } else {
        auto index = static_cast<std::size_t>(operand - fault.instruction->operands.begin());
        auto access = std::ranges::find(fault.accesses, index, &core::Access::operand);
        if (access != fault.accesses.end()) target = crash.process.memory.word(access->address);
    }
    return target && !core::is_canonical(*target) ? target : std::nullopt;
}

// The first words of a jmp_buf. glibc, sysdeps/x86_64/jmpbuf-offsets.h; musl, src/setjmp/x86_64/longjmp.s.
constexpr std::array<std::string_view, 7> buffer_order = {"rbx", "rbp", "r12", "r13", "r14", "r15", "rsp"};
using JumpWords = std::array<std::uint64_t, 8>;   // the last one is where to go on

std::optional<JumpWords> words_at(const core::Memory& memory, std::uint64_t buffer) {
    JumpWords out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        auto word = memory.word(buffer + i * 8);
        if (!word) return std::nullopt;
        out[i] = *word;
    }
    return out;
}

// Whether every register that longjmp() sets is what these words say. glibc mixes rbp, rsp and the place with a secret that lies at fs:0x30
// (sysdeps/unix/sysv/linux/x86_64/pointer_guard.h).
bool came_from(const core::Crash& crash, const JumpWords& words, std::uint64_t target) {
    const core::Registers& registers = crash.fault.registers;
    constexpr std::uint64_t guard_place = 0x30;
    constexpr int rotated = 17;
    auto thread = registers.get("fs_base");
    auto guard = thread ? crash.process.memory.word(*thread + guard_place) : std::nullopt;
    auto same = [&](bool mixed) {
        if (mixed && !guard) return false;
        auto plain = [&](std::uint64_t word) { return mixed ? std::rotr(word, rotated) ^ *guard : word; };
        for (std::size_t i = 0; i < buffer_order.size(); ++i) {
            std::string_view reg = buffer_order[i];
            if (registers.get(reg) != (reg == "rbp" || reg == "rsp" ? plain(words[i]) : words[i])) return false;
        }
        return plain(words.back()) == target;
    };
    return same(true) || same(false);
}

std::string buffer_state(const JumpWords& words) {
    if (std::ranges::all_of(words, [](std::uint64_t word) { return word == 0; })) return "is all zeros: setjmp() never filled it";
    if (std::string pattern = pattern_words(words.back()); !pattern.empty()) return fmt::format("was overwritten: it holds {}", pattern);
    return "was overwritten, or never filled by setjmp()";
}

// --- signal frames ---

// The frame of a signal, below the stack pointer, that every register but the flags was taken from.
std::optional<core::SignalContext> frame_returned_through(const core::Crash& crash) {
    // Linux, arch/x86/kernel/signal.c: below the red zone lie the state of the vector registers and, below that, the frame.
    constexpr std::uint64_t red_zone = 128, most = 16 << 10;
    constexpr std::uint64_t saved_sp = 40 + 15 * 8;  // in the ucontext
    const core::Registers& registers = crash.fault.registers;
    auto sp = registers.sp();
    if (!sp || *sp % 8 != 0 || *sp < most) return std::nullopt;
    for (std::uint64_t slot = *sp - red_zone; slot >= *sp - most; slot -= 8) {
        const core::Memory& memory = crash.process.memory;
        if (memory.word(slot) != *sp || memory.word(slot + 8) != crash.fault.pc) continue;
        auto trampoline = memory.word(slot - saved_sp - 8);
        auto frame = trampoline ? crash.unwinder.signal_frame(*trampoline, slot - saved_sp) : std::nullopt;
        constexpr std::string_view saved[] = {"r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15",
                                              "rdi", "rsi", "rbp", "rbx", "rdx", "rax", "rcx"};
        auto same = [&](std::string_view reg) { return frame->registers.get(reg) == registers.get(reg); };
        if (frame && std::ranges::all_of(saved, same)) return frame;
    }
    return std::nullopt;
}

std::string handled_signal(const core::SignalContext& frame) {
    std::string_view name = core::signal_name(frame.info.number);
    return name.empty() ? std::string("a signal") : std::string(name);
}

CauseBuilder begin_return(core::Crash& crash) {
    CauseBuilder builder(RuleId::CRASH_SIGNAL_FRAME, crash);
    builder.signal();
    builder.help(
        "look at the handler: an array that is written past its end, what it writes through its third argument (ucontext_t), a stack that "
        "was switched before it returned");
    return builder;
}

// Linux has two code segments for programs, and a far transfer to any other one faults where it is. A selector of a local descriptor
// table (modify_ldt(2)) may be loaded.
std::optional<Cause> bad_code_segment(core::Crash& crash) {
    constexpr std::uint64_t local_table = 4;
    const core::Registers& registers = crash.fault.registers;
    auto selector = registers.get("cs");
    if (!selector || registers.pc() || core::is_code_segment_32(*selector) || core::is_code_segment_64(*selector) ||
        (*selector & local_table) != 0)
        return std::nullopt;
    CauseBuilder builder = begin_return(crash);
    builder.reg("cs", "no selector of a program's code segment");
    builder.derived(
        "only rt_sigreturn() sets cs without looking at what it selects; the fault is that of the kernel going back to the program");
    builder.with("what", fmt::format("the frame was overwritten: it has {} as the code segment", hexadecimal(*selector)));
    builder.confidence(Confidence::likely, "a debugger can set cs, too; the other registers are in the dump only with their lower halves");
    builder.reject("a fault of an instruction",
                   "a far jump, call or return to a segment that is not there faults where it is, and cs stays");
    return builder.build();
}

// The kernel could not read the frame: the registers are those of the call.
std::optional<Cause> frame_not_there(core::Crash& crash) {
    constexpr std::uint64_t rt_sigreturn = 15;
    const core::ThreadStatus* thread = crash.thread();
    if (crash.behind || thread == nullptr || core::system_call_number(thread->registers) != rt_sigreturn ||
        core::system_call_at(crash.process, thread->registers) != core::Answer::yes)
        return std::nullopt;
    auto sp = crash.fault.registers.sp();
    if (!sp) return std::nullopt;
    std::uint64_t frame = *sp - 8;
    CauseBuilder builder = begin_return(crash);
    builder.reg("rip", "behind the instruction that calls the kernel").reg("orig_rax", "the number of rt_sigreturn()").reg("rsp");
    if (crash.process.memory.region_at(frame) == nullptr) builder.unmapped(frame);
    builder.with("what", fmt::format("the kernel found no frame at {}, where the stack pointer says it is", hexadecimal(frame)));
    builder.reject("a fault of an instruction", "an exception leaves -1 for the number of the call");
    return builder.build();
}

}  // namespace

std::optional<Cause> bad_jump_buffer(Ask ask) {
    core::Crash& crash = ask.crash;
    if (!is_x86_64(crash)) return std::nullopt;
    auto target = jump_target(crash);
    auto buffer = target ? crash.fault.registers.get("rdi") : std::nullopt;
    auto words = buffer ? words_at(crash.process.memory, *buffer) : std::nullopt;
    bool by_name = target && is_c_function(crash.symbols.at(crash.fault.pc).function, jumps_back);
    bool all_set = words && came_from(crash, *words, *target);
    if (!words || (!by_name && !all_set)) return std::nullopt;
    CauseBuilder builder(RuleId::CRASH_BAD_JMP_BUF, crash);
    builder.signal();
    if (crash.fault.instruction) builder.instruction();
    else builder.reg("rip");
    builder.reg("rdi", "the buffer that longjmp() was given");
    builder.memory(*buffer, 64, fmt::format("what it holds at {}", hexadecimal(*buffer)));
    if (all_set) builder.derived("rbx, rbp, r12 to r15, rsp and the target are what these words say: longjmp() has set them");
    else builder.derived("the jump is that of longjmp()");
    builder.with_address("target", *target).with_address("buffer", *buffer).with("what", buffer_state(*words));
    builder.reject("a call through a function pointer", "a call sets no register, and longjmp() all of these");
    builder.reject("a return to a smashed address", "longjmp() takes the address from the buffer");
    builder.help("call setjmp() before longjmp(), on the same jmp_buf, and only while the function that called it has not returned");
    return builder.build();
}

std::optional<Cause> bad_signal_frame(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::Fault& fault = crash.fault;
    if (crash.behind || fault.signal.number != core::sigsegv) return std::nullopt;
    bool refused = fault.signal.complete && fault.signal.code == core::si_kernel;
    if (refused && crash.process.layout->compatibility_mode) return bad_code_segment(crash);
    if (!is_x86_64(crash)) return std::nullopt;
    if (refused) {
        if (auto cause = frame_not_there(crash)) return cause;
    }
    // Where the program counter is right, the rules of instructions speak first.
    if (fault.pc_executable || (!refused && !is_page_fault(fault))) return std::nullopt;
    auto frame = frame_returned_through(crash);
    // A handler of the fault itself returns to what faulted, and there it faults again.
    constexpr std::uint64_t protection = 13, page_fault = 14;
    if (!frame || frame->from_trap || (core::is_fault(frame->info.number) && !core::is_sent(frame->info.code)) ||
        frame->trap == protection || frame->trap == page_fault)
        return std::nullopt;
    constexpr std::uint64_t saved_pc = 40 + 16 * 8;
    CauseBuilder builder = begin_return(crash);
    builder.reg("rip").memory(frame->address + saved_pc, 8, fmt::format("the same in the frame of {}", handled_signal(*frame)));
    builder.derived(fmt::format("the registers are those of the frame at {}: rt_sigreturn() has set them", hexadecimal(frame->address)));
    builder.with("what",
                 fmt::format("the frame of {} was changed or overwritten: it led to {}", handled_signal(*frame), hexadecimal(fault.pc)));
    builder.reject("a call through a bad pointer", "a call would not leave all registers as they were when the signal came");
    builder.reject("a fault that was handled and came again", "the frame is that of no fault");
    return builder.build();
}

std::optional<Cause> bad_handler(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::Fault& fault = crash.fault;
    auto sp = fault.registers.sp();
    if (!is_x86_64(crash) || !sp || fault.pc_executable || fault.signal.number != core::sigsegv) return std::nullopt;
    bool fetched = is_page_fault(fault) && *fault.signal.address == fault.pc;
    // No jump leads to an address that is not canonical: it faults where it is.
    if (!fetched && (fault.signal.code != core::si_kernel || core::is_canonical(fault.pc))) return std::nullopt;
    auto trampoline = crash.process.memory.word(*sp);
    auto frame = trampoline ? crash.unwinder.signal_frame(*trampoline, *sp + 8) : std::nullopt;
    // The number of the signal is the first argument.
    auto number = fault.registers.get("rdi");
    if (!frame || !number || *number == 0 || *number > 64) return std::nullopt;
    std::string_view known = core::signal_name(static_cast<std::int32_t>(*number));
    std::string name = known.empty() ? fmt::format("signal {}", *number) : std::string(known);
    CauseBuilder builder(RuleId::CRASH_CALL_WILD, crash);
    builder.signal().reg("rip");
    if (crash.process.memory.region_at(fault.pc) != nullptr) builder.mapping(fault.pc);
    else builder.unmapped(fault.pc);
    builder.reg("rsp").memory(*sp, 8, "what is on top of the stack is where a handler returns to, in front of the frame of a signal");
    builder.reg("rdi", fmt::format("the number of {}, a handler's first argument", name));
    builder.with_address("target", fault.pc).with("from", fmt::format("the kernel, to have {} handled,", name));
    if (fetched) builder.confidence(Confidence::likely, "a handler that does nothing but jump there would look the same");
    else builder.derived("it is not a canonical address: no jump of the program's own leads there");
    builder.reject("a call by the program", "what is on top of the stack does not follow a call");
    builder.help(
        fmt::format("look at what sigaction() or signal() was given for {}: the code may have been unloaded (dlclose) since", name));
    return builder.build();
}

std::optional<Cause> bad_vector_state(Ask ask) {
    core::Crash& crash = ask.crash;
    auto frame = is_x86_64(crash) && !crash.behind ? frame_returned_through(crash) : std::nullopt;
    if (!frame) return std::nullopt;
    // struct sigcontext: fpstate; struct _fpstate: mxcsr, whose upper half is reserved (Intel SDM volume 1, 10.2.3).
    constexpr std::uint64_t state_slot = 40 + 23 * 8, mxcsr_at = 24;
    auto state = crash.process.memory.word(frame->address + state_slot);
    if (!state || *state == 0) return std::nullopt;
    bool mapped = crash.process.memory.region_at(*state) != nullptr;
    auto mxcsr = crash.process.memory.number(*state + mxcsr_at, 4);
    if (mapped && (!mxcsr || *mxcsr >> 16 == 0)) return std::nullopt;
    CauseBuilder builder = begin_return(crash);
    builder.memory(frame->address + state_slot, 8,
                   fmt::format("in the frame of {}, the place of the vector registers", handled_signal(*frame)));
    if (mapped) builder.memory(*state + mxcsr_at, 4, "MXCSR there, with reserved bits set");
    else builder.unmapped(*state);
    builder.derived(fmt::format("the registers are those of the frame at {}: rt_sigreturn() has set them", hexadecimal(frame->address)));
    builder.with("what",
                 fmt::format("the frame of {} was overwritten: {}", handled_signal(*frame),
                             mapped ? "the vector registers it holds are none the processor takes"
                                    : fmt::format("it has the vector registers at {}, where nothing is", hexadecimal(*state))));
    if (crash.fault.instruction)
        builder.reject("a fault of an instruction", fmt::format("\"{}\" raises no such exception", crash.fault.instruction->text));
    return builder.build();
}

}  // namespace abiscope::rules
