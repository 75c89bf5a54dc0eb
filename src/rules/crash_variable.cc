#include "rules/crash_variable.h"

#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "abi/field_at.h"
#include "abi/type_name.h"
#include "base/text.h"
#include "dwarf/builder.h"
#include "dwarf/code_variables.h"
#include "rules/crash_trace.h"

namespace abiscope::rules {

namespace {

using disasm::Instruction;
using disasm::MemoryOperand;
using disasm::Operand;

constexpr int most_links = 6;          // a->b->c->...
constexpr std::size_t most_named = 4;  // of a union
constexpr std::size_t most_looked_back = 32;

// A pointer that was followed: how the source names it, what it points to, and its value.
struct Pointer {
    std::string words;
    abi::TypeId target = abi::TypeId::none;
    std::optional<std::uint64_t> value;    // nothing: what held it has been overwritten since
};

// How a language writes what its pointers lead to.
struct Style {
    std::string_view member = "->";
    std::string_view null = "null";
    std::string_view before_type = {};
};

Style style_of(abi::Language language) {
    return language == abi::Language::go ? Style{.member = ".", .null = "nil", .before_type = "type "} : Style();
}

class Tracer {
public:
    Tracer(core::Crash& crash, const FaultMoment& moment, const core::Module& module, debuginfo::ProgramLines& lines,
           dwarf::EntryRef function)
        : crash_(crash),
          moment_(moment),
          registers_(moment.registers),
          module_(module),
          function_(function),
          sink_(default_limits),
          builder_(lines.debug(), types_, nullptr, sink_, {.sources = false}),
          code_(instructions_before(crash, moment.pc)),
          start_(straight_line(crash, moment.pc, code_)),
          style_(style_of(dwarf::language_of(*function.unit))) {}

    [[nodiscard]] std::size_t end() const { return code_.size(); }

    // What `reg` holds when the instruction at code_[index] starts (code_.size(): the one that faulted).
    std::optional<Pointer> in_register(std::string_view reg, std::size_t index, int links) {
        if (links > most_links) return std::nullopt;
        std::string_view whole = registers_.whole(reg);
        if (whole.empty()) return std::nullopt;
        auto now = unchanged(whole, index) ? registers_.get(whole) : std::nullopt;
        if (auto pointer = variable_in_register(whole, index, now)) return pointer;
        for (std::size_t i = index; i-- > start_;) {
            const Instruction& one = code_[i];
            if (auto pointer = stored(one, whole, i, now)) return pointer;
            if (!writes(registers_, one, whole)) {
                // A variable that lives elsewhere by now: the register still holds what it was.
                if (index - i > most_looked_back) return std::nullopt;
                if (auto pointer = variable_in_register(whole, i, now)) return pointer;
                continue;
            }
            if ((one.mnemonic != "mov" && one.mnemonic != "ldr") || one.operands.size() != 2) return std::nullopt;
            const Operand& source = one.operands[1];
            std::optional<Pointer> pointer;
            if (source.kind == Operand::Kind::memory) pointer = loaded(source.memory, i, links);
            else if (source.kind == Operand::Kind::reg) pointer = in_register(source.reg, i, links + 1);
            if (!pointer || !now) return pointer;
            // The load is proved by what it must have read.
            if (pointer->value && *pointer->value != *now) return std::nullopt;
            pointer->value = now;
            return pointer;
        }
        return std::nullopt;
    }

    GuiltyVariable describe(const Pointer& pointer, const MemoryOperand& memory, std::uint32_t size) {
        GuiltyVariable out{.pointer = pointer.words, .member = {}, .words = {}};
        std::uint64_t value = pointer.value.value_or(0);
        std::string state =
            value == 0 ? fmt::format("`{}` is {}", pointer.words, style_.null) : fmt::format("`{}` is {}", pointer.words, text::hex(value));
        builder_.complete(types_.resolve(pointer.target));
        abi::TypeId target = types_.resolve(pointer.target);
        if (size == 0 || types_.record(target) == nullptr || !memory.index.empty() || memory.displacement < 0) {
            out.words = fmt::format("{}: it points to `{}`", state, title(pointer.target));
            if (pointer.target == abi::TypeId::none) out.words = state;
            return out;
        }
        auto offset = static_cast<std::uint64_t>(memory.displacement);
        std::vector<abi::FieldAt> fields = abi::fields_at(types_, target, offset, size, address_size());
        std::string members;
        for (std::size_t i = 0; i < fields.size() && i < most_named; ++i)
            members += fmt::format("{}`{}`", i == 0 ? "" : " or ", member_of(pointer, fields[i].path));
        if (fields.size() > most_named) members += " or another";
        if (fields.empty()) {
            out.words = fmt::format("{}: it points to `{}`", state, title(pointer.target));
        } else {
            if (fields.size() == 1) out.member = member_of(pointer, fields[0].path);
            std::uint64_t into = fields[0].into;
            std::string part = into == 0 ? std::string() : fmt::format(" (wanted from its byte {} on)", into);
            out.words = fmt::format("{}{} is at offset {:#x} of `{}`; {}", members, part, offset - into, title(pointer.target), state);
        }
        return out;
    }

private:
    // Without const and volatile: they say nothing of the place. A type of Go is its name.
    [[nodiscard]] std::string title(abi::TypeId type) const {
        for (unsigned steps = 0; steps < default_limits.depth && types_.contains(type); ++steps) {
            if (types_.at(type).kind != abi::Kind::qualified) break;
            type = types_.at(type).target;
        }
        std::string words = abi::title(types_, type);
        return words.starts_with(style_.before_type) ? words.substr(style_.before_type.size()) : words;
    }

