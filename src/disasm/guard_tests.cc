#include <algorithm>
#include <array>
#include <utility>

#include "base/checked.h"
#include "disasm/guards.h"

namespace abiscope::disasm {

namespace {

// Instructions looked at in one function.
constexpr std::size_t max_instructions = 100'000;

struct Part {
    std::string_view name;
    std::string_view whole;

    friend auto operator<=>(const Part&, const Part&) = default;
};

// "rax", "eax", "ax", "al" and "ah" are one register. Sorted by name.
constexpr auto make_parts() {
    constexpr std::array<std::array<std::string_view, 5>, 16> registers{{
        {"rax", "eax", "ax", "al", "ah"},
        {"rbx", "ebx", "bx", "bl", "bh"},
        {"rcx", "ecx", "cx", "cl", "ch"},
        {"rdx", "edx", "dx", "dl", "dh"},
        {"rsi", "esi", "si", "sil", ""},
        {"rdi", "edi", "di", "dil", ""},
        {"rbp", "ebp", "bp", "bpl", ""},
        {"rsp", "esp", "sp", "spl", ""},
        {"r8", "r8d", "r8w", "r8b", ""},
        {"r9", "r9d", "r9w", "r9b", ""},
        {"r10", "r10d", "r10w", "r10b", ""},
        {"r11", "r11d", "r11w", "r11b", ""},
        {"r12", "r12d", "r12w", "r12b", ""},
        {"r13", "r13d", "r13w", "r13b", ""},
        {"r14", "r14d", "r14w", "r14b", ""},
        {"r15", "r15d", "r15w", "r15b", ""},
    }};
    std::array<Part, registers.size() * 5> parts{};
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = {registers[i / 5][i % 5], registers[i / 5][0]};
    std::ranges::sort(parts);
    return parts;
}

std::string_view whole_register(std::string_view reg) {
    static constexpr std::array parts = make_parts();
    if (reg.empty()) return {};
    auto part = std::ranges::lower_bound(parts, reg, {}, &Part::name);
    return part != parts.end() && part->name == reg ? part->whole : std::string_view();
}

bool is_test(std::string_view mnemonic) {
    return mnemonic == "test" || mnemonic == "cmp" || mnemonic == "bt" || mnemonic == "and" || mnemonic == "sub";
}

bool is_probe(std::string_view mnemonic) {
    return mnemonic == "cpuid" || mnemonic == "xgetbv" || mnemonic == "rdsspq" || mnemonic == "rdsspd";
}

// Where the value of each register came from, as far as it matters.
class Origins {
public:
    struct Origin {
        std::string_view reg;
        GuardTest::Kind kind = GuardTest::Kind::loaded;
        std::optional<std::uint64_t> memory;
    };

    void step(const Instruction& instruction) {
        if (is_probe(instruction.mnemonic)) {
            for (const Operand& operand : instruction.operands) {
                if (operand.write && operand.kind == Operand::Kind::reg) set(operand.reg, {{}, GuardTest::Kind::probe, {}});
            }
            return;
        }
        if (instruction.flow.branch == BranchKind::call || instruction.flow.branch == BranchKind::indirect_call) {
            count_ = 0;
            set("rax", {{}, GuardTest::Kind::call_result, {}});
            return;
        }
        if (instruction.operands.empty()) return;
        const Operand& target = instruction.operands.front();
        if (target.kind != Operand::Kind::reg || !target.write) return;
        std::optional<Origin> origin;
        bool moves = instruction.mnemonic.starts_with("mov");
        for (const Operand& operand : instruction.operands) {
            if (!operand.read || operand.implicit) continue;
            if (operand.kind == Operand::Kind::memory && moves && operand.memory.access) {
                // What lies behind a pointer that was itself loaded (the GOT entry of a variable) counts as loaded too.
                const Origin* pointer = find(operand.memory.base);
                if (operand.memory.address) origin = Origin{{}, GuardTest::Kind::loaded, operand.memory.address};
                else if (pointer != nullptr) origin = *pointer;
            } else if (operand.kind == Operand::Kind::reg) {
                // Moves and arithmetic carry what was learned.
                if (const Origin* source = find(operand.reg)) origin = *source;
            }
        }
        if (origin) set(target.reg, *origin);
        else forget(target.reg);
    }

