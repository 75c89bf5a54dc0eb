// The stack is used up, or a frame reached over its end.
#include <algorithm>

#include <fmt/format.h>

#include "base/size_words.h"
#include "core/spec.h"
#include "rules/crash_builder.h"
#include "rules/crash_trace.h"

namespace abiscope::rules {

namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t near_frame = 64 << 10;       // how far from the stack pointer a frame reaches that is not remarkable
constexpr std::uint64_t fewest_rounds = 16;          // of a recursion that ends where mapped memory does
constexpr std::uint64_t few_rounds = 4;              // of one that has taken the stack pointer out of it, too
constexpr std::uint64_t signal_frame = 16 << 10;     // the largest, with every vector and tile register, has two thirds of it
constexpr std::uint64_t far_frame = std::uint64_t{1} << 32;

constexpr std::uint64_t many_frames = 1000;          // more than code that ends by itself has calls in each other

struct Recursion {
    std::uint64_t repeats = 0;
    std::uint64_t bytes = 0;           // per round
    std::uint32_t cycle = 0;
    std::string functions;
    std::uint64_t irregular = 0;       // frames of functions that call each other in no fixed order; 0: there is a cycle, or few frames

    [[nodiscard]] bool fills(std::uint64_t stack) const { return irregular != 0 || repeats * bytes * 2 >= stack; }
    [[nodiscard]] bool goes_on() const { return irregular != 0 || repeats >= fewest_rounds; }
};

// Functions of the innermost frames: those that a recursion without a fixed cycle goes through.
std::string functions_in_front(core::Crash& crash) {
    constexpr std::size_t most_looked_at = 64, most_named = 4;
    std::vector<std::string> names;
    std::string out;
    for (std::size_t i = crash.fault_frame; i < crash.stack.items.size() && i < crash.fault_frame + most_looked_at; ++i) {
        std::string name = crash.function(i);
        if (name.empty()) name = place_words(crash, crash.stack.items[i].frame.lookup_pc());
        if (std::ranges::find(names, name) != names.end() || names.size() >= most_named) continue;
        out += (out.empty() ? "" : ", ") + name;
        names.push_back(std::move(name));
    }
    return out;
}

Recursion recursion_of(core::Crash& crash) {
    Recursion best;
    for (std::size_t i = 0; i < crash.stack.items.size(); ++i) {
        const core::StackItem& item = crash.stack.items[i];
        if (item.repeats * item.bytes <= best.repeats * best.bytes) continue;
        best = {item.repeats + 1, item.bytes, item.cycle, {}};
        for (std::size_t k = i; k < i + std::min<std::size_t>(item.cycle, 4) && k < crash.stack.items.size(); ++k)
            best.functions += (k == i ? "" : ", ") + place_words(crash, crash.stack.items[k].frame.lookup_pc());
    }
    if (best.repeats < many_frames && crash.stack.items.size() >= many_frames) {
        best = {.repeats = 0, .bytes = 0, .cycle = 0, .functions = functions_in_front(crash), .irregular = crash.stack.items.size()};
    }
    return best;
}

void tell_recursion(CauseBuilder& builder, const Recursion& recursion) {
    if (recursion.irregular != 0) {
        builder.derived(fmt::format("more than {} calls are in each other, at the end of {}, in no fixed order", recursion.irregular,
                                    recursion.functions));
        return;
    }
    builder.derived(fmt::format("{} calls of {} x {} bytes = {}; the cycle is {} frame{}", recursion.repeats, recursion.functions,
                                recursion.bytes, text::size_words(recursion.repeats * recursion.bytes), recursion.cycle,
                                recursion.cycle == 1 ? "" : "s"));
}

// Bytes between the stack pointer and the caller's: what the function itself takes.
std::optional<std::uint64_t> frame_size(const core::Crash& crash) {
    if (crash.stack.items.size() <= crash.fault_frame) return std::nullopt;
    const core::Frame& frame = crash.stack.items[crash.fault_frame].frame;
    if (!frame.cfa || *frame.cfa <= frame.sp) return std::nullopt;
    return *frame.cfa - frame.sp;
}

// Whether the frame that faulted starts in that region: it is the stack that was left.
bool frames_end_in(const core::Crash& crash, const core::Region& stack) {
    if (crash.stack.items.size() <= crash.fault_frame) return false;
    const core::Frame& frame = crash.stack.items[crash.fault_frame].frame;
    return frame.cfa && *frame.cfa > stack.start && *frame.cfa <= stack.end;
}

std::optional<Cause> overflow(Ask ask, const core::Region& stack, RuleId rule, std::uint64_t address, std::uint64_t sp) {
    const core::Fault& fault = ask.crash.fault;
    const core::Access* access = guilty_access(fault);
    if (access == nullptr) return std::nullopt;
    Recursion recursion = recursion_of(ask.crash);
    std::uint64_t used = stack.end - stack.start;
    // Where other things lie in the same mapping, only a guard below says that all of it is the stack.
    std::string place = ask.crash.process.place_name(stack.start);
    bool shared = place == "[heap]" || ask.crash.process.memory.file_at(stack.start) != nullptr ||
        ask.crash.process.module_at(stack.start) != nullptr;
    const core::Region* below = ask.crash.process.memory.region_at(address);
    bool guarded = below != nullptr && !below->readable() && !below->writable();
    bool run_into = below != nullptr && !guarded && below->start != stack.start && !below->writable();
    if (below != nullptr && fault.signal.code == core::segv_maperr) guarded = true;   // MADV_GUARD_INSTALL
    // Below a stack without a guard may lie anything that was mapped next to it: how much of the region is stack is not known.
    // Stacks with such guards are parts of one mapping.
    bool deep = recursion.fills(used) || (guarded && fault.signal.code == core::segv_maperr) || (!guarded && recursion.goes_on());
    bool main = rule == RuleId::CRASH_STACK_OVERFLOW;
    auto frame = frame_size(ask.crash);
    bool wide_frame = frame && *frame >= page;
    // A frame that is larger than a page can reach over the guard at once: that is another cause, unless many of them did it together.
    if (!deep && wide_frame && main && stack.start - address > page) return std::nullopt;
    const core::Region* next = ask.crash.process.memory.region_at(stack.start - 1);
    bool guard_below = guarded || (next != nullptr && next->end == stack.start && (next->flags & 7) == 0);
    std::string size = shared ? fmt::format("unknown size in {}", place)
        : main || guard_below ? text::size_words(used)
                              : "at most " + text::size_words(used);
    CauseBuilder builder(rule, ask.crash);
    builder.operand(access->operand).signal().instruction().reg(fault.registers.layout()->sp);
    builder.with("access", access_words(*access)).with_address("address", address).with("size", size);
    builder.mapping(stack.start,
                    fmt::format("the {} is {} to {}, {}", shared ? "memory that the stack is in" : "stack", hexadecimal(stack.start),
                                hexadecimal(stack.end), text::size_words(used)));
    if (main)
        builder.unmapped(
            address,
            fmt::format("{} is {} bytes below it, and the kernel did not let it grow", hexadecimal(address), stack.start - address));
    else if (run_into)
        builder.mapping(address, fmt::format("{} lies right below it: there is no guard", ask.crash.process.place_name(address)));
    else if (guarded) builder.mapping(address, fmt::format("{} is in the guard below it", hexadecimal(address)));
    else
        builder.unmapped(address,
                         fmt::format("{} is {} bytes below it, {}", hexadecimal(address), stack.start - address,
                                     guard_below ? "behind the guard" : "and there is no guard"));
    builder.derived(
        fmt::format("the stack pointer {} is {} bytes from the address", hexadecimal(sp), sp > address ? sp - address : address - sp));
    if (deep) tell_recursion(builder, recursion);
    else if (frame && wide_frame) builder.derived(fmt::format("the frame of this function alone is {}", text::size_words(*frame)));
    if (!deep) {
        bool limit = used >= (std::uint64_t{7} << 20);
        if (main && !limit) builder.confidence(Confidence::likely, "the limit (ulimit -s) is not in a dump, and no recursion was found");
        if (!main && !run_into && !guard_below)
            builder.confidence(Confidence::likely,
                               fmt::format("only {} calls of {} are in each other", recursion.repeats, recursion.functions));
        if (run_into)
            builder.confidence(Confidence::likely, "no recursion was found: a stack pointer that was set wrong would look the same");
    }
    builder.reject("a wild pointer", "the stack pointer itself is at the end of the stack");
    builder.reject("a frame that jumps over the guard",
                   deep ? "many frames used the stack up, not one" : fmt::format("the address is within a page of the end of the stack"));
    if (deep) builder.help("the recursion does not end, or goes too deep for this stack: bound it, or make it a loop");
    else if (main) builder.help("make large local arrays static or allocate them");
    if (!main && shared)
        builder.help("give the coroutine or signal handler (sigaltstack) a larger stack, in a mapping of its own with a guard below it");
    else if (!main) builder.help("give the thread a larger stack: pthread_attr_setstacksize()");
    else if (!deep) builder.help("ulimit -s unlimited", finding::FixKind::command);
    return builder.build();
}

std::optional<Cause> skipped(Ask ask, const core::Region& stack, std::uint64_t address, std::uint64_t sp) {
    const core::Fault& fault = ask.crash.fault;
    const core::Access* access = guilty_access(fault);
    auto frame = frame_size(ask.crash);
    if (access == nullptr || !frame || *frame < page) return std::nullopt;
    std::uint64_t cfa = *ask.crash.stack.items[ask.crash.fault_frame].frame.cfa;
    // The frame starts in the stack and reaches out of it, and the address is in the frame (or just below: a call pushes there).
    if (cfa <= stack.start || cfa > stack.end || address + near_frame < sp || address >= cfa) return std::nullopt;
    CauseBuilder builder(RuleId::CRASH_STACK_SKIPPED_GUARD, ask.crash);
    builder.operand(access->operand).signal().instruction().reg(fault.registers.layout()->sp);
    builder.with("access", access_words(*access)).with_address("address", address).with("frame", text::size_words(*frame));
    builder.with("function", place_words(ask.crash, fault.pc));
    builder.mapping(stack.start,
                    fmt::format("the stack is {} to {}, {}", hexadecimal(stack.start), hexadecimal(stack.end),
                                text::size_words(stack.end - stack.start)));
    builder.derived(
        fmt::format("the frame of this function is {}: from {} down to {}", text::size_words(*frame), hexadecimal(cfa), hexadecimal(sp)));
    bool found = false;
    for (const disasm::Instruction& one : instructions_before(ask.crash, fault.pc)) {
        if (one.mnemonic != "sub" || one.operands.size() < 2 || one.operands[0].reg != fault.registers.layout()->sp) continue;
        bool fixed = one.operands[1].kind == disasm::Operand::Kind::immediate;
        if (fixed && static_cast<std::uint64_t>(one.operands[1].immediate) < page) continue;
        builder.memory(
            one.address, one.length(),
            fmt::format("\"{}\" {}", one.text, fixed ? "makes room for it at once" : "makes room for a size known only at run time"));
        found = true;
    }
    if (!found) builder.confidence(Confidence::likely, "the instruction that moved the stack pointer so far was not found in the function");
    Recursion recursion = recursion_of(ask.crash);
    builder.reject("a recursion that is too deep",
                   recursion.repeats > 1 ? fmt::format("the {} calls of {} before it take {} only", recursion.repeats, recursion.functions,
                                                       text::size_words(recursion.repeats * recursion.bytes))
                                         : "one frame takes all of it");
    builder.reject("a wild stack pointer", "the frame starts within the thread's stack");
    builder.help("make the large array static or allocate it; bound the size of alloca() and variable-length arrays");
    builder.help("-fstack-clash-protection", finding::FixKind::link_flag);
    return builder.build();
}

}  // namespace

