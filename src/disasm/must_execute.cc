#include <algorithm>
#include <bit>
#include <utility>

#include "disasm/must_execute.h"

namespace abiscope::disasm {

namespace {

class Walker {
public:
    Walker(const Code& code, const Decoder& decoder, const WalkOptions& options) : code_(code), decoder_(decoder), options_(options) {}

    Walk run(std::uint64_t entry) {
        earlier_.at = at_ = entry;
        while (step()) {}
        walk_.stop_address = at_;
        return std::move(walk_);
    }

private:
    bool stop(WalkStop reason) {
        walk_.stop = reason;
        return false;
    }

    bool step() {
        if (walk_.instructions >= options_.max_instructions) return stop(WalkStop::limit);
        if (goes_round()) return stop(WalkStop::endless_loop);
        View rest = code_.bytes_at(at_);
        if (rest.empty()) return stop(WalkStop::outside);
        auto instruction = decoder_.decode(rest.bytes(), at_);
        if (!instruction) return stop(WalkStop::undecodable);
        ++walk_.instructions;
        note_use(*instruction);
        follow_argument(*instruction);
        next_ = at_ + instruction->length();
        const Flow& flow = instruction->flow;
        switch (flow.branch) {
            case BranchKind::none: return go(next_);
            case BranchKind::conditional_jump: return stop(WalkStop::conditional_branch);
            case BranchKind::system_call: return stop(WalkStop::system_call);   // exit is one
            case BranchKind::trap: return stop(WalkStop::trap);
            case BranchKind::function_return: return leave();
            case BranchKind::jump: return flow.target ? go_to(*flow.target, false) : stop(WalkStop::indirect_branch);
            case BranchKind::call: return flow.target ? go_to(*flow.target, true) : stop(WalkStop::indirect_branch);
            case BranchKind::indirect_jump:
            case BranchKind::indirect_call: return go_through(flow);
        }
        return stop(WalkStop::undecodable);
    }

    // Whether all that decides the way is as it was once before: Brent's cycle detection (BIT 20, 1980), which keeps one earlier state.
    bool goes_round() {
        if (walk_.instructions == 0) return false;
        if (at_ == earlier_.at && argument_ == earlier_.argument && returns_ == earlier_.returns) return true;
        if (std::has_single_bit(walk_.instructions)) earlier_ = {at_, argument_, returns_};
        return false;
    }

    bool go(std::uint64_t address) {
        at_ = address;
        return true;
    }

    bool leave() {
        if (returns_.empty()) return stop(WalkStop::returned);
        std::uint64_t back = returns_.back();
        returns_.pop_back();
        argument_.reset();
        return go(back);
    }

    bool enter(std::uint64_t target, bool call) {
        if (call) {
            if (returns_.size() >= options_.max_depth) return stop(WalkStop::limit);
            returns_.push_back(next_);
        }
        return go(target);
    }

    bool go_to(std::uint64_t target, bool call) {
        Callee callee = options_.callee && leaves_function(target) ? options_.callee(target) : Callee{};
        if (callee.kind != Callee::Kind::unknown) return go_to(callee, call);
        return code_.bytes_at(target).empty() ? stop(WalkStop::unknown_callee) : enter(target, call);
    }

    bool go_through(const Flow& flow) {
        if (!flow.slot || !options_.slot) return stop(WalkStop::indirect_branch);
        return go_to(options_.slot(*flow.slot), flow.branch == BranchKind::indirect_call);
    }

    bool go_to(const Callee& callee, bool call) {
        switch (callee.kind) {
            case Callee::Kind::unknown: return stop(WalkStop::unknown_callee);
            case Callee::Kind::code: return code_.bytes_at(callee.address).empty() ? stop(WalkStop::outside) : enter(callee.address, call);
            case Callee::Kind::returns:
                argument_.reset();
                // A jump to it is a call whose return is that of the caller.
                return call ? go(next_) : leave();
            case Callee::Kind::never_returns: return stop(WalkStop::no_return);
            case Callee::Kind::starts_main: break;
        }
        if (!argument_) return stop(WalkStop::unknown_callee);
        walk_.main = argument_;
        returns_.clear();
        std::uint64_t main = *argument_;
        argument_.reset();
        return go(main);
    }

