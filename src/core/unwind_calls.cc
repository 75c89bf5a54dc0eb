#include "core/unwind_calls.h"

#include <algorithm>
#include <map>

#include "core/call_before.h"

namespace abiscope::core {

using disasm::BranchKind;
using disasm::Instruction;
using disasm::Operand;

namespace {

constexpr std::uint64_t longest_function = 1 << 14;
constexpr std::uint64_t most_words = 1 << 10;          // of one frame
constexpr int most_jumps = 3;
constexpr std::uint64_t most_words_in_vain = 1 << 16;  // of one stack

// System V psABI x86-64, 3.2.3, and i386, 2.2.1: what a function that is called has to keep.
constexpr std::string_view kept[] = {"rbx", "rbp", "r12", "r13", "r14", "r15", "ebx", "ebp", "esi", "edi"};

// By how much an instruction moves the stack pointer down; nothing: it does not tell.
std::optional<std::int64_t> moves_down(const Instruction& one, std::string_view sp, std::int64_t word) {
    if (one.mnemonic == "push") return word;
    if (one.mnemonic == "pop") return -word;
    if (one.operands.size() < 2) return std::nullopt;
    const Operand& source = one.operands[1];
    if (source.kind == Operand::Kind::immediate && one.mnemonic == "sub") return source.immediate;
    if (source.kind == Operand::Kind::immediate && one.mnemonic == "add") return -source.immediate;
    if (one.mnemonic == "lea" && source.memory.base == sp && source.memory.index.empty()) return -source.memory.displacement;
    return std::nullopt;
}

}  // namespace

// The function that the call in front of a return address leads to, through a stub of the procedure linkage table where there is one; of a
// call through a register it may be any, and the one at `named_start` is taken.
std::optional<std::uint64_t> CallSearch::called_from(std::uint64_t return_address, std::uint64_t named_start) const {
    const Region* region = process_.memory.region_at(return_address);
    if (region == nullptr || !region->executable()) return std::nullopt;
    auto flow = call_flow_before(process_.memory, decoder_, return_address);
    if (!flow) return std::nullopt;
    if (flow->branch == BranchKind::indirect_call) {
        if (flow->slot) return process_.memory.word(*flow->slot);
        return named_start != 0 ? std::optional(named_start) : std::nullopt;
    }
    if (!flow->target) return std::nullopt;
    std::uint64_t at = *flow->target;
    for (int i = 0; i < 2; ++i) {
        std::vector<std::byte> stub = process_.memory.read_some(at, 16);
        auto jump = decoder_.flow(stub, at);
        if (!jump) break;
        if (jump->branch == BranchKind::indirect_jump && jump->slot) return process_.memory.word(*jump->slot);
        if (jump->branch != BranchKind::none) break;
        at += jump->length;   // endbr64
    }
    return flow->target;
}

// Where a function jumps to that does so before it has touched its stack, with nothing but registers set before.
std::optional<std::uint64_t> CallSearch::jumps_to(std::uint64_t start) const {
    constexpr std::uint64_t most_bytes = 64;
    std::vector<std::byte> code = process_.memory.read_some(start, most_bytes);
    const Registers names(process_.layout);
    for (std::uint64_t at = 0; at < code.size();) {
        auto one = decoder_.decode(std::span(code).subspan(at), start + at, disasm::Syntax::none);
        if (!one || one->length() == 0) return std::nullopt;
        if (one->flow.branch == BranchKind::jump) return one->flow.target;
        bool moves = std::ranges::any_of(one->operands, [&](const Operand& operand) {
            return operand.kind == Operand::Kind::reg && operand.write && names.whole(operand.reg) == process_.layout->sp;
        });
        if (moves || one->flow.branch != BranchKind::none) return std::nullopt;
        at += one->length();
    }
    return std::nullopt;
}

std::optional<CallSearch::Layout> CallSearch::layout_at(std::uint64_t start, std::uint64_t pc) const {
    std::vector<std::byte> code = process_.memory.read_some(start, pc - start);
    if (code.size() != pc - start) return std::nullopt;
    const Registers names(process_.layout);
    std::string_view sp = process_.layout->sp;
    std::int64_t word = process_.wide() ? 8 : 4;
    Layout out;
    std::optional<std::int64_t> depth = 0;
    std::map<std::uint64_t, std::int64_t> ahead;   // by the targets of jumps
    auto arrive = [&](std::uint64_t address) {
        // What follows a call that does not return is no way to here.
        if (auto found = ahead.find(address); found != ahead.end()) depth = found->second;
    };
    // What lies behind a jump or a return is come to from elsewhere, from a table of jumps or from behind: it has the depth of the
    // function's body, which the word that is found there has to confirm.
    std::int64_t body = 0;
    bool ascending = false;
    for (std::uint64_t at = start; at < pc;) {
        arrive(at);
        auto one = decoder_.decode(std::span(code).subspan(at - start), at, disasm::Syntax::none);
        if (!one || one->length() == 0) return std::nullopt;
        at += one->length();
        if (!depth) continue;
        const disasm::Flow& flow = one->flow;
        if ((flow.branch == BranchKind::jump || flow.branch == BranchKind::conditional_jump) && flow.target) ahead[*flow.target] = *depth;
        if (!flow.falls_through()) {
            if (!ascending) body = *depth;
            depth = body;
            ascending = false;
            continue;
        }
        if (flow.branch != BranchKind::none) {
            ascending = false;
            continue;
        }
        bool moves = false;
        for (const Operand& operand : one->operands) {
            if (operand.kind != Operand::Kind::reg) continue;
            std::string_view whole = names.whole(operand.reg);
            moves = moves || (operand.write && whole == sp);
            auto keep = std::ranges::find(kept, whole);
            if (keep == std::end(kept)) continue;
            bool known = std::ranges::find(out.changed, whole) != out.changed.end() ||
                std::ranges::find(out.saved, whole, &Saved::reg) != out.saved.end();
            if (known) continue;
            if (operand.write) out.changed.push_back(*keep);
            else if (one->mnemonic == "push" && !operand.implicit)
                out.saved.push_back({.reg = *keep, .depth = static_cast<std::uint64_t>(*depth + word)});
        }
        if (!moves) continue;
        auto by = moves_down(*one, sp, word);
        if (by && *by < 0 && !ascending) body = *depth;
        ascending = by && *by < 0;
        if (by && *depth + *by >= 0 && *depth + *by <= std::int64_t{1} << 20) *depth += *by;
        else depth.reset();
    }
    arrive(pc);
    if (!depth) return std::nullopt;
    out.depth = static_cast<std::uint64_t>(*depth);
    return out;
}

std::optional<CallSearch::Layout> CallSearch::find(const Frame& frame, std::uint64_t named_start) {
    std::uint64_t word = process_.wide() ? 8 : 4;
    std::optional<Layout> last;
    std::uint64_t last_start = 0;
    for (std::uint64_t i = 0; i < most_words && searched_ < most_words_in_vain; ++i) {
        // Of a stack that has overflowed the lowest words are not there.
        auto value = process_.memory.word(frame.sp + i * word);
        auto start = value ? called_from(*value, named_start) : std::nullopt;
        // A function that does nothing but jump to another one leaves the call to that.
        for (int jumps = 0; start && jumps <= most_jumps; ++jumps, start = jumps_to(*start)) {
            if (*start > frame.pc || frame.pc - *start > longest_function) continue;
            if (*start != last_start) last = layout_at(*start, frame.pc);
            last_start = *start;
            if (last && last->depth == i * word) return last;
        }
    }
    searched_ += most_words;
    return std::nullopt;
}

std::optional<CallSearch::Caller> CallSearch::caller(const Frame& frame, std::uint64_t named_start) {
    auto [found, fresh] = known_.try_emplace(frame.pc);
    if (fresh || !found->second) found->second = find(frame, named_start);
    if (!found->second) return std::nullopt;
    const Layout& layout = *found->second;
    std::uint64_t slot = frame.sp + layout.depth;
    auto address = process_.memory.word(slot);
    if (!address || !called_from(*address, named_start)) return std::nullopt;
    std::uint64_t word = process_.wide() ? 8 : 4;
    Caller out{.registers = Registers(process_.layout), .cfa = slot + word};
    for (std::string_view reg : kept) {
        if (std::ranges::find(layout.changed, reg) == layout.changed.end()) out.registers.set(reg, frame.registers.get(reg));
    }
    for (const Saved& saved : layout.saved) out.registers.set(saved.reg, process_.memory.word(slot - saved.depth));
    out.registers.set(process_.layout->sp, out.cfa);
    out.registers.set(process_.layout->pc, address);
    return out;
}

}  // namespace abiscope::core