    [[nodiscard]] std::uint64_t address_size() const { return crash_.process.wide() ? 8 : 4; }

    // Whether the register is not written from code_[index] on: its value then is the one of the fault.
    [[nodiscard]] bool unchanged(std::string_view whole, std::size_t index) const {
        for (std::size_t i = index; i < code_.size(); ++i) {
            if (writes(registers_, code_[i], whole)) return false;
        }
        return true;
    }

    [[nodiscard]] std::uint64_t address_of(std::size_t index) const {
        return (index < code_.size() ? code_[index].address : moment_.pc) - module_.bias;
    }

    [[nodiscard]] const dwarf::CodeVariables& variables(std::size_t index) {
        if (variables_at_ != index) {
            variables_ = dwarf::find_variables_at(builder_.reader(), function_, address_of(index));
            variables_at_ = index;
        }
        return variables_;
    }

    // What a variable of that type points to; nothing for one that is no pointer.
    [[nodiscard]] std::optional<abi::TypeId> pointee(const dwarf::EntryRef& type) {
        if (!type) return std::nullopt;
        return pointee(builder_.build(type));
    }
    [[nodiscard]] std::optional<abi::TypeId> pointee(abi::TypeId type) {
        abi::TypeId id = types_.resolve(type);
        if (!types_.contains(id)) return std::nullopt;
        const abi::Type& meant = types_.at(id);
        if (meant.kind != abi::Kind::pointer && meant.kind != abi::Kind::reference) return std::nullopt;
        return meant.target;
    }

    std::optional<Pointer> variable_in_register(std::string_view whole, std::size_t index, std::optional<std::uint64_t> value) {
        const std::vector<dwarf::CodeVariable>& all = variables(index).variables;
        for (std::size_t i = all.size(); i-- > 0;) {
            if (all[i].location.kind != dwarf::Location::Kind::in_register || name_of(all[i].location.number) != whole) continue;
            if (auto target = pointee(all[i].type)) return Pointer{all[i].name, *target, value};
        }
        return std::nullopt;
    }

    [[nodiscard]] std::string_view name_of(std::uint64_t number) const {
        for (const core::RegisterPlace& place : crash_.process.layout->registers) {
            if (place.dwarf >= 0 && static_cast<std::uint64_t>(place.dwarf) == number) return place.name;
        }
        return {};
    }

    // The address of a variable's bytes; registers count only where they are those of the fault.
    [[nodiscard]] std::optional<std::uint64_t> place_of(const dwarf::Location& location, const std::optional<dwarf::Location>& base,
                                                        std::size_t index) const {
        using Kind = dwarf::Location::Kind;
        switch (location.kind) {
            case Kind::at_address: return location.address + module_.bias;
            case Kind::at_register: {
                std::string_view name = name_of(location.number);
                auto value = registers_.get(name);
                if (name.empty() || !value || !unchanged(name, index)) return std::nullopt;
                return *value + static_cast<std::uint64_t>(location.offset);
            }
            case Kind::at_canonical_frame: {
                const std::vector<core::StackItem>& stack = crash_.stack.items;
                if (moment_.frame >= stack.size()) return std::nullopt;
                const core::Frame& frame = stack[moment_.frame].frame;
                if (frame.pc != moment_.pc || !frame.cfa) return std::nullopt;
                return *frame.cfa + static_cast<std::uint64_t>(location.offset);
            }
            case Kind::at_frame: {
                if (!base || base->kind == Kind::at_frame) return std::nullopt;
                dwarf::Location start = *base;
                if (start.kind == Kind::in_register) start.kind = Kind::at_register;
                auto at = place_of(start, std::nullopt, index);
                return at ? std::optional(*at + static_cast<std::uint64_t>(location.offset)) : std::nullopt;
            }
            case Kind::in_register: return std::nullopt;
        }
        return std::nullopt;
    }

    std::optional<Pointer> variable_at(std::uint64_t address, std::size_t index, std::optional<std::uint64_t> value) {
        const dwarf::CodeVariables& all = variables(index);
        for (std::size_t i = all.variables.size(); i-- > 0;) {
            auto place = place_of(all.variables[i].location, all.frame_base, index);
            if (!place || *place != address) continue;
            if (auto target = pointee(all.variables[i].type)) return Pointer{all.variables[i].name, *target, value};
        }
        if (!module_.holds(address)) return std::nullopt;
        auto global = dwarf::find_global_at(builder_.reader(), *function_.unit, address - module_.bias);
        auto target = global ? pointee(global->type) : std::nullopt;
        return target ? std::optional(Pointer{global->name, *target, value}) : std::nullopt;
    }