// setup_rt_frame() failed: the kernel's signal says nothing of where.
std::optional<Cause> no_room_for_handler(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::Memory& memory = crash.process.memory;
    auto sp = crash.fault.registers.sp();
    const core::Region* stack = sp ? memory.region_at(*sp) : nullptr;
    if (stack == nullptr || !stack->writable() || *sp - stack->start > signal_frame) return std::nullopt;
    const core::Region* below = memory.region_at(stack->start - 1);
    bool main = stack == crash.process.main_stack();
    if (!main && (below == nullptr || (below->flags & 7) != 0)) return std::nullopt;
    Recursion recursion = recursion_of(crash);
    if (!recursion.goes_on()) return std::nullopt;
    std::uint64_t used = stack->end - stack->start;
    CauseBuilder builder(main ? RuleId::CRASH_STACK_OVERFLOW : RuleId::CRASH_THREAD_STACK_OVERFLOW, crash);
    builder.signal().instruction().reg(crash.fault.registers.layout()->sp);
    builder.with("access", "the kernel has no room for a handler's frame")
        .with_address("address", stack->start)
        .with("size", text::size_words(used));
    builder.mapping(stack->start,
                    fmt::format("the stack is {} to {}, {}", hexadecimal(stack->start), hexadecimal(stack->end), text::size_words(used)));
    builder.derived(fmt::format("{} bytes are left below the stack pointer: the frame of a signal, with the vector registers, has more",
                                *sp - stack->start));
    tell_recursion(builder, recursion);
    builder.confidence(Confidence::likely,
                       "the kernel says only that a signal could not be delivered: a frame that was overwritten looks the same");
    builder.reject("a fault of the instruction", "it uses no memory that could have been refused");
    builder.help(
        "the recursion does not end, or goes too deep for this stack: bound it, or make it a loop; a handler that raises its own signal again is one, too");
    return builder.build();
}

