#include "core/unwind.h"

#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"
#include "core/call_before.h"
#include "core/symbolize.h"
#include "core/unwind_calls.h"
#include "disasm/decoder.h"
#include "dwarf/expression.h"
#include "elf/spec.h"

namespace abiscope::core {

using RuleKind = dwarf::RegisterRule::Kind;

struct Unwinder::Step {
    std::optional<Registers> caller;
    std::optional<std::uint64_t> cfa;
    Trust trust = Trust::cfi;
    bool exact = false;
    bool other_stack = false;
    bool outermost = false;
    std::string why_not;
};

// Rules that hold at an address, and the module they are from: a recursion asks for the same ones again and again.
struct Unwinder::Rows {
    struct Row {
        const Module* module = nullptr;
        std::optional<dwarf::FrameRow> row;
        std::uint64_t return_register = 0;
    };
    std::unordered_map<std::uint64_t, Row> by_pc;
    std::optional<disasm::Decoder> decoder;
    std::optional<Symbolizer> symbols;
    std::optional<CallSearch> calls;
};

std::string_view to_string(Trust trust) {
    switch (trust) {
        case Trust::context: return "context";
        case Trust::signal_frame: return "signal_frame";
        case Trust::cfi: return "cfi";
        case Trust::language: return "language";
        case Trust::frame_pointer: return "frame_pointer";
        case Trust::call_site: return "call_site";
    }
    return "call_site";
}

Unwinder::Unwinder(const Process& process, UnwindOptions options)
    : process_(process), options_(std::move(options)), rows_(std::make_unique<Rows>()) {
    if (process.layout == nullptr || !disasm::is_x86(process.layout->architecture)) return;
    auto decoder = disasm::Decoder::create(process.layout->architecture);
    if (!decoder) return;
    rows_->decoder.emplace(std::move(*decoder));
    rows_->calls.emplace(process_, *rows_->decoder);
}

Unwinder::~Unwinder() = default;

bool Unwinder::is_code(std::uint64_t address) const {
    const Region* region = process_.memory.region_at(address);
    return region != nullptr && region->executable();
}

bool Unwinder::follows_call(std::uint64_t address) const {
    return rows_->decoder && is_code(address) && call_flow_before(process_.memory, *rows_->decoder, address);
}

namespace {

// Registers a called function may change (the psABI of each machine): their values in the caller are not known.
void forget_scratch(Registers& registers) {
    static constexpr std::string_view x86_64[] = {"rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "orig_rax", "eflags"};
    static constexpr std::string_view i386[] = {"eax", "ecx", "edx", "orig_eax", "eflags"};
    const MachineLayout* layout = registers.layout();
    if (layout->machine == elf::em_x86_64) {
        for (std::string_view name : x86_64) registers.set(name, std::nullopt);
    } else if (layout->machine == elf::em_386) {
        for (std::string_view name : i386) registers.set(name, std::nullopt);
    } else if (layout->machine == elf::em_aarch64) {
        for (std::size_t i = 0; i <= 18; ++i) registers.set(layout->registers[i].name, std::nullopt);
    }
}

}  // namespace

std::optional<Unwinder::Step> Unwinder::by_call_frames(Frame frame) {
    std::uint64_t pc = frame.lookup_pc();
    auto [found, fresh] = rows_->by_pc.try_emplace(pc);
    Rows::Row& known = found->second;
    if (fresh) {
        known.module = process_.module_at(pc);
        // Code of another word size numbers its registers otherwise.
        bool same_machine =
            known.module != nullptr && known.module->image && known.module->image->header().machine == process_.layout->machine;
        if (same_machine) {
            std::uint64_t address = pc - known.module->bias;
            if (!process_.wide()) address &= 0xffffffff;
            if (auto unwinding = known.module->unwinding_at(address, process_.files.get())) {
                known.row = unwinding->frames->row(unwinding->entry, address);
                known.return_register = unwinding->entry.return_register;
            }
        }
    }
    if (!known.row) return std::nullopt;
    const dwarf::FrameRow& row = *known.row;

    dwarf::Machine machine{
        .register_value = [&](std::uint64_t number) { return frame.registers.by_dwarf(number); },
        .memory = [&](std::uint64_t address, std::uint8_t size) { return process_.memory.number(address, size); },
        .address_size = static_cast<std::uint8_t>(process_.wide() ? 8 : 4),
        .order = process_.order(),
    };
    std::uint64_t mask = process_.wide() ? ~std::uint64_t{0} : 0xffffffff;
    Step step;
    if (!row.cfa_expression.empty()) {
        step.cfa = dwarf::evaluate(row.cfa_expression, machine);
    } else if (auto base = frame.registers.by_dwarf(row.cfa_register)) {
        step.cfa = (*base + static_cast<std::uint64_t>(row.cfa_offset)) & mask;
    }
    if (!step.cfa) {
        step.why_not = "call frame information needs a register or memory that is not known";
        return step;
    }
    Registers caller = frame.registers;
    forget_scratch(caller);
    caller.set(process_.layout->sp, *step.cfa);
    bool address_known = false;
    std::optional<std::uint64_t> return_address;
    for (const auto& [number, rule] : row.registers) {
        std::optional<std::uint64_t> value;
        std::uint64_t place = (*step.cfa + static_cast<std::uint64_t>(rule.offset)) & mask;
        switch (rule.kind) {
            case RuleKind::unspecified: continue;
            case RuleKind::undefined:
                if (number == known.return_register) {
                    step.outermost = true;
                    return step;
                }
                break;
            case RuleKind::same_value: value = frame.registers.by_dwarf(number); break;
            case RuleKind::offset: value = process_.memory.word(place); break;
            case RuleKind::value_offset: value = place; break;
            case RuleKind::in_register: value = frame.registers.by_dwarf(rule.number); break;
            case RuleKind::expression:
                if (auto at = dwarf::evaluate(rule.expression, machine, step.cfa)) value = process_.memory.word(*at);
                break;
            case RuleKind::value_expression: value = dwarf::evaluate(rule.expression, machine, step.cfa); break;
        }
        if (number == known.return_register) {
            address_known = true;
            return_address = value;
        }
        caller.set_dwarf(number, value);
    }
    // A leaf that keeps its return address in the link register.
    if (!address_known && !process_.layout->return_address.empty()) {
        address_known = true;
        return_address = frame.registers.by_dwarf(known.return_register);
    }
    if (!return_address) {
        step.why_not = address_known ? "the return address is not in the dump" : "call frame information has no return address";
        return step;
    }
    caller.set(process_.layout->pc, return_address);
    step.caller = caller;
    return step;
}

// A function interrupted before it has set up its frame, or that sets up none: the frame pointer is still its caller's. Its instructions
// from the start tell how far the stack pointer has moved; nothing when they do not, or the frame pointer was set.
std::optional<Unwinder::Step> Unwinder::by_prologue(const Frame& frame) {
    if (!frame.exact || !rows_->decoder) return std::nullopt;
    if (!rows_->symbols) rows_->symbols.emplace(process_);
    const Location& location = rows_->symbols->at(frame.pc);
    constexpr std::uint64_t longest = 1 << 14;
    if (location.function_start == 0 || frame.pc - location.function_start > longest) return std::nullopt;
    std::vector<std::byte> code = process_.memory.read_some(location.function_start, frame.pc - location.function_start);
    if (code.size() != frame.pc - location.function_start) return std::nullopt;
    std::uint64_t word = process_.wide() ? 8 : 4;
    std::string_view sp = process_.layout->sp;
    std::uint64_t depth = 0;
    for (std::size_t at = 0; at < code.size();) {
        auto one = rows_->decoder->decode(std::span(code).subspan(at), location.function_start + at, disasm::Syntax::none);
        if (!one) return std::nullopt;
        at += one->length();
        bool moves_sp = false;
        for (const disasm::Operand& operand : one->operands) {
            if (operand.kind != disasm::Operand::Kind::reg || !operand.write) continue;
            if (frame.registers.whole(operand.reg) == process_.layout->fp && one->mnemonic != "pop") return std::nullopt;
            moves_sp = moves_sp || frame.registers.whole(operand.reg) == sp;
        }
        if (one->flow.branch == disasm::BranchKind::call || one->flow.branch == disasm::BranchKind::indirect_call) continue;
        if (!moves_sp) continue;
        // A leaf with several ends: nothing was pushed on any way that has been seen.
        if (one->flow.branch == disasm::BranchKind::function_return && depth == 0) continue;
        bool constant = one->operands.size() >= 2 && one->operands[1].kind == disasm::Operand::Kind::immediate;
        if (one->mnemonic == "push") depth += word;
        else if (one->mnemonic == "sub" && constant) depth += static_cast<std::uint64_t>(one->operands[1].immediate);
        else return std::nullopt;   // an epilogue, alloca(): the way to here is not straight
    }
    auto address = process_.memory.word(frame.sp + depth);
    if (!address || !follows_call(*address)) return std::nullopt;
    Step step{.caller = frame.registers, .cfa = frame.sp + depth + word, .trust = Trust::call_site, .why_not = {}};
    forget_scratch(*step.caller);
    for (const RegisterPlace& place : process_.layout->registers) {
        if (depth != 0 && place.name != process_.layout->fp)
            step.caller->set(place.name, std::nullopt);   // may have been changed after a push
    }
    step.caller->set(sp, step.cfa);
    step.caller->set(process_.layout->pc, address);
    return step;
}

std::optional<Unwinder::Step> Unwinder::by_calls(const Frame& frame) {
    if (!rows_->calls) return std::nullopt;
    if (!rows_->symbols) rows_->symbols.emplace(process_);
    auto caller = rows_->calls->caller(frame, rows_->symbols->at(frame.lookup_pc()).function_start);
    if (!caller) return std::nullopt;
    return Step{.caller = caller->registers, .cfa = caller->cfa, .trust = Trust::call_site, .why_not = {}};
}

std::optional<Unwinder::Step> Unwinder::by_frame_pointer(const Frame& frame) const {
    auto fp = frame.registers.fp();
    std::uint64_t word = process_.wide() ? 8 : 4;
    if (!fp || *fp < frame.sp || *fp % word != 0) return std::nullopt;
    // A frame that is too large for its stack leaves the stack pointer where nothing is mapped.
    const Region* stack = process_.memory.region_at(*fp);
    if (stack == nullptr || !stack->writable()) return std::nullopt;
    if (!stack->holds(frame.sp) && process_.memory.region_at(frame.sp) != nullptr) return std::nullopt;
    auto saved = process_.memory.word(*fp);
    auto address = process_.memory.word(*fp + word);
    if (!saved || !address) return std::nullopt;
    bool x86 = disasm::is_x86(process_.layout->architecture);
    if (x86 ? !follows_call(*address) : !is_code(*address)) return std::nullopt;
    Step step{.caller = frame.registers, .cfa = *fp + 2 * word, .trust = Trust::frame_pointer, .why_not = {}};
    for (const RegisterPlace& place : process_.layout->registers) step.caller->set(place.name, std::nullopt);
    step.caller->set(process_.layout->fp, saved);
    step.caller->set(process_.layout->sp, step.cfa);
    step.caller->set(process_.layout->pc, address);
    return step;
}

// Control went where no code is: the call that did it left its return address on top of the stack, or in the link register.
std::optional<Unwinder::Step> Unwinder::by_call_site(const Frame& frame) const {
    Step step{.caller = frame.registers, .cfa = {}, .trust = Trust::call_site, .why_not = {}};
    if (!process_.layout->return_address.empty()) {
        auto address = frame.registers.get(process_.layout->return_address);
        if (!address || !is_code(*address)) return std::nullopt;
        step.cfa = frame.sp;
        step.caller->set(process_.layout->pc, address);
        return step;
    }
    std::uint64_t word = process_.wide() ? 8 : 4;
    auto address = process_.memory.word(frame.sp);
    // The kernel calls a handler without a call.
    if (!address || (!follows_call(*address) && !signal_frame(*address, frame.sp + word))) return std::nullopt;
    step.cfa = frame.sp + word;
    forget_scratch(*step.caller);
    step.caller->set(process_.layout->sp, step.cfa);
    step.caller->set(process_.layout->pc, address);
    return step;
}

// A part of a module that was unmapped: its file still tells.
std::optional<Unwinder::Step> Unwinder::by_unmapped_code(const Frame& frame) {
    if (process_.memory.region_at(frame.lookup_pc()) != nullptr) return std::nullopt;
    auto step = by_call_frames(frame);
    return step && (step->caller || step->outermost) ? step : std::nullopt;
}

Unwinder::Step Unwinder::step(const Frame& frame) {
    if (frame.signal) {
        return {.caller = frame.signal->registers, .cfa = {}, .trust = Trust::signal_frame, .exact = true, .why_not = {}};
    }
    for (FrameSource* source : options_.sources) {
        auto found = source->step(process_, frame);
        if (!found) continue;
        return {.caller = found->caller,
                .cfa = found->cfa,
                .trust = Trust::language,
                .exact = found->exact,
                .other_stack = found->other_stack,
                .outermost = found->outermost,
                .why_not = std::move(found->why_not)};
    }
    if (frame.exact && !is_code(frame.pc)) {
        if (auto step = by_call_site(frame)) return *step;
        if (auto step = by_unmapped_code(frame)) return *step;
        return {.caller = {},
                .cfa = {},
                .why_not = fmt::format("{} is not code, and no return address behind a call is on top of the stack", text::hex(frame.pc))};
    }
    if (!is_code(frame.lookup_pc())) {
        if (auto step = by_unmapped_code(frame)) return *step;
        return {.caller = {}, .cfa = {}, .why_not = fmt::format("the return address {} is not in executable memory", text::hex(frame.pc))};
    }
    std::string why_not = "no call frame information covers the code";
    if (auto step = by_call_frames(frame)) {
        if (step->outermost || step->caller) return *step;
        why_not = step->why_not;
    } else if (const Module* module = process_.module_at(frame.pc); module != nullptr && !module->image) {
        why_not = fmt::format("the file of {} is not at hand ({}), and with it its call frame information", module->name(),
                              to_string(module->state));
    }
    if (auto step = by_calls(frame)) return *step;
    if (auto step = by_prologue(frame)) return *step;
    if (auto step = by_frame_pointer(frame)) return *step;
    return {.caller = {}, .cfa = {}, .why_not = why_not + ", and there is no chain of frame pointers"};
}

namespace {

// Keeps what repeats once. A cycle is looked for among the last frames when the same address comes again.
class Folder {
public:
    explicit Folder(Stack& stack) : stack_(stack) {}

