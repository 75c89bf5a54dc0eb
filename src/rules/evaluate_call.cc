#include "rules/evaluate_call.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "core/fault.h"
#include "disasm/x86_values.h"

namespace abiscope::rules {

namespace {

using disasm::BranchKind;
using disasm::KnownBits;

// A stack of its own, at addresses that no program of Linux has: non-canonical ones. The return address to it ends the evaluation.
constexpr std::uint64_t stack_top = 0x7ead'0000'0000'0000;
constexpr std::uint64_t stack_size = 1 << 16;
constexpr std::uint64_t caller = 0x7eae'0000'0000'0000;
constexpr int most_steps = 256;

// What X86Values computes exactly where all operands are known.
bool is_exact(std::string_view mnemonic) {
    constexpr std::string_view plain[] = {"mov",  "movzx", "movsx", "movsxd", "lea", "add", "sub", "and", "or",     "xor",
                                          "test", "cmp",   "shl",   "shr",    "sar", "inc", "dec", "nop", "endbr64"};
    return std::ranges::find(plain, mnemonic) != std::end(plain) || mnemonic.starts_with("cmov") || mnemonic.starts_with("set");
}

class Evaluation {
public:
    Evaluation(const core::Process& process, std::uint64_t function, std::uint64_t argument) : process_(process), pc_(function) {
        world_.load = [this](std::uint64_t address, unsigned size) { return load(address, size); };
        world_.stored = [this](std::uint64_t address, unsigned size, const KnownBits& value) { store(address, size, value); };
        values_.set("rdi", KnownBits::of(argument));
        values_.set("rsp", KnownBits::of(stack_top));
        values_.set("rbp", KnownBits::of(stack_top));
        push(KnownBits::of(caller));
    }

    std::optional<std::uint64_t> result() {
        for (int i = 0; i < most_steps && good_; ++i) {
            if (pc_ == caller) return values_.value_of("rax");
            auto instruction = core::decode_at(process_, pc_);
            if (!instruction || instruction->length() == 0) return std::nullopt;
            pc_ += instruction->length();
            step(*instruction);
        }
        return std::nullopt;
    }

private:
    static bool is_own(std::uint64_t address) { return address < stack_top && address >= stack_top - stack_size; }

    KnownBits load(std::uint64_t address, unsigned size) const {
        if (!is_own(address)) {
            auto value = process_.memory.number(address, static_cast<std::uint8_t>(size));
            return value ? KnownBits::of(*value) : KnownBits{};
        }
        KnownBits out;
        for (unsigned i = 0; i < size; ++i) {
            auto at = stack_.find(address + i);
            if (at == stack_.end()) continue;
            out.zero |= (at->second.zero & 0xff) << i * 8;
            out.one |= (at->second.one & 0xff) << i * 8;
        }
        return out;
    }

    void store(std::uint64_t address, unsigned size, const KnownBits& value) {
        stored_ = true;
        good_ = good_ && is_own(address) && size != 0 && size <= 8;
        for (unsigned i = 0; good_ && i < size; ++i) stack_[address + i] = {value.zero >> i * 8, value.one >> i * 8};
    }

    void push(const KnownBits& value) {
        auto sp = values_.value_of("rsp");
        good_ = good_ && sp;
        if (!good_) return;
        values_.set("rsp", KnownBits::of(*sp - 8));
        store(*sp - 8, 8, value);
    }

    KnownBits pop() {
        auto sp = values_.value_of("rsp");
        good_ = good_ && sp;
        if (!good_) return {};
        values_.set("rsp", KnownBits::of(*sp + 8));
        return load(*sp, 8);
    }

    void go_to(std::optional<std::uint64_t> target) {
        good_ = good_ && target;
        if (target) pc_ = *target;
    }

    std::optional<std::uint64_t> target_of(const disasm::Instruction& instruction) const {
        if (instruction.flow.target) return instruction.flow.target;
        return instruction.operands.empty() ? std::nullopt : values_.read(instruction.operands[0], world_).value();
    }

    void step(const disasm::Instruction& instruction) {
        std::string_view mnemonic = instruction.mnemonic;
        switch (instruction.flow.branch) {
            case BranchKind::none: break;
            case BranchKind::jump:
            case BranchKind::indirect_jump: return go_to(target_of(instruction));
            case BranchKind::call:
            case BranchKind::indirect_call: {
                auto target = target_of(instruction);
                push(KnownBits::of(pc_));
                return go_to(target);
            }
            case BranchKind::function_return:
                return go_to(instruction.operands.empty() || instruction.operands[0].implicit ? pop().value() : std::nullopt);
            case BranchKind::conditional_jump: {
                auto taken = values_.condition(mnemonic);
                good_ = good_ && taken;
                if (taken.value_or(false)) go_to(instruction.flow.target);
                return;
            }
            case BranchKind::system_call:
            case BranchKind::trap: good_ = false; return;
        }
        if (mnemonic == "push" && instruction.operands[0].size == 8) return push(values_.read(instruction.operands[0], world_));
        if (mnemonic == "pop" && instruction.operands[0].kind == disasm::Operand::Kind::reg && instruction.operands[0].size == 8)
            return values_.set(instruction.operands[0].reg, pop());
        if (mnemonic == "leave") {
            auto frame = values_.value_of("rbp");
            values_.set("rsp", frame ? KnownBits::of(*frame) : KnownBits{});
            return values_.set("rbp", pop());
        }
        bool writes_memory = std::ranges::any_of(
            instruction.operands, [](const disasm::Operand& one) { return one.kind == disasm::Operand::Kind::memory && one.write; });
        stored_ = false;
        if (is_exact(mnemonic)) values_.step(instruction, world_);
        else good_ = false;
        // To an address that is not known.
        if (writes_memory && !stored_) good_ = false;
    }

    const core::Process& process_;
    disasm::X86World world_;
    disasm::X86Values values_;
    std::map<std::uint64_t, KnownBits> stack_;   // byte by byte
    std::uint64_t pc_;
    bool good_ = true;
    bool stored_ = false;
};

}  // namespace

std::optional<std::uint64_t> evaluate_call(const core::Process& process, std::uint64_t function, std::uint64_t argument) {
    if (process.layout == nullptr || process.layout->name != "x86-64") return std::nullopt;
    return Evaluation(process, function, argument).result();
}

}  // namespace abiscope::rules