    // A place on the stack, at the time of code_[index].
    [[nodiscard]] std::optional<std::uint64_t> stack_place(const MemoryOperand& memory, std::size_t index) const {
        if (memory.address || memory.base.empty() || !memory.index.empty() || !memory.segment.empty()) return std::nullopt;
        std::string_view base = registers_.whole(memory.base);
        auto now = registers_.get(base);
        if (base.empty() || !now || !unchanged(base, index)) return std::nullopt;
        return *now + static_cast<std::uint64_t>(memory.displacement);
    }

    // The variable that an instruction put the register's value into: what is not optimised keeps arguments in both.
    std::optional<Pointer> stored(const Instruction& one, std::string_view whole, std::size_t index, std::optional<std::uint64_t> value) {
        if (one.mnemonic != "mov" || one.operands.size() < 2) return std::nullopt;
        const Operand& to = one.operands[0];
        const Operand& from = one.operands[1];
        if (to.kind != Operand::Kind::memory || from.kind != Operand::Kind::reg || from.reg != whole) return std::nullopt;
        auto place = stack_place(to.memory, index);
        return place ? variable_at(*place, index + 1, value) : std::nullopt;
    }

    // The value code_[index] read from memory.
    std::optional<Pointer> loaded(const MemoryOperand& memory, std::size_t index, int links) {
        if (!memory.index.empty() || !memory.segment.empty()) return std::nullopt;
        if (memory.address) {
            auto value = crash_.process.memory.word(*memory.address);
            return value ? variable_at(*memory.address, index, *value) : std::nullopt;
        }
        // A variable in its place on the stack.
        if (auto place = stack_place(memory, index)) {
            auto value = crash_.process.memory.word(*place);
            if (value) {
                if (auto pointer = variable_at(*place, index, *value)) return pointer;
            }
        }
        // A member of what another pointer points to.
        auto outer = in_register(memory.base, index, links + 1);
        if (!outer || memory.displacement < 0) return std::nullopt;
        std::optional<std::uint64_t> value;
        if (outer->value) {
            value = crash_.process.memory.word(*outer->value + static_cast<std::uint64_t>(memory.displacement));
            if (!value) return std::nullopt;
        }
        abi::TypeId record = types_.resolve(outer->target);
        builder_.complete(record);
        if (types_.record(record) == nullptr) {
            // A pointer to a pointer.
            auto target = memory.displacement == 0 ? pointee(outer->target) : std::nullopt;
            return target ? std::optional(Pointer{"*" + outer->words, *target, value}) : std::nullopt;
        }
        auto fields = abi::fields_at(types_, record, static_cast<std::uint64_t>(memory.displacement), address_size(), address_size());
        if (fields.size() != 1) return std::nullopt;
        auto target = pointee(fields[0].type);
        if (!target) return std::nullopt;
        return Pointer{member_of(*outer, fields[0].path), *target, value};
    }

    [[nodiscard]] std::string member_of(const Pointer& pointer, std::string_view path) const {
        // `->` binds before `*`.
        bool brackets = pointer.words.starts_with('*') && style_.member == "->";
        return fmt::format("{}{}{}{}{}", brackets ? "(" : "", pointer.words, brackets ? ")" : "", style_.member, path);
    }

    core::Crash& crash_;
    const FaultMoment& moment_;
    const core::Registers& registers_;
    const core::Module& module_;
    dwarf::EntryRef function_;
    abi::TypeTable types_;
    finding::Sink sink_;
    dwarf::TypeBuilder builder_;
    std::vector<Instruction> code_;
    std::size_t start_;                // code_ runs from here down to the fault
    Style style_;
    dwarf::CodeVariables variables_;
    std::optional<std::size_t> variables_at_;
};

}  // namespace

GuiltyVariable guilty_variable(core::Crash& crash, const FaultMoment& moment, const MemoryOperand& memory, std::uint32_t size) {
    if (memory.base.empty() || memory.address || !memory.segment.empty() || crash.process.layout == nullptr) return {};
    const core::Module* module = crash.process.module_at(moment.pc);
    if (module == nullptr || !module->image) return {};
    debuginfo::ProgramLines* lines = crash.symbols.lines(*module);
    if (lines == nullptr) return {};
    std::uint64_t address = moment.pc - module->bias;
    const dwarf::Unit* unit = lines->unit_at(address);
    if (unit == nullptr) return {};
    dwarf::EntryReader reader(lines->debug());
    dwarf::EntryRef function = dwarf::find_functions_at(reader, *unit, std::span(&address, 1)).front().entry;
    if (!function) return {};
    Tracer tracer(crash, moment, *module, *lines, function);
    auto pointer = tracer.in_register(memory.base, tracer.end(), 0);
    return pointer ? tracer.describe(*pointer, memory, size) : GuiltyVariable();
}

GuiltyVariable guilty_variable(core::Crash& crash, const MemoryOperand& memory, std::uint32_t size) {
    return guilty_variable(crash, {.pc = crash.fault.pc, .registers = crash.fault.registers, .frame = crash.fault_frame}, memory, size);
}

}  // namespace abiscope::rules