    [[nodiscard]] const Origin* find(std::string_view reg) const {
        std::string_view whole = whole_register(reg);
        for (std::size_t i = 0; i < count_; ++i) {
            if (!whole.empty() && list_[i].reg == whole) return &list_[i];
        }
        return nullptr;
    }

private:
    void set(std::string_view reg, Origin origin) {
        forget(reg);
        origin.reg = whole_register(reg);
        if (!origin.reg.empty() && count_ < list_.size()) list_[count_++] = origin;
    }

    void forget(std::string_view reg) {
        std::string_view whole = whole_register(reg);
        for (std::size_t i = 0; i < count_; ++i) {
            if (list_[i].reg == whole) {
                list_[i] = list_[--count_];
                return;
            }
        }
    }

    std::array<Origin, 16> list_{};
    std::size_t count_ = 0;
};

// Whether there is stack left (Go: CMP RSP, [R14+16]), and whether it was smashed (SUB RDX, FS:[0x28]), says nothing about the CPU.
bool is_about_the_stack(const Operand& operand) {
    if (operand.implicit) return false;
    if (operand.kind == Operand::Kind::reg) return operand.reg == "rsp" || operand.reg == "esp";
    return operand.kind == Operand::Kind::memory && (operand.memory.segment == "fs" || operand.memory.segment == "gs");
}

std::optional<GuardTest> test_of(const Instruction& instruction, const Origins& origins) {
    if (!is_test(instruction.mnemonic) || std::ranges::any_of(instruction.operands, is_about_the_stack)) return std::nullopt;
    GuardTest test{.kind = GuardTest::Kind::memory, .address = instruction.address, .branch = 0, .memory = {}, .text = {}};
    for (const Operand& operand : instruction.operands) {
        if (operand.implicit) continue;
        // A local variable says nothing about the CPU; a field of an object or a global may.
        if (operand.kind == Operand::Kind::memory && operand.memory.base != "rsp" && operand.memory.base != "rbp" &&
            operand.memory.base != "esp" && operand.memory.base != "ebp") {
            test.memory = operand.memory.address;
            return test;
        }
        if (operand.kind != Operand::Kind::reg) continue;
        if (const Origins::Origin* origin = origins.find(operand.reg)) {
            test.kind = origin->kind;
            test.memory = origin->memory;
            return test;
        }
    }
    return std::nullopt;
}

bool writes_flags(const Instruction& instruction) {
    std::string_view m = instruction.mnemonic;
    return !m.starts_with("mov") && !m.starts_with("lea") && !m.starts_with("push") && !m.starts_with("pop") && !m.starts_with("nop") &&
        !m.starts_with("set") && !m.starts_with("cmov") && instruction.flow.branch == BranchKind::none;
}

}  // namespace

std::vector<GuardTest> tests_before(const Code& code, const Decoder& decoder, std::size_t index, std::uint64_t address, std::size_t most) {
    std::vector<GuardTest> tests;
    if (!is_x86(code.architecture())) return tests;
    AddressRange extent = code.extent(index);
    View body = code.bytes_at(extent.address);
    Origins origins;
    std::optional<GuardTest> pending;
    std::uint64_t at = extent.address;
    for (std::size_t i = 0; i < max_instructions && tests.size() < most && at < address && range_contains(extent.address, extent.size, at);
         ++i) {
        auto instruction = decoder.decode(body.from(at - extent.address).bytes(), at, Syntax::none);
        if (!instruction) {
            ++at;
            continue;
        }
        if (auto test = test_of(*instruction, origins)) {
            pending = std::move(test);
        } else if (instruction->flow.branch == BranchKind::conditional_jump && pending) {
            pending->branch = at;
            if (auto shown = decoder.decode(body.from(pending->address - extent.address).bytes(), pending->address))
                pending->text = std::move(shown->text);
            tests.push_back(*pending);
        } else if (writes_flags(*instruction)) {
            pending.reset();
        }
        origins.step(*instruction);
        at += instruction->length();
    }
    return tests;
}

std::string_view to_string(GuardTest::Kind kind) {
    switch (kind) {
        case GuardTest::Kind::memory: return "memory";
        case GuardTest::Kind::loaded: return "loaded";
        case GuardTest::Kind::call_result: return "call result";
        case GuardTest::Kind::probe: return "probe";
    }
    std::unreachable();
}

}  // namespace abiscope::disasm
