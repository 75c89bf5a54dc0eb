// General protection faults of x86: the kernel tells neither the address nor the reason (SI_KERNEL, si_addr 0), the instruction does.
#include <algorithm>

#include <fmt/format.h>

#include "core/spec.h"
#include "rules/c_library_names.h"
#include "rules/crash_builder.h"
#include "rules/crash_heap.h"
#include "rules/crash_language.h"
#include "rules/crash_operand.h"
#include "rules/crash_pointer_source.h"
#include "rules/crash_retpoline.h"
#include "rules/crash_trace.h"
#include "rules/x86_alignment.h"

namespace abiscope::rules {

namespace {

using disasm::BranchKind;
using disasm::Operand;

// The frames whose CFA is not a multiple of 16 at the call, from the innermost: the first caller that is aligned is to blame.
struct Blame {
    std::optional<std::size_t> caller;     // index of the frame that made the wrong call
    bool any_wrong = false;
    std::uint64_t cfa = 0;
    std::uint64_t caller_cfa = 0;
};

Blame blame(const core::Crash& crash) {
    Blame out;
    const auto& items = crash.stack.items;
    for (std::size_t i = crash.fault_frame; i < items.size(); ++i) {
        const core::Frame& frame = items[i].frame;
        // Only call frame information says where a frame starts.
        if (!frame.cfa || frame.signal) return out;
        if (*frame.cfa % 16 == 0) return out;
        out.any_wrong = true;
        out.cfa = *frame.cfa;
        if (i + 1 >= items.size()) return out;
        const core::Frame& caller = items[i + 1].frame;
        if (!caller.cfa || caller.signal) return out;
        if (*caller.cfa % 16 == 0) {
            out.caller = i + 1;
            out.caller_cfa = *caller.cfa;
            return out;
        }
    }
    return out;
}

std::optional<Cause> misaligned(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::Fault& fault = crash.fault;
    for (const core::Access& access : fault.accesses) {
        std::uint32_t needed = required_alignment(*fault.instruction, access.operand);
        if (needed == 0 || access.address % needed == 0) continue;
        const core::Region* region = crash.process.memory.region_at(access.address);
        if (region == nullptr || (access.write ? !region->writable() : !region->readable())) continue;
        const disasm::MemoryOperand& memory = fault.instruction->operands[access.operand].memory;
        CauseBuilder builder(RuleId::CRASH_MISALIGNED, crash);
        builder.operand(access.operand).signal().instruction();
        if (!memory.base.empty() && !memory.address) builder.reg(memory.base);
        if (!memory.index.empty()) builder.reg(memory.index);
        builder.with("access", access_words(access)).with("instruction", fault.instruction->mnemonic).with("needed", std::uint64_t{needed});
        builder.with_address("address", access.address).with("remainder", access.address % needed);
        builder.derived(fmt::format("{} mod {} = {}", hexadecimal(access.address), needed, access.address % needed))
            .mapping(access.address);
        Blame guilty = blame(crash);
        bool on_stack = crash.process.memory.region_at(fault.registers.sp().value_or(0)) == region;
        std::string why;
        if (on_stack && guilty.caller) {
            const core::Frame& caller = crash.stack.items[*guilty.caller].frame;
            std::uint64_t call = caller.lookup_pc();
            if (auto instruction = call_before(crash, caller.pc)) call = instruction->address;
            std::string callee = place_words(crash, crash.stack.items[*guilty.caller - 1].frame.lookup_pc());
            why = fmt::format("the stack was {} bytes off when {} made a call", guilty.cfa % 16, place_words(crash, call));
            builder.derived(fmt::format(
                "CFA of {}: {} mod 16 = {}; of its caller: {} mod 16 = 0: the call at {} was made with the stack off by {}", callee,
                hexadecimal(guilty.cfa), guilty.cfa % 16, hexadecimal(guilty.caller_cfa), place_words(crash, call), guilty.cfa % 16));
            builder.help(fmt::format("the stack must be a multiple of 16 before every call (System V psABI, {}): look at what {} pushes",
                                     crash.process.wide() ? "3.2.2" : "2.2.2", place_words(crash, call)));
        } else if (on_stack && guilty.any_wrong) {
            why = "the stack was not a multiple of 16 when the function was called";
            builder.derived(
                fmt::format("CFA {} mod 16 = {}, and no caller with an aligned frame was found", hexadecimal(guilty.cfa), guilty.cfa % 16));
            builder.help(
                "an assembler routine, a coroutine or a thread entry that does not align the stack to 16 before it calls is to blame");
        } else {
            why = on_stack ? "the operand's own offset is not aligned" : "the object is not as aligned as its type promises";
            builder.help(
                "the compiler was told that this object is aligned: look for a cast of a packed or odd address, or for an over-aligned "
                "type (alignas, vector types) in memory that malloc() made");
        }
        builder.with("why", why);
        builder.reject("a null pointer", "no register of the operand is 0, though the signal's address is");
        builder.reject("a non-canonical address", fmt::format("{} is an ordinary address", hexadecimal(access.address)));
        builder.reject("memory that is not mapped or may not be used", "the mapping is there and allows it");
        return builder.build();
    }
    return std::nullopt;
}

std::optional<Cause> non_canonical(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::Fault& fault = crash.fault;
    for (const core::Access& access : fault.accesses) {
        if (core::is_canonical(access.address)) continue;
        const disasm::MemoryOperand& memory = fault.instruction->operands[access.operand].memory;
        if (access.base && !memory.base.empty() && memory.segment.empty()) {
            PointerUse use{.value = *access.base,
                           .slot = {},
                           .reg = std::string(memory.base),
                           .what = access_words(access) + " through",
                           .operand = access.operand,
                           .call = {}};
            use.from(crash, loaded_from(crash, fault.pc, memory.base));
            if (auto cause = freed_pointer(crash, use)) return cause;
        }
        CauseBuilder builder(RuleId::CRASH_NON_CANONICAL, crash);
        builder.operand(access.operand).signal().instruction();
        if (!memory.base.empty() && !memory.address) builder.reg(memory.base);
        if (!memory.index.empty()) builder.reg(memory.index);
        builder.with("access", access_words(access)).with_address("address", access.address);
        std::string pattern = access.base ? pattern_words(*access.base) : std::string();
        GuiltyPart guilty = guilty_part(crash, access, memory);
        std::uint64_t pointer = access.base && !guilty.is_pointer ? 0 : access.base && !access.index ? *access.base : access.address;
        std::uint64_t lower = pointer & 0x00ffffffffffffff;
        std::string what = "no user address";
        if (!pattern.empty()) what = fmt::format("{} holds {}", memory.base, pattern);
        else if (!guilty.is_pointer) what = guilty.words;
        else if (!core::is_canonical(pointer) && core::is_canonical(lower) && crash.process.memory.region_at(lower) != nullptr)
            what = fmt::format("without its top byte it is in {}: a tagged pointer that was not untagged", crash.process.place_name(lower));
        builder.with("what", what);
        if (!memory.base.empty() && !memory.address) {
            if (std::string words = last_definition(crash, memory.base).words; !words.empty()) builder.derived(words);
        }
        builder.derived(
            fmt::format("bits 63 to 47 of {} are not all equal: the processor takes no such address", hexadecimal(access.address)));
        builder.reject("a null pointer", "the signal's address 0 is what the kernel reports for every general protection fault");
        builder.reject("a misaligned access", "the address is refused before alignment matters");
        builder.help("the pointer was overwritten or comes from freed or never set memory: a build with -fsanitize=address tells which");
        tell_own_records(builder, crash);
        return builder.build();
    }
    return std::nullopt;
}

// The value a return or an indirect branch was going to.
std::optional<Cause> bad_target(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::Fault& fault = crash.fault;
    BranchKind kind = fault.instruction->flow.branch;
    auto sp = fault.registers.sp();
    if (kind == BranchKind::function_return && sp) {
        auto target = crash.process.memory.word(*sp);
        if (!target || core::is_canonical(*target)) return std::nullopt;
        if (*sp % 8 != 0) {
            ask.missing.push_back(fmt::format(
                "the return address was read from {}, which is no multiple of 8: the stack pointer was moved by code that does not align it, "
                "or came from a frame pointer that was overwritten",
                hexadecimal(*sp)));
            return std::nullopt;
        }
        if (auto reg = returns_to_register(crash, fault.pc); reg && fault.registers.get(*reg) == *target) {
            CauseBuilder builder(RuleId::CRASH_CALL_WILD, crash);
            builder.signal().instruction().reg(*reg).with_address("target", *target);
            // The address of the call lies behind the one that was stored.
            auto behind = crash.process.memory.word(*sp + 8);
            builder.with("from",
                         behind && crash.unwinder.follows_call(*behind) ? place_words(crash, *behind - 1) : place_words(crash, fault.pc));
            if (std::string pattern = pattern_words(*target); !pattern.empty()) builder.derived("it is " + pattern);
            builder.derived(
                fmt::format("{} was stored over the return address just before: a call through it, made as a return (a retpoline)", *reg));
            builder.reject("a return address that was overwritten", "the code has put it there itself");
            builder.help("the function pointer or object was overwritten, freed or never set");
            return builder.build();
        }
        CauseBuilder builder(RuleId::CRASH_RETURN_SMASHED, crash);
        builder.signal().instruction().reg("rsp").memory(*sp, 8,
                                                         fmt::format("the return address on the stack is {}", hexadecimal(*target)));
        std::string from = place_words(crash, fault.pc);
        bool shared = is_return_thunk(crash, fault.pc);
        builder.with_address("target", *target).with("function", shared ? fmt::format("a function that returned through {}", from) : from);
        if (shared) builder.derived("every function returns by that jump (-mfunction-return=thunk): which one it was is not known");
        if (std::string pattern = pattern_words(*target); !pattern.empty()) builder.derived("it is " + pattern);
        builder.derived("it is not a canonical address");
        builder.reject("a null pointer", "the instruction is a return: it reads nothing but the stack");
        builder.help("a local array of that function was written past its end: -fstack-protector-strong or -fsanitize=address finds where");
        return builder.build();
    }
    if (kind != BranchKind::indirect_call && kind != BranchKind::indirect_jump) return std::nullopt;
    auto operand = std::ranges::find_if(fault.instruction->operands, [](const Operand& one) { return !one.implicit; });
    if (operand == fault.instruction->operands.end()) return std::nullopt;
    auto index = static_cast<std::size_t>(operand - fault.instruction->operands.begin());
    std::optional<std::uint64_t> target;
    std::uint64_t slot = 0;
    if (operand->kind == Operand::Kind::reg) {
        target = fault.registers.get(operand->reg);
    } else {
        auto access = std::ranges::find(fault.accesses, index, &core::Access::operand);
        if (access == fault.accesses.end() || !core::is_canonical(access->address)) return std::nullopt;
        slot = access->address;
        target = crash.process.memory.word(slot);
    }
    if (!target || core::is_canonical(*target)) return std::nullopt;
    PointerUse use{.value = *target,
                   .slot = {},
                   .reg = slot == 0 ? std::string(operand->reg) : std::string(),
                   .what = "calls",
                   .operand = index,
                   .call = {}};
    use.from(crash, slot != 0 ? loaded_from(crash, fault.pc, operand->memory, slot) : loaded_from(crash, fault.pc, operand->reg));
    if (auto cause = freed_pointer(crash, use)) return cause;
    CauseBuilder builder(RuleId::CRASH_CALL_WILD, crash);
    builder.operand(index).signal().instruction();
    if (slot != 0) builder.memory(slot, 8, fmt::format("the slot {} holds {}", hexadecimal(slot), hexadecimal(*target)));
    else builder.reg(operand->reg);
    builder.with_address("target", *target).with("from", place_words(crash, fault.pc));
    if (std::string pattern = pattern_words(*target); !pattern.empty()) builder.derived("it is " + pattern);
    builder.derived("it is not a canonical address, so the call itself faulted");
    builder.reject("a null pointer", "the target is not 0");
    builder.help("the function pointer or object was overwritten, freed or never set");
    return builder.build();
}

// The library, or a function that only musl's malloc has, or that ends there, in a static program.
bool is_musl(core::Crash& crash) {
    const core::Location& location = crash.symbols.at(crash.fault.pc);
    if (location.module == nullptr) return false;
    std::string_view name = location.module->name();
    if (name.starts_with("ld-musl-") || name.starts_with("libc.musl-")) return true;
    if (name == "libc.so") return location.module->path.find("musl") != std::string::npos;
    return location.module->is_program && is_c_function(location.function, stops_musl);
}

// The first frame outside of the library that stopped; a static program has that in itself, and there its functions tell.
std::string musl_caller(core::Crash& crash) {
    const auto& items = crash.stack.items;
    const core::Module* library = crash.process.module_at(crash.fault.pc);
    if (library == nullptr) return {};
    auto is_library = [&](std::size_t frame) {
        const std::string& function = crash.function(frame);
        return crash.process.module_at(items[frame].frame.lookup_pc()) == library &&
            (!library->is_program || is_c_function(function, stops_musl) || is_c_function(function, takes_block));
    };
    std::size_t caller = crash.fault_frame;
    while (caller < items.size() && is_library(caller)) ++caller;
    return caller > crash.fault_frame && caller < items.size() ? frame_words(crash, caller) : std::string();
}

// musl, arch/x86_64/atomic_arch.h and arch/i386/atomic_arch.h: a_crash().
Cause musl_stopped(core::Crash& crash) {
    const core::Fault& fault = crash.fault;
    CauseBuilder builder(RuleId::CRASH_DELIBERATE_TRAP, crash);
    std::string place = place_words(crash, fault.pc);
    if (std::string caller = musl_caller(crash); !caller.empty()) place += fmt::format(", called by {},", caller);
    builder.signal().instruction().with("instruction", "hlt").with("function", place);
    builder.derived("musl stops a program with hlt where it finds its own records damaged: a_crash()");
    builder.reject("code meant for a kernel", "musl uses the instruction for nothing else");
    builder.reject("a null pointer", "the signal's address 0 is what the kernel reports for every general protection fault");
    builder.help(
        "in free, realloc or malloc the pointer was not malloc's, was freed before, or a block was written past its end: valgrind or a "
        "build with -fsanitize=address tells which");
    builder.help("in __stack_chk_fail a local array of the calling function was written past its end");
    return builder.build();
}

std::optional<Cause> privileged(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::Fault& fault = crash.fault;
    if (!is_privileged(*fault.instruction)) return std::nullopt;
    if (fault.instruction->mnemonic == "hlt" && is_musl(crash)) return musl_stopped(crash);
    CauseBuilder builder(RuleId::CRASH_PRIVILEGED_INSTRUCTION, crash);
    builder.signal().instruction().with("instruction", fault.instruction->text);
    auto before = instructions_before(crash, fault.pc);
    if (before.empty() && crash.symbols.at(fault.pc).function_start != fault.pc)
        builder.confidence(Confidence::likely,
                           "reading from the start of the function does not lead to this address: control may have landed within "
                           "an instruction or in data");
    builder.reject("a null pointer", "the signal's address 0 is what the kernel reports for every general protection fault");
    builder.help("only the kernel may execute it: code meant for a kernel or bare hardware, or control that went astray");
    return builder.build();
}

}  // namespace

std::optional<Cause> general_protection(Ask ask) {
    const core::Fault& fault = ask.crash.fault;
    bool segv = fault.signal.number == core::sigsegv && fault.signal.code == core::si_kernel;
    // A stack-segment fault: the same through rsp or rbp.
    bool stack_fault = fault.signal.number == core::sigbus && fault.signal.code == core::si_kernel;
    if (!segv && !stack_fault) return std::nullopt;
    if (!fault.instruction) {
        ask.missing.push_back(
            fmt::format("the instruction at {} is not known, and only it tells why the processor refused it", hexadecimal(fault.pc)));
        return std::nullopt;
    }
    if (auto cause = privileged(ask)) return cause;
    if (ask.crash.process.wide()) {
        if (auto cause = non_canonical(ask)) return cause;
        std::size_t known = ask.missing.size();
        if (auto cause = bad_target(ask)) return cause;
        if (ask.missing.size() != known) return std::nullopt;
    }
    if (segv) {
        if (auto cause = misaligned(ask)) return cause;
        if (ask.crash.process.wide() && fault.accesses.empty() && fault.every_access_known &&
            fault.instruction->flow.branch == BranchKind::none && !is_refused_by_state(*fault.instruction)) {
            if (auto cause = bad_vector_state(ask)) return cause;
            if (auto cause = no_room_for_handler(ask)) return cause;
            ask.missing.push_back(fmt::format(
                "the signal has no address, and \"{}\" uses no memory that could have been refused: a handler whose frame did not fit on its "
                "stack (an alternate one that is too small), or whose frame was overwritten, looks like this",
                fault.instruction->text));
            return std::nullopt;
        }
    }
    ask.missing.push_back(fmt::format("the processor refused \"{}\", and neither its operands nor its class say why{}",
                                      fault.instruction->text,
                                      fault.every_access_known ? "" : " (the address of one operand could not be computed)"));
    return std::nullopt;
}

}  // namespace abiscope::rules
