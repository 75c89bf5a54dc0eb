#include "rules/crash_trace.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "disasm/decoder.h"

namespace abiscope::rules {

using disasm::BranchKind;
using disasm::Instruction;
using disasm::Operand;

std::vector<Instruction> instructions_before(core::Crash& crash, std::uint64_t pc, std::size_t most) {
    std::vector<Instruction> out;
    const core::Location& location = crash.symbols.at(pc);
    if (location.function_start == 0 || location.function_start > pc || crash.process.layout == nullptr) return {};
    auto decoder = disasm::Decoder::create(crash.process.layout->architecture);
    if (!decoder) return {};
    std::uint64_t at = location.function_start;
    constexpr std::uint64_t longest = 1 << 16;
    if (pc - at > longest) return {};
    std::vector<std::byte> code = crash.process.memory.read_some(at, pc - at + 16);
    while (at < pc) {
        std::uint64_t offset = at - location.function_start;
        if (offset >= code.size()) return {};
        auto instruction = decoder->decode(std::span(code).subspan(offset), at);
        if (!instruction || instruction->length() == 0) return {};
        at += instruction->length();
        out.push_back(std::move(*instruction));
        if (out.size() > most) out.erase(out.begin());
    }
    return at == pc ? out : std::vector<Instruction>();
}

std::optional<Instruction> call_before(core::Crash& crash, std::uint64_t return_address) {
    if (crash.process.layout == nullptr) return std::nullopt;
    auto decoder = disasm::Decoder::create(crash.process.layout->architecture);
    if (!decoder) return std::nullopt;
    auto is_call = [](const Instruction& one) {
        return one.flow.branch == BranchKind::call || one.flow.branch == BranchKind::indirect_call;
    };
    // From the start of the function there is one way to read the bytes; from their end `call r12` ends like `call rsp`.
    std::vector<Instruction> code = instructions_before(crash, return_address, 1);
    if (!code.empty()) return is_call(code.back()) ? std::optional(std::move(code.back())) : std::nullopt;
    auto of_length = [&](std::uint64_t length) -> std::optional<Instruction> {
        if (return_address < length) return std::nullopt;
        std::vector<std::byte> bytes = crash.process.memory.read_some(return_address - length, length);
        if (bytes.size() != length) return std::nullopt;
        auto instruction = decoder->decode(bytes, return_address - length);
        if (!instruction || instruction->length() != length || !is_call(*instruction)) return std::nullopt;
        return *std::move(instruction);
    };
    for (std::uint64_t length : {5U, 2U, 3U, 6U, 7U, 4U, 8U}) {
        auto found = of_length(length);
        if (!found) continue;
        // A REX prefix in front belongs to it.
        auto longer = found->flow.branch == BranchKind::indirect_call ? of_length(length + 1) : std::nullopt;
        return longer ? longer : found;
    }
    return std::nullopt;
}

bool writes(const core::Registers& registers, const Instruction& instruction, std::string_view whole) {
    for (const Operand& operand : instruction.operands) {
        if (operand.kind == Operand::Kind::reg && operand.write && registers.whole(operand.reg) == whole) return true;
    }
    return false;
}

namespace {

// Every instruction of the function around `pc` where its unwinding information says where it begins and ends; nothing where it does not.
std::optional<std::vector<Instruction>> whole_function(core::Crash& crash, std::uint64_t pc) {
    const core::Module* module = crash.process.module_at(pc);
    if (module == nullptr || crash.process.layout == nullptr) return std::nullopt;
    auto unwinding = module->unwinding_at(pc - module->bias, crash.process.files.get());
    auto decoder = disasm::Decoder::create(crash.process.layout->architecture);
    constexpr std::uint64_t longest = 1 << 16;
    if (!unwinding || !decoder || unwinding->entry.size > longest) return std::nullopt;
    std::uint64_t from = unwinding->entry.start + module->bias;
    std::vector<std::byte> bytes = crash.process.memory.read_some(from, unwinding->entry.size);
    std::vector<Instruction> out;
    for (std::uint64_t offset = 0; offset < bytes.size();) {
        auto instruction = decoder->decode(std::span(bytes).subspan(offset), from + offset);
        if (!instruction || instruction->length() == 0) return std::nullopt;
        offset += instruction->length();
        out.push_back(std::move(*instruction));
    }
    return out;
}

}  // namespace

std::size_t straight_line(core::Crash& crash, std::uint64_t pc, const std::vector<Instruction>& code) {
    std::size_t start = code.size();
    const core::Module* module = crash.process.module_at(pc);
    if (code.empty() || module == nullptr) return start;
    while (start > 0 && code[start - 1].flow.branch == BranchKind::none) --start;
    auto whole = whole_function(crash, pc);
    if (!whole) return code.size();
    for (const Instruction& instruction : *whole) {
        // A table of jumps may lead anywhere.
        if (instruction.flow.branch == BranchKind::indirect_jump) return code.size();
        auto target = instruction.flow.target;
        if (!target || instruction.flow.branch == BranchKind::call || *target > pc) continue;
        while (start < code.size() && code[start].address < *target) ++start;
    }
    return start;
}

namespace {

// Behind a call the scratch registers are others.
bool breaks_the_line(const Instruction& instruction) { return instruction.flow.branch != BranchKind::none; }

// Values of registers at places of a straight line of code, from those they have at its end.
class Loads {
public:
    Loads(const core::Crash& crash, const std::vector<Instruction>& code) : Loads(crash, code, crash.fault.registers) {}
    Loads(const core::Crash& crash, const std::vector<Instruction>& code, const core::Registers& registers)
        : crash_(crash), code_(code), registers_(registers) {}

