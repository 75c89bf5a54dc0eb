#include "disasm/lacking_walk.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/checked.h"

namespace abiscope::disasm {

namespace {

constexpr std::uint64_t most_padding = 64;     // bytes between functions
constexpr int most_rounds = 4;
constexpr int most_leaf_steps = 256;           // instructions, over all ways

class Walker {
public:
    Walker(const Code& code, const Decoder& decoder, const LackingWalkOptions& options)
        : code_(code), decoder_(decoder), options_(options) {}

    LackingWalk run(std::span<const std::uint64_t> roots) {
        for (std::uint64_t root : roots) arrive(root, {});
        follow_all();
        for (int again = 0; options_.forgot && options_.forgot() && !ended(); ++again) {
            if (again == most_rounds) walk_.whole = false;
            start_again();
            follow_all();
        }
        for (const auto& [feature, address] : uses_) walk_.uses.push_back({feature, address});
        return std::move(walk_);
    }

private:
    [[nodiscard]] bool ended() const { return !walk_.whole || (!options_.sought.empty() && found_.contains(options_.sought)); }

    void follow_all() {
        auto arrive_from_plain = [this](std::uint64_t address) { arrive(address, {}); };
        do {
            while (!open_.empty() && !ended()) {
                std::uint64_t at = open_.back();
                open_.pop_back();
                follow(at);
            }
        } while (!ended() && options_.plain != nullptr && options_.plain->follow(decoder_, arrive_from_plain));
    }

    // What was reached stays reached, but only where nothing is taken to be known is it seen as it will be.
    void start_again() {
        std::erase_if(states_, [](const auto& state) { return !(state.second == X86Values()); });
        open_.clear();
        for (const auto& [address, state] : states_) open_.push_back(address);
        std::ranges::sort(open_);
    }

    [[nodiscard]] bool enters(std::uint64_t function) const {
        return options_.enter_calls || (options_.entered && options_.entered(function));
    }

    [[nodiscard]] const CodeRange* range_at(std::uint64_t address) const { return code_.range_at(address); }

    [[nodiscard]] bool starts_function(std::uint64_t address) const {
        auto index = code_.function_at(address);
        return index && code_.functions()[*index].address == address;
    }

    // A value that may be the address of a function.
    void hand_over(std::uint64_t value) {
        if (options_.enter_calls && range_at(value) != nullptr && starts_function(value)) arrive(value, {});
    }

    void hand_over_all(const X86Values& values) {
        for (const KnownBits& each : values.registers()) {
            if (auto value = each.value()) hand_over(*value);
        }
    }

    // Control comes to `address` by a branch.
    void arrive(std::uint64_t address, const X86Values& values) {
        if (range_at(address) == nullptr || pass(address)) return;
        auto [known, added] = states_.try_emplace(address, values);
        if (added) {
            open_.push_back(address);
            return;
        }
        X86Values both = known->second.met(values);
        if (both == known->second) return;
        X86Values before = std::exchange(known->second, both);
        open_.push_back(address);
        part_with(before, both);
        part_with(values, both);
    }

    // Whether `address` lies in a plain function, which is reached now.
    bool pass(std::uint64_t address) {
        if (options_.plain == nullptr) return false;
        auto function = code_.function_at(address);
        if (!function || !options_.plain->contains(*function)) return false;
        options_.plain->reach(*function);
        return true;
    }

    // Functions that `before` held and `after` does not know any more.
    void part_with(const X86Values& before, const X86Values& after) {
        for (std::size_t i = 0; i < before.registers().size(); ++i) {
            auto value = before.registers()[i].value();
            if (value && after.registers()[i].value() != value) hand_over(*value);
        }
    }

