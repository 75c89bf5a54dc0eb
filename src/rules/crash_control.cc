// Control went where no code may be executed: through a null or wild function pointer, or a return address that was overwritten.
#include <algorithm>

#include <fmt/format.h>

#include "core/spec.h"
#include "elf/relocations.h"
#include "elf/spec.h"
#include "elf/symbols.h"
#include "rules/crash_builder.h"
#include "rules/crash_operand.h"
#include "rules/crash_pointer_source.h"
#include "rules/crash_retpoline.h"
#include "rules/crash_trace.h"

namespace abiscope::rules {

namespace {

using disasm::BranchKind;
using disasm::Operand;

constexpr std::uint64_t page = 4096;

// How control came to the address. Nothing was executed since, so every register but the stack pointer is as it was.
struct Transfer {
    enum class Kind : std::uint8_t { unknown, call, plt, returned } kind = Kind::unknown;
    bool return_possible = false;  // of `call`: a function that leaves through an address that it pushed would look the same
    bool undecided = false;        // of `unknown`: it was a call or a return, and both would look the same
    std::optional<disasm::Instruction> instruction;  // the call
    std::optional<std::size_t> operand;
    std::uint64_t slot = 0;  // address the target was read from; 0: a register
    std::string reg;
    std::string symbol;  // of the slot's relocation
    bool weak = false;
    bool led_elsewhere = false;  // the call is known to have gone to another address
};

// The name a slot's relocation gives it.
void name_slot(core::Crash& crash, Transfer& transfer) {
    const core::Module* module = crash.process.module_at(transfer.slot);
    if (module == nullptr || !module->image) return;
    const elf::Image& image = *module->image;
    elf::SymbolTable symbols = elf::dynamic_symbols(image);
    for (const elf::RelocationRange& range : elf::relocation_ranges(image)) {
        for (std::uint64_t i = 0; i < range.size(); ++i) {
            elf::Relocation relocation = elf::relocation_at(image, range, i);
            if (relocation.offset + module->bias != transfer.slot) continue;
            elf::Symbol symbol = symbols.at(relocation.symbol);
            transfer.symbol = symbol.name;
            transfer.weak = symbol.binding() == 2 && !symbol.defined();
            return;
        }
    }
}

// The jump of a PLT entry: endbr64 or bnd in front, and then jmp through the slot.
std::optional<std::uint64_t> plt_slot(core::Crash& crash, std::uint64_t address) {
    for (int i = 0; i < 3; ++i) {
        auto instruction = core::decode_at(crash.process, address);
        if (!instruction) return std::nullopt;
        if (instruction->flow.branch == BranchKind::indirect_jump) return instruction->flow.slot;
        if (instruction->flow.branch != BranchKind::none) return std::nullopt;
        address += instruction->length();
    }
    return std::nullopt;
}

std::optional<std::uint64_t> operand_address(const core::Fault& fault, const disasm::MemoryOperand& memory, std::uint64_t word) {
    if (memory.address) return memory.address;
    if (is_of_thread(memory)) return std::nullopt;
    std::uint64_t address = static_cast<std::uint64_t>(memory.displacement);
    // The call has pushed its return address.
    for (auto [name, scale] : {std::pair(memory.base, std::uint8_t{1}), std::pair(memory.index, memory.scale)}) {
        if (name.empty()) continue;
        auto value = fault.registers.get(name);
        if (!value) return std::nullopt;
        address += (*value + (name == fault.registers.layout()->sp ? word : 0)) * scale;
    }
    return word == 8 ? address : address & 0xffffffff;
}

// System V psABI x86-64, 3.2.3, and i386, 2.2.1: what a function that is called may change.
bool is_scratch(std::string_view reg) {
    constexpr std::string_view kept[] = {"rbx", "rbp", "r12", "r13", "r14", "r15", "ebx", "ebp", "esi", "edi"};
    return std::ranges::find(kept, reg) == std::end(kept);
}

Transfer how(core::Crash& crash, std::uint64_t sp) {
    const core::Fault& fault = crash.fault;
    const core::Memory& memory = crash.process.memory;
    std::uint64_t word = crash.process.wide() ? 8 : 4;
    Transfer out;
    auto top = memory.word(sp);
    auto below = memory.word(sp - word);
    // A return has taken its address from the stack, and left it there. Of zeros there are many.
    bool returned = below && *below == fault.pc && fault.pc != 0;
    if (top && crash.unwinder.follows_call(*top)) {
        auto call = call_before(crash, *top);
        if (call && call->flow.branch == BranchKind::call && call->flow.target) {
            auto slot = plt_slot(crash, *call->flow.target);
            if (!slot || memory.word(*slot) != fault.pc) {
                auto holds_it = [&](const std::optional<std::string>& reg) { return reg && fault.registers.get(*reg) == fault.pc; };
                if (auto reg = thunk_register(crash, *call->flow.target); holds_it(reg)) {
                    out.kind = Transfer::Kind::call;
                    out.instruction = call;
                    out.reg = *reg;
                    return out;
                }
                out.led_elsewhere = true;
                if (returned && !holds_it(jumps_to_thunk(crash, *call->flow.target))) out.kind = Transfer::Kind::returned;
                return out;
            }
            out.kind = Transfer::Kind::plt;
            out.instruction = call;
            out.slot = *slot;
            name_slot(crash, out);
            return out;
        }
        if (!call || call->flow.branch != BranchKind::indirect_call) return out;
        auto operand = std::ranges::find_if(call->operands, [](const Operand& one) { return !one.implicit; });
        if (operand == call->operands.end()) return out;
        std::optional<std::uint64_t> target;
        if (operand->kind == Operand::Kind::reg) {
            target = fault.registers.get(operand->reg);
            out.reg = operand->reg;
        } else if (auto slot = operand_address(fault, operand->memory, word)) {
            target = memory.word(*slot);
            out.slot = *slot;
        }
        out.led_elsewhere = target && *target != fault.pc;
        if (out.led_elsewhere && returned) out.kind = Transfer::Kind::returned;
        if (!target || out.led_elsewhere) return out;
        // A return leaves the address below the stack pointer, a call only where an earlier one left it there; and a function may have
        // changed this register.
        if (!out.reg.empty() && returned && is_scratch(out.reg)) {
            auto held = held_before_call(crash, *call, out.reg);
            out.led_elsewhere = held && held->value != fault.pc;
            if (out.led_elsewhere) {
                out.kind = Transfer::Kind::returned;
                return out;
            }
            bool sure = held && (held->from_register.empty() || !is_scratch(held->from_register));
            // Functions begin with a stack pointer that is a word off its alignment, and return to one that is aligned (System V psABI
            // x86-64, 3.2.2).
            if (!sure && (sp + word) % 16 != 0) {
                out.undecided = true;
                return out;
            }
            out.return_possible = !sure;
        }
        out.kind = Transfer::Kind::call;
        out.operand = static_cast<std::size_t>(operand - call->operands.begin());
        out.instruction = call;
        if (out.slot != 0) name_slot(crash, out);
        return out;
    }
    if (below && *below == fault.pc) out.kind = Transfer::Kind::returned;
    return out;
}

void tell_call(CauseBuilder& builder, core::Crash& crash, const Transfer& transfer) {
    const disasm::Instruction& call = *transfer.instruction;
    builder.memory(call.address, call.length(), fmt::format("{} called: \"{}\"", place_words(crash, call.address), call.text));
    if (transfer.slot != 0) {
        std::string name = transfer.symbol.empty() ? std::string() : fmt::format(" (the slot of {})", transfer.symbol);
        builder.memory(transfer.slot, crash.process.wide() ? 8 : 4,
                       fmt::format("{}{} holds {}", hexadecimal(transfer.slot), name, hexadecimal(crash.fault.pc)));
    } else if (!transfer.reg.empty()) {
        builder.reg(transfer.reg, "still what it was at the call");
    }
}

std::optional<Cause> not_executable(Ask ask, const Transfer& transfer) {
    core::Crash& crash = ask.crash;
    std::uint64_t pc = crash.fault.pc;
    CauseBuilder builder(RuleId::CRASH_NOT_EXECUTABLE, crash);
    builder.signal().reg(crash.fault.registers.layout()->pc).mapping(pc);
    builder.with_address("target", pc).with("place", crash.process.place_name(pc));
    if (transfer.kind == Transfer::Kind::call || transfer.kind == Transfer::Kind::plt) tell_call(builder, crash, transfer);
    if (transfer.kind == Transfer::Kind::returned)
        builder.derived("a return went there: the word below the stack pointer is the same address");
    builder.reject("a read or write of data", "the address of the fault is the program counter itself");
    builder.reject("an address that is not mapped", "the code is SEGV_ACCERR and the mapping is there, without execute permission");
    auto part = image_part(crash.process, pc);
    if (part && (part->segment->flags & elf::pf_x) != 0) {
        builder.said(std::string(part->module->name()), "its program header makes this code: the right to execute it was taken away");
        builder.help(
            "look for mprotect() with a wrong address or length: it has covered the program's own code (strace -e trace=mprotect)");
        return builder.build();
    }
    builder.help(
        "code made at run time needs mprotect(PROT_READ | PROT_EXEC); otherwise a pointer to data was called, or a return address overwritten");
    return builder.build();
}

}  // namespace

std::optional<Cause> bad_control_transfer(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::Fault& fault = crash.fault;
    if (!is_page_fault(fault) || fault.pc_executable || *fault.signal.address != fault.pc) return std::nullopt;
    auto sp = fault.registers.sp();
    if (!sp || !disasm::is_x86(crash.process.layout->architecture)) return std::nullopt;
    Transfer transfer = how(crash, *sp);
    bool called = transfer.kind == Transfer::Kind::call || transfer.kind == Transfer::Kind::plt;
    if (called || (transfer.kind == Transfer::Kind::unknown && !transfer.undecided)) {
        PointerUse use{.value = fault.pc, .slot = {}, .reg = transfer.reg, .what = "calls", .operand = {}, .call = transfer.instruction};
        if (transfer.slot != 0 && transfer.operand)
            use.from(
                crash,
                loaded_from(crash, transfer.instruction->address, transfer.instruction->operands[*transfer.operand].memory, transfer.slot));
        else if (transfer.slot != 0) use.from(crash, LoadedFrom{.slot = transfer.slot, .base = {}, .moved = false});
        else if (called) use.from(crash, loaded_from(crash, transfer.instruction->address, transfer.reg));
        if (auto cause = pointer_source(crash, use)) return cause;
    }
    if (fault.signal.code == core::segv_accerr) {
        if (!fault.pc_mapped) {
            ask.missing.push_back(
                fmt::format("SEGV_ACCERR says that {} is mapped, but the dump has no mapping there", hexadecimal(fault.pc)));
            return std::nullopt;
        }
        return not_executable(ask, transfer);
    }
    if (fault.pc_mapped) {
        ask.missing.push_back(
            fmt::format("SEGV_MAPERR says that nothing was mapped at {}, but the dump has a mapping there", hexadecimal(fault.pc)));
        return std::nullopt;
    }
    if (transfer.undecided) {
        ask.missing.push_back(fmt::format(
            "whether {} was called through the register that holds it, or returned to: the word below the stack pointer is that address, too",
            hexadecimal(fault.pc)));
        return std::nullopt;
    }
    if (transfer.kind == Transfer::Kind::returned) {
        CauseBuilder builder(RuleId::CRASH_RETURN_SMASHED, crash);
        builder.signal().reg(fault.registers.layout()->pc).reg(fault.registers.layout()->sp);
        builder.memory(*sp - (crash.process.wide() ? 8 : 4), crash.process.wide() ? 8 : 4,
                       "the word a return has just taken from the stack is that address");
        builder.unmapped(fault.pc).with_address("target", fault.pc).with("function", "a function that has just returned");
        if (std::string pattern = pattern_words(fault.pc); !pattern.empty()) builder.derived("it is " + pattern);
        builder.confidence(Confidence::likely, "a jump through a pointer that was also left on the stack would look the same");
        builder.reject("a call through a bad pointer",
                       transfer.led_elsewhere ? "the call that what is on top of the stack follows led elsewhere"
                                              : "what is on top of the stack does not follow a call");
        builder.help("a local array was written past its end: -fstack-protector-strong or -fsanitize=address finds where");
        return builder.build();
    }
    bool null = fault.pc == 0;
    CauseBuilder builder(null ? RuleId::CRASH_CALL_NULL : RuleId::CRASH_CALL_WILD, crash);
    builder.signal().reg(fault.registers.layout()->pc).unmapped(fault.pc);
    builder.with_address("target", fault.pc);
    if (called) {
        std::string from = place_words(crash, transfer.instruction->address);
        tell_call(builder, crash, transfer);
        std::string what = transfer.kind == Transfer::Kind::plt
            ? fmt::format("the slot of {}", transfer.symbol.empty() ? "a function" : transfer.symbol)
            : transfer.slot != 0 ? fmt::format("the pointer at {}", hexadecimal(transfer.slot))
                                 : fmt::format("the pointer in {}", transfer.reg);
        if (transfer.weak) what += ", an undefined weak symbol";
        builder.with("from", from).with("what", what);
        builder.reject("a return to a smashed address", "what is on top of the stack is the address behind that call");
        if (transfer.return_possible)
            builder.confidence(Confidence::likely,
                               "the word below the stack pointer is that address, too: a function that was called there, put the address "
                               "into the same register and on the stack, and returned to it would look the same");
    } else {
        auto top = crash.process.memory.word(*sp);
        bool behind_call = top && crash.unwinder.follows_call(*top);
        builder.with("from", behind_call ? place_words(crash, *top - 1) : std::string("an unknown place"));
        builder.with("what", "a pointer whose place is not known");
        std::string reason = behind_call ? fmt::format("the call in {} {}", place_words(crash, *top - 1),
                                                       transfer.led_elsewhere ? "does not lead there by itself: what it called jumped on"
                                                                              : "went through a place whose value is not known any more")
                                         : "what is on top of the stack does not follow a call";
        builder.confidence(Confidence::likely, reason);
    }
    if (!null && fault.pc < page) builder.derived(fmt::format("{} is a small number, no address", hexadecimal(fault.pc)));
    builder.reject("a read or write of data", "the address of the fault is the program counter itself");
    builder.reject("memory that is not executable", "nothing is mapped there");
    if (transfer.weak) builder.help(fmt::format("test {} before it is called, or link the library that defines it", transfer.symbol));
    else
        builder.help(null ? "test the function pointer before it is called, or find why it was never set"
                          : "the function pointer was overwritten, freed or never set, or its library was unloaded (dlclose)");
    return builder.build();
}

}  // namespace abiscope::rules
