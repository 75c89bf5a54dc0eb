#include "rules/crash_retpoline.h"

namespace abiscope::rules {

using disasm::BranchKind;
using disasm::Instruction;
using disasm::Operand;

namespace {

// mov [rsp], REGISTER
std::optional<std::string> stored_as_return_address(const core::Crash& crash, const Instruction& one) {
    if (one.mnemonic != "mov" || one.operands.size() != 2) return std::nullopt;
    const Operand &to = one.operands[0], &from = one.operands[1];
    bool top = to.kind == Operand::Kind::memory && to.memory.base == crash.process.layout->sp && to.memory.index.empty() &&
        to.memory.displacement == 0;
    if (!top || from.kind != Operand::Kind::reg) return std::nullopt;
    return std::string(from.reg);
}

}  // namespace

std::optional<std::string> returns_to_register(const core::Crash& crash, std::uint64_t address) {
    std::uint64_t length = crash.process.wide() ? 4 : 3;   // MOV with ModRM and SIB, and REX where there is one
    auto store = core::decode_at(crash.process, address - length);
    if (!store || store->length() != length) return std::nullopt;
    return stored_as_return_address(crash, *store);
}

// gcc, gcc/config/i386/i386.cc: output_indirect_thunk(); llvm, X86IndirectThunks.cpp. A call over a loop that is never left.
std::optional<std::string> thunk_register(const core::Crash& crash, std::uint64_t address) {
    constexpr std::uint64_t longest_loop = 64;
    auto call = core::decode_at(crash.process, address);
    if (!call || call->flow.branch != BranchKind::call || !call->flow.target) return std::nullopt;
    std::uint64_t target = *call->flow.target;
    if (target <= address || target - address > longest_loop) return std::nullopt;
    auto store = core::decode_at(crash.process, target);
    auto leave = store ? core::decode_at(crash.process, target + store->length()) : std::nullopt;
    if (!leave || leave->flow.branch != BranchKind::function_return) return std::nullopt;
    return stored_as_return_address(crash, *store);
}

// The same thunk, but the address that was pushed is dropped: lea rsp, [rsp+8].
bool is_return_thunk(core::Crash& crash, std::uint64_t address) {
    constexpr std::uint64_t longest = 64;
    const core::Location& location = crash.symbols.at(address);
    std::uint64_t start = address - location.offset;
    if (location.function.empty() || location.offset > longest) return false;
    auto call = core::decode_at(crash.process, start);
    if (!call || call->flow.branch != BranchKind::call || !call->flow.target || *call->flow.target >= address) return false;
    auto drop = core::decode_at(crash.process, *call->flow.target);
    return drop && drop->mnemonic == "lea" && drop->operands[0].reg == crash.process.layout->sp &&
        *call->flow.target + drop->length() == address;
}

std::optional<std::string> jumps_to_thunk(const core::Crash& crash, std::uint64_t start) {
    constexpr int most_instructions = 64;
    std::uint64_t at = start;
    for (int i = 0; i < most_instructions; ++i) {
        auto one = core::decode_at(crash.process, at);
        if (!one || one->length() == 0) return std::nullopt;
        if (one->flow.branch == BranchKind::jump && one->flow.target) {
            if (auto reg = thunk_register(crash, *one->flow.target)) return reg;
        }
        // gcc's own, in the function itself.
        if (one->flow.branch == BranchKind::call) {
            if (auto reg = thunk_register(crash, at)) return reg;
        }
        at += one->length();
    }
    return std::nullopt;
}

}  // namespace abiscope::rules