std::optional<Cause> stack_exhausted(Ask ask) {
    const core::Fault& fault = ask.crash.fault;
    if (!is_page_fault(fault) || !fault.instruction) return std::nullopt;
    auto sp = fault.registers.sp();
    if (!sp) return std::nullopt;
    std::uint64_t address = *fault.signal.address;
    const core::Memory& memory = ask.crash.process.memory;
    std::uint64_t distance = *sp > address ? *sp - address : address - *sp;

    auto begins_in = [&](const core::Region& stack) {
        const auto& items = ask.crash.stack.items;
        if (items.size() <= ask.crash.fault_frame) return false;
        const auto& cfa = items[ask.crash.fault_frame].frame.cfa;
        return cfa && stack.holds(*cfa);
    };
    // A thread's guard: no access, and right above it the memory the stack pointer is in.
    const core::Region* guard = memory.region_at(address);
    if (fault.signal.code == core::segv_accerr && guard != nullptr && (guard->flags & 7) == 0) {
        const core::Region* above = memory.region_at(guard->end);
        bool below_top = above != nullptr && above->readable() && above->writable();
        // gcc's -fstack-clash-protection moves the stack pointer down by a page before it touches that one.
        bool stepped = below_top && *sp < guard->start && guard->start - *sp <= page && begins_in(*above);
        if (below_top && (above->holds(*sp) || guard->holds(*sp) || above->end == *sp || stepped) && distance <= near_frame)
            return overflow(ask, *above, RuleId::CRASH_THREAD_STACK_OVERFLOW, address, *sp);
    }
    // A stack without a guard that lies on memory which may not be written: an alternate stack among a program's variables, say.
    if (fault.signal.code == core::segv_accerr && guard != nullptr && !guard->writable() && (guard->flags & 7) != 0) {
        const core::Region* above = memory.region_at(guard->end);
        bool around = above != nullptr && above->writable() && above->readable() &&
            (guard->holds(*sp) || (above->holds(*sp) && *sp - above->start <= near_frame));
        if (around && distance <= near_frame && guard->end - address <= near_frame && frames_end_in(ask.crash, *above))
            return overflow(ask, *above, RuleId::CRASH_THREAD_STACK_OVERFLOW, address, *sp);
    }
    // glibc 2.42 and later (Linux 6.13): the guard is part of the mapping (MADV_GUARD_INSTALL), and no page of it counts as mapped.
    if (fault.signal.code == core::segv_maperr && guard != nullptr && guard->readable() && guard->writable() &&
        memory.file_at(address) == nullptr && guard->holds(*sp) && distance <= near_frame && recursion_of(ask.crash).goes_on()) {
        core::Region stack = *guard;
        stack.start = std::min(address / page * page + page, stack.end);
        return overflow(ask, stack, RuleId::CRASH_THREAD_STACK_OVERFLOW, address, *sp);
    }
    if (fault.signal.code != core::segv_maperr || memory.region_at(address) != nullptr) return std::nullopt;
    const core::Region* main = ask.crash.process.main_stack();
    if (main != nullptr && address < main->start && main->start - address < far_frame && *sp < main->end) {
        bool close = main->start - address <= page && distance <= near_frame;
        Recursion recursion = recursion_of(ask.crash);
        bool deep = recursion.fills(main->end - main->start) && distance <= near_frame;
        if (close || deep) {
            if (auto cause = overflow(ask, *main, RuleId::CRASH_STACK_OVERFLOW, address, *sp)) return cause;
        }
        if (auto cause = skipped(ask, *main, address, *sp)) return cause;
    }
    // A stack without a guard below it (a coroutine's, an alternate one, a guard size of 0): many rounds of a recursion end at its start.
    const core::Region* above = memory.region_after(address);
    bool at_start = above != nullptr && above != main && above->writable() && above->start - address <= page && distance <= near_frame &&
        *sp < above->end && (above->holds(*sp) || above->start - *sp <= near_frame);
    Recursion recursion = at_start ? recursion_of(ask.crash) : Recursion();
    bool left = at_start && !above->holds(*sp) && frames_end_in(ask.crash, *above) && recursion.repeats >= few_rounds;
    if (at_start && (recursion.goes_on() || left)) {
        if (auto cause = overflow(ask, *above, RuleId::CRASH_THREAD_STACK_OVERFLOW, address, *sp)) return cause;
    }
    // A thread: the stack its frame starts in.
    if (ask.crash.stack.items.size() > ask.crash.fault_frame) {
        const core::Frame& frame = ask.crash.stack.items[ask.crash.fault_frame].frame;
        const core::Region* region = frame.cfa ? memory.region_at(*frame.cfa) : nullptr;
        if (region != nullptr && region != main && !region->holds(*sp)) {
            // Frames so large that one of them reaches over the guard, and many of them that filled the stack before.
            if (recursion_of(ask.crash).fills(region->end - region->start) && distance <= near_frame) {
                if (auto cause = overflow(ask, *region, RuleId::CRASH_THREAD_STACK_OVERFLOW, address, *sp)) return cause;
            }
            return skipped(ask, *region, address, *sp);
        }
    }
    return std::nullopt;
}

}  // namespace abiscope::rules