    void add(const Frame& frame) {
        ++stack_.frames;
        if (folding_) {
            StackItem& head = stack_.items[first_];
            const Frame& expected = stack_.items[first_ + at_].frame;
            if (expected.pc == frame.pc && !frame.signal) {
                pending_.push_back(frame);
                if (++at_ == head.cycle) {
                    ++head.repeats;
                    at_ = 0;
                    pending_.clear();
                }
                return;
            }
            finish();
        }
        stack_.items.push_back({.frame = frame});
        look();
    }

    void finish() {
        if (!folding_) return;
        folding_ = false;
        floor_ = stack_.items.size();
        for (const Frame& frame : pending_) stack_.items.push_back({.frame = frame});
        pending_.clear();
    }

private:
    static constexpr std::size_t longest = 32;
    static constexpr std::size_t rounds = 4;

    [[nodiscard]] bool repeats(std::size_t cycle) const {
        std::size_t count = stack_.items.size();
        if (count < floor_ + cycle * rounds) return false;
        for (std::size_t i = count - cycle * (rounds - 1); i < count; ++i) {
            const Frame& one = stack_.items[i].frame;
            if (one.pc != stack_.items[i - cycle].frame.pc || one.signal) return false;
        }
        return true;
    }

    void look() {
        for (std::size_t cycle = 1; cycle <= longest && cycle * rounds <= stack_.items.size(); ++cycle) {
            if (!repeats(cycle)) continue;
            first_ = stack_.items.size() - cycle * rounds;
            StackItem& head = stack_.items[first_];
            head.cycle = static_cast<std::uint32_t>(cycle);
            head.repeats = rounds - 1;
            head.bytes = stack_.items[first_ + cycle].frame.sp - head.frame.sp;
            stack_.items.resize(first_ + cycle);
            at_ = 0;
            folding_ = true;
            return;
        }
    }