    struct Value {
        std::uint64_t value = 0;
        std::optional<std::uint64_t> slot;   // it was loaded from there
        std::uint64_t base = 0;              // what it was before constants were added to it
        std::string_view from_register;      // that held it; empty: it is of memory, at `from_memory`
        std::optional<disasm::MemoryOperand> from_memory;
        std::shared_ptr<const Value> through;   // the pointer that its slot was found by
        std::size_t since = 0;               // memory was read for it by code_[since], and maybe later
    };
    // Of the register in front of code_[index].
    [[nodiscard]] std::optional<Value> at(std::string_view whole, std::size_t index, int links = 0) const {
        constexpr int most_links = 8;
        if (whole.empty() || links > most_links) return std::nullopt;
        auto writer = last_writer(whole, index);
        // Nobody writes it from there on: it has its value still.
        std::optional<Value> still;
        if (auto now = registers_.get(whole); now && last_writer(whole, code_.size()) == writer)
            still = Value{
                .value = *now, .slot = {}, .base = *now, .from_register = whole, .from_memory = {}, .through = {}, .since = code_.size()};
        auto moved = writer ? by_writer(*writer, links) : std::nullopt;
        return moved && (!still || moved->value == still->value) ? moved : still;
    }

    // Of the register behind the code, by what its last writer took it from, whatever it is now. Nothing where that is in front of
    // code_[start].
    [[nodiscard]] std::optional<Value> as_written(std::string_view whole, std::size_t start) const {
        auto writer = last_writer(whole, code_.size());
        return writer && *writer >= start ? by_writer(*writer) : std::nullopt;
    }

private:
    // Of the register that code_[writer] has written.
    [[nodiscard]] std::optional<Value> by_writer(std::size_t writer, int links = 0) const {
        const Instruction& one = code_[writer];
        if (breaks_the_line(one) || (one.mnemonic != "mov" && one.mnemonic != "add") || one.operands.size() < 2) return std::nullopt;
        const Operand& source = one.operands[1];
        if (one.mnemonic == "add") {
            // To a member, or an entry of a table.
            if (source.kind != Operand::Kind::immediate) return std::nullopt;
            auto moved = at(registers_.whole(one.operands[0].reg), writer, links + 1);
            if (moved) moved->value += static_cast<std::uint64_t>(source.immediate);
            return moved;
        }
        if (source.kind == Operand::Kind::immediate) {
            std::uint32_t size = one.operands[0].size;
            if (size != 8 && size != 4) return std::nullopt;
            std::uint64_t value = static_cast<std::uint64_t>(source.immediate) & (size == 8 ? ~std::uint64_t{0} : 0xffffffff);
            return Value{
                .value = value, .slot = {}, .base = value, .from_register = {}, .from_memory = {}, .through = {}, .since = code_.size()};
        }
        if (source.size != (crash_.process.wide() ? 8U : 4U)) return std::nullopt;
        if (source.kind == Operand::Kind::reg) return at(registers_.whole(source.reg), writer, links + 1);
        if (source.kind != Operand::Kind::memory) return std::nullopt;
        auto slot = address_of(source.memory, writer, links);
        auto value = slot ? crash_.process.memory.word(*slot) : std::nullopt;
        if (!value) return std::nullopt;
        auto base = source.memory.address ? std::nullopt : at(registers_.whole(source.memory.base), writer, links + 1);
        return Value{.value = *value,
                     .slot = slot,
                     .base = *value,
                     .from_register = {},
                     .from_memory = source.memory,
                     .through = base ? std::make_shared<const Value>(*base) : nullptr,
                     .since = base ? std::min(writer, base->since) : writer};
    }