    void follow(std::uint64_t at) {
        X86Values values = states_[at];
        bool passing = false;
        std::uint64_t next_function = function_after(at);
        for (bool first = true;; first = false) {
            const CodeRange* range = range_at(at);
            if (range == nullptr) return;
            if (!first) {
                // Behind a call that does not return, and behind padding, lies the next function.
                if (at >= next_function) {
                    if (passing && starts_function(at)) return;
                    returns(at - 1, {});
                    if (pass(at)) return;
                    next_function = function_after(at);
                }
                if (states_.contains(at)) return arrive(at, values);
            }
            if (++walk_.instructions > options_.max_instructions) {
                walk_.whole = false;
                return;
            }
            if (!decoder_.decode(range->bytes.from(at - range->address).bytes(), at, Syntax::none, instruction_)) return;
            note_use(instruction_);
            note_functions(instruction_, values);
            std::uint64_t next = at + instruction_.length();
            const Flow& flow = instruction_.flow;
            if (auto after = behind_leaf(flow, values)) {
                values = std::move(*after);
                passing = false;
                at = next;
                continue;
            }
            bool goes_on = flow.falls_through();
            if (flow.branch == BranchKind::conditional_jump) {
                auto taken = values.condition(instruction_.mnemonic);
                if (flow.target && taken.value_or(true)) branch(at, *flow.target, values);
                goes_on = !taken.value_or(false);
            } else if (flow.branch == BranchKind::jump && flow.target) {
                // gold fills up with a jump over the rest.
                if (passing && *flow.target > at && *flow.target - at < most_padding && starts_function(*flow.target)) return;
                branch(at, *flow.target, values);
            } else if (flow.branch == BranchKind::call || flow.branch == BranchKind::indirect_call) {
                hand_over_all(values);
                if (flow.target && enters(*flow.target)) arrive(*flow.target, {});
                if (flow.target && options_.never_returns && options_.never_returns(*flow.target)) return;
            } else if (flow.branch == BranchKind::indirect_jump) {
                hand_over_all(values);
                returns(at, {});
                if (!flow.slot) open_table(at);
            } else if (flow.branch == BranchKind::function_return) {
                leave(at, values);
            }
            if (!goes_on) return;
            passing = flow.branch == BranchKind::call || flow.branch == BranchKind::indirect_call || instruction_.mnemonic == "nop";
            values.step(instruction_, options_.world);
            if (flow.branch == BranchKind::call && flow.target && options_.result) values.set_result(options_.result(*flow.target));
            at = next;
        }
    }

    // After the call of a leaf, by every way through it. Nothing for other calls, and where it does not come back soon.
    std::optional<X86Values> behind_leaf(const Flow& flow, const X86Values& values) {
        if (flow.branch != BranchKind::call || !flow.target || !options_.leaf || !options_.leaf(*flow.target)) return std::nullopt;
        std::vector<std::pair<std::uint64_t, X86Values>> ways{{*flow.target, values}};
        ways.back().second.enter(options_.world);
        std::optional<X86Values> after;
        int left = most_leaf_steps;
        while (!ways.empty()) {
            auto [at, here] = std::move(ways.back());
            ways.pop_back();
            for (bool goes_on = true; goes_on;) {
                const CodeRange* range = range_at(at);
                if (left-- == 0 || range == nullptr) return std::nullopt;
                ++walk_.instructions;
                Instruction instruction;
                if (!decoder_.decode(range->bytes.from(at - range->address).bytes(), at, Syntax::none, instruction)) return std::nullopt;
                note_use(instruction);
                at += instruction.length();
                switch (instruction.flow.branch) {
                    case BranchKind::none: here.step(instruction, options_.world); break;
                    case BranchKind::function_return:
                        here.leave(options_.world);
                        after = after ? after->met(here) : here;
                        goes_on = false;
                        break;
                    case BranchKind::conditional_jump: {
                        if (!instruction.flow.target) return std::nullopt;
                        auto taken = here.condition(instruction.mnemonic);
                        if (!taken) ways.emplace_back(*instruction.flow.target, here);
                        else if (*taken) at = *instruction.flow.target;
                        break;
                    }
                    case BranchKind::jump:
                        if (!instruction.flow.target) return std::nullopt;
                        at = *instruction.flow.target;
                        break;
                    default: return std::nullopt;
                }
            }
        }
        return after;
    }

    // Where the first function behind `address` starts.
    [[nodiscard]] std::uint64_t function_after(std::uint64_t address) const {
        auto next = std::ranges::upper_bound(code_.functions(), address, {}, &Function::address);
        return next == code_.functions().end() ? ~std::uint64_t{0} : next->address;
    }

    void branch(std::uint64_t from, std::uint64_t target, const X86Values& values) {
        if (code_.function_at(from) == code_.function_at(target)) return arrive(target, values);
        hand_over_all(values);      // a tail call takes its arguments along
        returns(from, options_.result ? options_.result(target) : KnownBits{});
        if (enters(target)) arrive(target, values);
    }

    // The function around `at` comes to an end.
    void returns(std::uint64_t at, const KnownBits& value) {
        auto index = options_.returned ? code_.function_at(at) : std::nullopt;
        if (index) options_.returned(code_.functions()[*index].address, value);
    }

    void leave(std::uint64_t at, const X86Values& values) {
        returns(at, values.registers()[0]);
        auto value = values.registers()[0].value();
        if (value) return hand_over(*value);
        auto index = code_.function_at(at);
        if (!index || !is_resolver(*index)) return;
        for (std::uint64_t taken : mentioned_[*index]) hand_over(taken);
    }

    [[nodiscard]] bool is_resolver(std::size_t function) const {
        return options_.resolver && options_.resolver(code_.functions()[function].address);
    }