    bool leaves_function(std::uint64_t target) const {
        auto here = code_.function_at(at_);
        return !here || code_.function_at(target) != here || target == code_.functions()[*here].address;
    }

    void note_use(const Instruction& instruction) {
        std::string_view m = instruction.mnemonic;
        if (m == "cpuid" || m == "xgetbv" || m.starts_with("rdssp")) walk_.probed = true;
        if (instruction.needs.nothing() || instruction.needs.absence == Absence::harmless) return;
        for (Feature feature : {instruction.needs.first, instruction.needs.second}) {
            if (feature == Feature::none || walk_.find(feature) != nullptr) continue;
            walk_.uses.push_back({feature, instruction.needs.absence, instruction.address, instruction.text});
        }
    }

    // The first argument of a call, where it is a constant: RDI on x86-64, the last value pushed on x86.
    void follow_argument(const Instruction& instruction) {
        bool wide = code_.architecture() == Architecture::x86_64;
        if (!wide && code_.architecture() != Architecture::x86) return;
        const auto& operands = instruction.operands;
        if (operands.empty()) return;
        if (!wide) {
            if (instruction.mnemonic != "push") return;
            bool constant = operands[0].kind == Operand::Kind::immediate;
            argument_ = constant ? std::optional(static_cast<std::uint64_t>(operands[0].immediate) & 0xffffffff) : std::nullopt;
            return;
        }
        bool writes = std::ranges::any_of(operands, [](const Operand& operand) {
            return operand.write && operand.kind == Operand::Kind::reg &&
                (operand.reg == "rdi" || operand.reg == "edi" || operand.reg == "di" || operand.reg == "dil");
        });
        if (!writes) return;
        argument_.reset();
        if (operands.size() < 2 || operands[0].kind != Operand::Kind::reg) return;
        const Operand& source = operands[1];
        if (instruction.mnemonic == "lea") {
            argument_ = source.memory.address;
        } else if (instruction.mnemonic == "mov" && source.kind == Operand::Kind::immediate) {
            argument_ = static_cast<std::uint64_t>(source.immediate);
        } else if (instruction.mnemonic == "mov" && source.kind == Operand::Kind::memory && source.memory.address && options_.slot) {
            Callee pointer = options_.slot(*source.memory.address);
            if (pointer.kind == Callee::Kind::code) argument_ = pointer.address;
        }
    }

    const Code& code_;
    const Decoder& decoder_;
    const WalkOptions& options_;
    Walk walk_;
    std::uint64_t at_ = 0;
    std::uint64_t next_ = 0;
    std::vector<std::uint64_t> returns_;
    std::optional<std::uint64_t> argument_;
    struct State {
        std::uint64_t at = 0;
        std::optional<std::uint64_t> argument;
        std::vector<std::uint64_t> returns;
    } earlier_;
};

}  // namespace

Walk must_execute(const Code& code, const Decoder& decoder, std::uint64_t entry, const WalkOptions& options) {
    return Walker(code, decoder, options).run(entry);
}

const WalkUse* Walk::find(Feature feature) const {
    auto use = std::ranges::find(uses, feature, &WalkUse::feature);
    return use == uses.end() ? nullptr : &*use;
}

std::string_view to_string(WalkStop stop) {
    switch (stop) {
        case WalkStop::conditional_branch: return "conditional branch";
        case WalkStop::indirect_branch: return "indirect branch";
        case WalkStop::unknown_callee: return "unknown callee";
        case WalkStop::no_return: return "call that does not return";
        case WalkStop::returned: return "return";
        case WalkStop::system_call: return "system call";
        case WalkStop::trap: return "trap";
        case WalkStop::undecodable: return "undecodable";
        case WalkStop::outside: return "outside the code";
        case WalkStop::endless_loop: return "endless loop";
        case WalkStop::limit: return "limit";
    }
    std::unreachable();
}

}  // namespace abiscope::disasm