    // Index of the last instruction before code_[index] that writes it; nothing: none in the straight line. A branch may have written any.
    [[nodiscard]] std::optional<std::size_t> last_writer(std::string_view whole, std::size_t index) const {
        for (std::size_t i = index; i-- > 0;) {
            if (breaks_the_line(code_[i]) || writes(registers_, code_[i], whole)) return i;
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<std::uint64_t> address_of(const disasm::MemoryOperand& memory, std::size_t index, int links) const {
        if (memory.address) return memory.address;
        if (!memory.index.empty() || !memory.segment.empty() || memory.base.empty()) return std::nullopt;
        auto base = at(registers_.whole(memory.base), index, links + 1);
        return base ? std::optional(base->value + static_cast<std::uint64_t>(memory.displacement)) : std::nullopt;
    }

    const core::Crash& crash_;
    const std::vector<Instruction>& code_;
    const core::Registers& registers_;
};

// Whether the function around `pc` adds to the pointer that it keeps in that register or, where there is none, at that place.
bool moves(core::Crash& crash, std::uint64_t pc, std::string_view reg, const std::optional<disasm::MemoryOperand>& place) {
    auto code = whole_function(crash, pc);
    if (!code) return true;
    constexpr std::string_view adding[] = {"add", "sub", "inc", "dec", "lea"};
    auto adds = [&](const Instruction& one) { return std::ranges::find(adding, one.mnemonic) != std::end(adding); };
    const core::Registers& registers = crash.fault.registers;
    for (std::size_t i = 0; i < code->size(); ++i) {
        const Instruction& one = (*code)[i];
        if (!reg.empty()) {
            if (adds(one) && writes(registers, one, reg)) return true;
            continue;
        }
        if (!place || one.operands.empty()) continue;
        const Operand& to = one.operands.front();
        bool same = to.kind == Operand::Kind::memory && to.write && to.memory.base == place->base && to.memory.index.empty() &&
            to.memory.displacement == place->displacement && to.memory.address == place->address;
        // What is not optimised adds in a register, and stores.
        if (same && (adds(one) || (i > 0 && adds((*code)[i - 1])))) return true;
    }
    return false;
}

}  // namespace

std::optional<LoadedFrom> loaded_from(core::Crash& crash, std::uint64_t pc, std::string_view reg) {
    std::vector<Instruction> code = instructions_before(crash, pc, 64);
    auto value = Loads(crash, code).at(crash.fault.registers.whole(reg), code.size());
    if (!value || !value->slot) return std::nullopt;
    LoadedFrom out{.slot = *value->slot, .base = {}, .moved = false};
    if (!value->through) return out;
    out.base = value->through->base;
    out.moved = moves(crash, pc, value->through->from_register, value->through->from_memory);
    return out;
}

std::optional<HeldBefore> held_before_call(core::Crash& crash, const disasm::Instruction& call, std::string_view reg) {
    core::Registers registers = crash.fault.registers;
    auto sp = registers.sp();
    if (!sp) return std::nullopt;
    // The call has pushed its return address.
    registers.set(registers.layout()->sp, *sp + registers.layout()->word_size());
    std::vector<Instruction> code = instructions_before(crash, call.address, 64);
    std::size_t start = straight_line(crash, call.address, code);
    auto value = Loads(crash, code, registers).as_written(registers.whole(reg), start);
    if (!value || value->since < start) return std::nullopt;
    auto stores = [](const Instruction& one) {
        return std::ranges::any_of(one.operands, [](const Operand& operand) {
            return operand.kind == Operand::Kind::memory && operand.write && !operand.implicit;
        });
    };
    for (std::size_t i = value->since; i < code.size(); ++i) {
        if (stores(code[i])) return std::nullopt;
    }
    return HeldBefore{.value = value->value, .from_register = std::string(value->from_register)};
}

LoadedFrom loaded_from(core::Crash& crash, std::uint64_t pc, const disasm::MemoryOperand& memory, std::uint64_t slot) {
    LoadedFrom out{.slot = slot, .base = {}, .moved = false};
    const core::Registers& registers = crash.fault.registers;
    std::string_view whole = registers.whole(memory.base);
    if (memory.address || whole.empty() || !memory.index.empty() || whole == registers.layout()->sp) return out;
    std::vector<Instruction> code = instructions_before(crash, pc, 64);
    if (auto value = Loads(crash, code).at(whole, code.size())) {
        out.base = value->base;
        out.moved = moves(crash, pc, value->from_register, value->from_memory);
    } else {
        out.base = registers.get(whole);
        out.moved = moves(crash, pc, whole, {});
    }
    return out;
}

bool loads_links(core::Crash& crash, std::uint64_t pc, std::int64_t displacement) {
    auto code = whole_function(crash, pc);
    if (!code) return false;
    std::string_view stack = crash.process.layout->sp;
    std::uint32_t word = crash.process.wide() ? 8 : 4;
    return std::ranges::any_of(*code, [&](const Instruction& one) {
        if (one.mnemonic != "mov" || one.operands.size() < 2 || one.operands[0].kind != Operand::Kind::reg) return false;
        const Operand& source = one.operands[1];
        return source.kind == Operand::Kind::memory && source.size == word && !source.memory.base.empty() && source.memory.base != stack &&
            source.memory.index.empty() && source.memory.segment.empty() && !source.memory.address &&
            source.memory.displacement == displacement;
    });
}

Definition last_definition(core::Crash& crash, std::string_view reg) {
    const core::Fault& fault = crash.fault;
    const core::Registers& registers = fault.registers;
    std::string_view whole = registers.whole(reg);
    std::vector<Instruction> before = instructions_before(crash, fault.pc, 64);
    auto unchanged_since = [&](std::size_t from, std::string_view name) {
        for (std::size_t i = from; i < before.size(); ++i) {
            if (writes(registers, before[i], registers.whole(name))) return false;
        }
        return true;
    };
    for (std::size_t i = before.size(); i-- > 0;) {
        const Instruction& one = before[i];
        if (breaks_the_line(one)) return {};
        if (!writes(registers, one, whole)) continue;
        auto now = registers.get(whole);
        if (!now || one.operands.size() < 2) return {};
        const Operand& source = one.operands[1];
        if (one.mnemonic == "mov" && source.kind == Operand::Kind::memory) {
            // The slot still holds the value, and the registers that name it are the same: then it was loaded from there.
            std::uint64_t address = 0;
            if (source.memory.address) address = *source.memory.address;
            else if (!source.memory.base.empty() && source.memory.index.empty() && source.memory.segment.empty()) {
                if (registers.whole(source.memory.base) == whole || !unchanged_since(i, source.memory.base)) return {};
                auto base = registers.get(source.memory.base);
                if (!base) return {};
                address = *base + static_cast<std::uint64_t>(source.memory.displacement);
            } else {
                return {};
            }
            auto stored = crash.process.memory.number(address, 8);
            if (crash.process.wide() && (!stored || *stored != *now)) return {};
            return {.words = fmt::format("{} was loaded by \"{}\" from {} in {}, which holds it still", whole, one.text, text::hex(address),
                                         crash.process.place_name(address)),
                    .null_register = {}};
        }
        if (one.mnemonic == "add" && source.kind == Operand::Kind::reg && registers.whole(source.reg) != whole &&
            unchanged_since(i, source.reg)) {
            auto added = registers.get(registers.whole(source.reg));
            if (!added) return {};
            if (*added == *now)
                return {.words = fmt::format("{} was 0 before \"{}\": {} - {} = 0", whole, one.text, text::hex(*now), text::hex(*added)),
                        .null_register = fmt::format("{} was 0 before {} was added", whole, source.reg)};
            if (*added == 0)
                return {.words = fmt::format("\"{}\" added 0: {} is 0", one.text, source.reg),
                        .null_register = fmt::format("{} is 0", source.reg)};
        }
        return {};
    }
    return {};
}

}  // namespace abiscope::rules