    void note_use(const Instruction& instruction) {
        const Needs& needs = instruction.needs;
        // XGETBV is itself part of asking.
        if (needs.absence == Absence::harmless || instruction.mnemonic == "xgetbv") return;
        for (Feature feature : {needs.first, needs.second}) {
            if (feature == Feature::none || !options_.world.lacking.contains(feature)) continue;
            if (options_.vouched && options_.vouched(instruction.address)) continue;
            auto [known, added] = uses_.try_emplace(feature, instruction.address);
            if (!added) known->second = std::min(known->second, instruction.address);
            found_.insert(feature);
        }
    }

    // Whose address goes where it can be called from.
    void note_functions(const Instruction& instruction, const X86Values& values) {
        std::string_view m = instruction.mnemonic;
        bool copies = m == "mov" && !instruction.operands.empty() && instruction.operands.front().kind == Operand::Kind::reg;
        bool picks = m.starts_with("cmov") && values.condition(m).has_value();
        bool stores = (m == "mov" && !copies) || m == "push";
        for (const Operand& operand : instruction.operands) {
            if (operand.implicit) continue;
            if (operand.kind == Operand::Kind::memory && m == "lea" && operand.memory.address)
                mention(instruction.address, *operand.memory.address);
            if (operand.kind == Operand::Kind::immediate && copies)
                mention(instruction.address, static_cast<std::uint64_t>(operand.immediate));
            if (operand.kind == Operand::Kind::immediate && stores) hand_over(static_cast<std::uint64_t>(operand.immediate));
            if (operand.kind != Operand::Kind::reg || !operand.read || copies || picks || m == "cmp" || m == "test") continue;
            if (auto value = values.value_of(operand.reg)) hand_over(*value);
        }
    }

    void mention(std::uint64_t at, std::uint64_t address) {
        auto index = code_.function_at(at);
        if (index && is_resolver(*index) && starts_function(address)) mentioned_[*index].insert(address);
    }

    // A jump through a table: any place after the end of a block to which nothing else in the function leads.
    void open_table(std::uint64_t at) {
        auto index = code_.function_at(at);
        if (!index || !tables_.insert(*index).second) return;
        AddressRange extent = code_.extent(*index);
        View body = code_.bytes_at(extent.address);
        std::set<std::uint64_t> targets, starts;
        bool ended = false;
        for (std::uint64_t here = extent.address; range_contains(extent.address, extent.size, here);) {
            if (++walk_.instructions > options_.max_instructions) {
                walk_.whole = false;
                return;
            }
            auto flow = decoder_.flow(body.from(here - extent.address).bytes(), here);
            if (std::exchange(ended, false)) starts.insert(here);
            if (flow && flow->target && flow->branch != BranchKind::call) targets.insert(*flow->target);
            ended = flow && !flow->falls_through();
            here += flow ? flow->length : 1;
        }
        for (std::uint64_t start : starts) {
            std::uint64_t first = behind_padding(body, extent.address, start);
            if (!targets.contains(first)) arrive(first, {});
        }
    }

    // What fills up to an aligned place is not where a table leads, but what stands there.
    [[nodiscard]] std::uint64_t behind_padding(const View& body, std::uint64_t body_start, std::uint64_t start) const {
        constexpr std::uint64_t alignment = 8, most = 16;      // the least that compilers align a place to
        std::uint64_t at = start;
        while (at - start < most) {
            auto instruction = decoder_.decode(body.from(at - body_start).bytes(), at, Syntax::none);
            if (!instruction || instruction->mnemonic != "nop") break;
            at += instruction->length();
        }
        return at % alignment == 0 ? at : start;
    }

    const Code& code_;
    const Decoder& decoder_;
    const LackingWalkOptions& options_;
    LackingWalk walk_;
    Instruction instruction_;                                      // the one at hand
    std::unordered_map<std::uint64_t, X86Values> states_;          // where branches lead
    std::vector<std::uint64_t> open_;
    std::map<Feature, std::uint64_t> uses_;
    FeatureSet found_;
    std::map<std::size_t, std::set<std::uint64_t>> mentioned_;     // by resolvers
    std::set<std::size_t> tables_;                                 // functions whose tables were looked at
};

}  // namespace

const LackingUse* LackingWalk::find(Feature feature) const {
    auto found = std::ranges::find(uses, feature, &LackingUse::feature);
    return found == uses.end() ? nullptr : &*found;
}

LackingWalk walk_lacking(const Code& code, const Decoder& decoder, std::span<const std::uint64_t> roots,
                         const LackingWalkOptions& options) {
    return Walker(code, decoder, options).run(roots);
}

}  // namespace abiscope::disasm