    Stack& stack_;
    std::vector<Frame> pending_;
    std::size_t first_ = 0;
    std::size_t at_ = 0;
    std::size_t floor_ = 0;
    bool folding_ = false;
};

}  // namespace

Stack Unwinder::unwind(const Registers& registers, std::uint32_t thread, Start start) {
    Stack stack;
    auto pc = registers.pc();
    auto sp = registers.sp();
    if (process_.layout == nullptr || !pc || !sp) {
        stack.end = "the registers are not known";
        return stack;
    }
    Folder folder(stack);
    Frame frame{.registers = registers, .pc = *pc, .sp = *sp, .cfa = {}, .trust = Trust::context, .exact = start.exact, .signal = {}};
    for (FrameSource* source : options_.sources) source->start(registers, thread);
    constexpr int most_switches = 256;
    int switches = 0;
    bool arrived_by_switch = false;
    while (true) {
        if (!frame.exact || frame.trust != Trust::context) frame.signal = signal_frame(frame.pc, frame.sp);
        Step next = step(frame);
        frame.cfa = next.cfa;
        Frame previous = frame;
        folder.add(frame);
        if (next.outermost) {
            stack.complete = true;
            stack.end = "outermost frame";
            break;
        }
        if (!next.caller) {
            stack.end = next.why_not;
            break;
        }
        auto next_pc = next.caller->pc();
        auto next_sp = next.caller->sp();
        if (!next_pc || !next_sp) {
            stack.end = "the caller's registers are not known";
            break;
        }
        if (*next_pc == 0 && !next.exact) {
            stack.complete = true;
            stack.end = "outermost frame: the return address is 0";
            break;
        }
        // Only a function that has not touched its stack yet has its caller's stack pointer; a signal handler may have another stack.
        bool switched = previous.signal || next.other_stack;
        switches += switched ? 1 : 0;
        bool goes_on = switched
            ? switches <= most_switches
            : *next_sp > previous.sp || (*next_sp == previous.sp && (previous.exact || arrived_by_switch) && *next_pc != previous.pc);
        if (!goes_on) {
            stack.end = "the stack does not go on: the caller's frame would lie below this one";
            break;
        }
        if (stack.frames >= (start.most_frames == 0 ? options_.most_frames : start.most_frames)) {
            stack.end = fmt::format("stopped after {} frames", stack.frames);
            break;
        }
        arrived_by_switch = switched;
        frame = Frame{
            .registers = *next.caller, .pc = *next_pc, .sp = *next_sp, .cfa = {}, .trust = next.trust, .exact = next.exact, .signal = {}};
    }
    folder.finish();
    return stack;
}

}  // namespace abiscope::core
