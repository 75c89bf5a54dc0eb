#include "core/go_frames.h"

#include "elf/spec.h"

namespace abiscope::core {

struct GoFrames::Here {
    const Process& process;
    const Frame& frame;
    const golang::FoundModule& module;
    golang::Function function;
    std::string_view special;          // the constant's name of its FuncID
    std::uint64_t word;                // bytes of a pointer
    std::uint64_t delta;               // from sp to where it was at the entry
};

namespace {

// On these machines a call leaves its return address in a register, and a frame keeps it at its lowest address.
bool has_link_register(const Process& process) { return !process.layout->return_address.empty(); }

// The runtime stops at its signal handler, too. The kernel called that: what it interrupted is behind it.
bool is_outermost(const golang::FoundModule& module, const golang::Function& function, std::string_view special) {
    bool top = (function.flags & golang::func_flag_top_frame) != 0 || special == "goexit" || special == "mstart" || special == "rt0_go";
    return top && !module.table.name(function).starts_with("runtime.sigtramp");
}

}  // namespace

void GoFrames::start(const Registers& registers, std::uint32_t thread) {
    thread_ = go_.thread(registers, thread);
    system_sp_ = thread_ ? thread_->system.saved.sp : 0;
}

// Go's own functions keep nothing for their callers but the stack and the goroutine.
Registers GoFrames::caller_of(const Here& here, std::uint64_t pc, std::uint64_t sp) const {
    Registers out(here.process.layout);
    for (std::string_view kept : {go_.machine().goroutine, go_.machine().thread_pointer}) {
        if (!kept.empty()) out.set(kept, here.frame.registers.get(kept));
    }
    out.set(here.process.layout->pc, pc);
    out.set(here.process.layout->sp, sp);
    return out;
}

// C called by asmcgocall, on the scheduler's stack: the goroutine and how deep its stack was lie above the call, in two orders by release;
// with no goroutine, the stack pointer itself.
std::optional<FrameSource::Step> GoFrames::from_c(const Here& here) const {
    const Memory& memory = here.process.memory;
    std::uint64_t sp = here.frame.sp;
    struct Slots {
        std::uint64_t depth, goroutine;
    };
    for (Slots slots : {Slots{0, 8}, Slots{40, 48}}) {
        auto depth = memory.word(sp + slots.depth), address = memory.word(sp + slots.goroutine);
        if (!depth || !address) continue;
        std::uint64_t old = 0;
        if (auto goroutine = go_.goroutine(*address); goroutine && *depth <= goroutine->stack.size()) {
            old = goroutine->stack.end - *depth;
        } else if (*address == 0 && *depth > sp) {
            old = *depth;
        } else {
            continue;
        }
        old += here.delta;
        auto pc = memory.word(old);
        if (!pc || go_.program().module_at(*pc) == nullptr) continue;
        return Step{.caller = caller_of(here, *pc, old + here.word), .cfa = old + here.word, .other_stack = true};
    }
    return std::nullopt;
}

// Go called by C: cgocallback has the same frame on the goroutine's stack, where Go goes on, and on the scheduler's, where its caller in C
// is. The scheduler's stack pointer of the moment is in g0, and that of the call before it in the frame.
std::optional<FrameSource::Step> GoFrames::from_callback(const Here& here) {
    if (!thread_ || system_sp_ == 0 || !thread_->current || !on_stack(*thread_->current, here.frame.sp)) return std::nullopt;
    const Memory& memory = here.process.memory;
    std::uint64_t place = system_sp_ + here.delta;
    auto pc = memory.word(place), before = memory.word(system_sp_);
    // A panic has put the scheduler's stack pointer back by now (runtime.unwindm): what lies there is no such frame any more.
    const golang::FoundModule* module = pc ? go_.program().module_at(*pc) : nullptr;
    auto caller = module != nullptr ? module->table.find(*pc) : std::nullopt;
    if (!before || !caller || module->table.name(*caller) != "crosscall2") {
        system_sp_ = 0;
        return std::nullopt;
    }
    system_sp_ = *before;
    return Step{.caller = caller_of(here, *pc, place + here.word), .cfa = place + here.word, .other_stack = true};
}

std::optional<FrameSource::Step> GoFrames::by_tables(const Here& here) const {
    const Memory& memory = here.process.memory;
    std::uint64_t sp = here.frame.sp;
    bool other_stack = false;
    if (here.special == "systemstack" && thread_ && thread_->current && on_stack(thread_->system, sp)) {
        sp = thread_->current->saved.sp;
        other_stack = true;
    }
    bool links = has_link_register(here.process);
    std::uint64_t cfa = sp + here.delta + (links ? 0 : here.word);
    // On arm it saves its caller's registers below its return address, by an instruction whose push the assembler does not count.
    bool counts_eight_words_less =
        here.process.layout->machine == elf::em_arm && here.module.table.name(here.function) == "runtime.sigtramp";
    if (counts_eight_words_less) cfa += 8 * here.word;
    std::optional<std::uint64_t> pc;
    if (!links) pc = memory.word(cfa - here.word);
    else if (auto link = here.frame.registers.get(here.process.layout->return_address); here.delta == 0 && !other_stack && link) pc = link;
    else if (counts_eight_words_less) pc = memory.word(cfa - here.word);
    else pc = memory.word(sp);
    if (!pc) return Step{.caller = {}, .cfa = cfa, .why_not = "the return address is not in the dump"};
    Step step{.caller = caller_of(here, *pc, cfa), .cfa = cfa, .other_stack = other_stack};
    // A frame that has any room keeps the caller's frame pointer behind it.
    if (!links && here.delta >= here.word) step.caller->set(here.process.layout->fp, memory.word(cfa - 2 * here.word));
    if (here.module.table.name(here.function) == "crosscall2" && here.process.layout->machine == elf::em_x86_64) {
        // runtime/cgo/abi_amd64.h, PUSH_REGS_HOST_TO_ABI0: what C expects to find again.
        std::uint64_t place = cfa - 7 * here.word;
        for (std::string_view saved : {"rbx", "r12", "r13", "r14", "r15"}) {
            step.caller->set(saved, memory.word(place));
            place += here.word;
        }
    }
    // The signal handler made the interrupted instruction look like a caller.
    step.exact =
        here.special == "sigpanic" || here.special == "asyncPreempt" || here.special == "debugCallV1" || here.special == "debugCallV2";
    // What it was entered over is the goroutine's saved pc, up to 1.20 the very start of systemstack_switch.
    if (here.special == "cgocallback") step.exact = go_.starts_function(*pc);
    if (links && step.exact) {
        step.caller->set(here.process.layout->return_address, memory.word(cfa));
        // Space for a link register, in steps of the stack's alignment (runtime/traceback.go: MinFrameSize, StackAlign).
        step.caller->set(here.process.layout->sp, cfa + (here.process.layout->machine == elf::em_aarch64 ? 16 : here.word));
    }
    return step;
}

std::optional<FrameSource::Step> GoFrames::step(const Process& process, const Frame& frame) {
    std::uint64_t pc = frame.lookup_pc();
    const golang::FoundModule* module = go_.program().module_at(pc);
    if (module == nullptr) return std::nullopt;
    auto function = module->table.find(pc);
    if (!function) return std::nullopt;
    auto delta = module->table.sp_delta(*function, pc);
    if (!delta || *delta < 0) return std::nullopt;
    Here here{.process = process,
              .frame = frame,
              .module = *module,
              .function = *function,
              .special = go_.special(*function),
              .word = process.wide() ? std::uint64_t{8} : 4,
              .delta = static_cast<std::uint64_t>(*delta)};
    if (is_outermost(*module, *function, here.special)) return Step{.caller = {}, .cfa = {}, .outermost = true};
    if (here.special == "asmcgocall") return from_c(here);
    if (here.special == "cgocallback") {
        if (auto step = from_callback(here)) return step;
    }
    // It never returns: the goroutine goes on where its stack was found too small.
    if (here.special == "morestack" && thread_ && thread_->current && on_stack(thread_->system, frame.sp)) {
        const golang::SavedRegisters& saved = thread_->current->saved;
        Step step{.caller = caller_of(here, saved.pc, saved.sp), .cfa = saved.sp, .other_stack = true};
        // The function has no frame yet.
        if (has_link_register(process)) step.caller->set(process.layout->return_address, saved.lr);
        return step;
    }
    return by_tables(here);
}

}  // namespace abiscope::core
