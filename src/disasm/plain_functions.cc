#include "disasm/plain_functions.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/checked.h"
#include "bytes/endian.h"

namespace abiscope::disasm {

namespace {

// As far as a branch of two bytes leads.
constexpr std::uint64_t short_reach = 128;

// Calls `visit` with each function that starts or ends close to function `index`, until that says true.
template <typename Visit>
bool any_neighbour(const Code& code, std::size_t index, Visit visit) {
    auto functions = code.functions();
    auto end_of = [&](std::size_t i) {
        if (functions[i].size != 0) return functions[i].address + functions[i].size;
        return i + 1 < functions.size() ? functions[i + 1].address : ~std::uint64_t{0} - short_reach;
    };
    std::uint64_t start = functions[index].address;
    for (std::size_t before = index; before-- > 0;) {
        if (start > end_of(before) + short_reach) break;
        if (visit(before)) return true;
    }
    std::uint64_t reach = end_of(index) + short_reach;
    for (std::size_t after = index + 1; after < functions.size() && functions[after].address <= reach; ++after) {
        if (visit(after)) return true;
    }
    return false;
}

std::uint32_t take_last(std::vector<std::uint32_t>& from) {
    std::uint32_t last = from.back();
    from.pop_back();
    return last;
}

bool is_short_branch(std::byte opcode) {
    auto value = std::to_integer<unsigned>(opcode);
    return value == 0xeb || (value & 0xf0) == 0x70 || (value & 0xfc) == 0xe0;
}

// Where a CALL, JMP, Jcc, LOOP or JCXZ with a displacement leads.
std::optional<std::uint64_t> direct_target(std::span<const std::byte> instruction, std::uint64_t address) {
    auto at = [&](std::size_t i) { return i < instruction.size() ? std::to_integer<unsigned>(instruction[i]) : 0U; };
    // REX, and prefixes that say something about the branch: BND, NOTRACK, hints.
    std::size_t i = 0;
    while (at(i) == 0xf2 || at(i) == 0x3e || at(i) == 0x2e || (at(i) & 0xf0) == 0x40) ++i;
    std::size_t displacement = 0;
    if (at(i) == 0xe8 || at(i) == 0xe9) displacement = i + 1;
    else if (at(i) == 0x0f && (at(i + 1) & 0xf0) == 0x80) displacement = i + 2;
    std::uint64_t end = address + instruction.size();
    if (displacement != 0 && displacement + 4 == instruction.size())
        return end + static_cast<std::uint64_t>(load<std::int32_t>(instruction.data() + displacement, Endian::little));
    if (i + 2 != instruction.size() || !is_short_branch(instruction[i])) return std::nullopt;
    return end + static_cast<std::uint64_t>(std::int64_t{static_cast<std::int8_t>(at(i + 1))});
}

// Whether code ends with the bytes of an instruction after which nothing follows: RET, INT3, HLT, UD2, JMP, or a call that does not return.
bool looks_ended(std::span<const std::byte> code) {
    auto before_end = [&](std::size_t bytes) { return bytes <= code.size() ? std::to_integer<unsigned>(code[code.size() - bytes]) : 0U; };
    unsigned last = before_end(1);
    bool jumps_through_register = before_end(2) == 0xff && (last & 0xe0) == 0xe0;
    return last == 0xc3 || last == 0xcc || last == 0xf4 || (before_end(2) == 0x0f && last == 0x0b) || before_end(2) == 0xeb ||
        (before_end(5) & 0xfe) == 0xe8 || before_end(6) == 0xff || jumps_through_register;
}

// Whether a short branch to `start`, or the end of the function, could lead there, by its bytes.
bool may_run_into(const Code& code, std::size_t function, std::uint64_t start) {
    AddressRange extent = code.extent(function);
    std::span<const std::byte> body = code.bytes_at(extent.address).clamped(0, extent.size).bytes();
    if (start - extent.address == extent.size && !looks_ended(body)) return true;
    std::uint64_t first = start < extent.address + short_reach ? 0 : start - short_reach - 1 - extent.address;
    std::uint64_t end =
        std::min<std::uint64_t>(body.size(), start + short_reach < extent.address ? 0 : start + short_reach - extent.address);
    for (std::uint64_t at = first; at + 1 < end; ++at) {
        auto displacement = static_cast<std::uint8_t>(start - (extent.address + at + 2));
        if (body[at + 1] == std::byte{displacement} && is_short_branch(body[at])) return true;
    }
    return false;
}

bool is_dead_end(const CodeRange& range, const Decoder& decoder) {
    Instruction instruction;
    for (std::uint64_t at = 0; at < range.bytes.size(); at += instruction.length()) {
        if (!decoder.decode(range.bytes.from(at).bytes(), range.address + at, Syntax::none, instruction)) return false;
        const Flow& flow = instruction.flow;
        if (flow.target && !range_contains(range.address, range.bytes.size(), *flow.target)) return false;
        bool harmless = instruction.needs.nothing() || instruction.needs.absence == Absence::harmless;
        if (!harmless || flow.branch == BranchKind::indirect_call || flow.branch == BranchKind::call) return false;
    }
    return true;
}

}  // namespace

std::vector<AddressRange> dead_ends(const Code& code, const Decoder& decoder) {
    constexpr std::uint64_t largest = std::uint64_t{1} << 20;
    std::vector<AddressRange> out;
    for (const CodeRange& range : code.ranges()) {
        if (range.bytes.size() <= largest && is_dead_end(range, decoder)) out.push_back({range.address, range.bytes.size()});
    }
    return out;
}

std::vector<bool> leading_to(const Code& code, const References& references, std::vector<std::uint32_t> functions) {
    std::size_t count = code.functions().size();
    std::vector<std::size_t> begin(count + 2);
    for (std::size_t from = 0; from < count; ++from) {
        for (Reference reference : references.of(from)) ++begin[reference.function + 2];
    }
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    std::vector<std::uint32_t> referring(begin.back());
    for (std::size_t from = 0; from < count; ++from) {
        for (Reference reference : references.of(from)) referring[begin[reference.function + 1]++] = static_cast<std::uint32_t>(from);
    }
    std::vector<bool> out(count);
    auto add = [&](std::size_t function) {
        if (!out[function]) functions.push_back(static_cast<std::uint32_t>(function));
        out[function] = true;
    };
    for (std::uint32_t function : functions) out[function] = true;
    while (!functions.empty()) {
        std::uint32_t function = take_last(functions);
        for (std::size_t i = begin[function]; i < begin[function + 1]; ++i) add(referring[i]);
        any_neighbour(code, function, [&](std::size_t other) {
            if (!out[other] && may_run_into(code, other, code.functions()[function].address)) add(other);
            return false;
        });
    }
    return out;
}

PlainFunctions::PlainFunctions(const Code& code, const References& references, std::vector<FunctionRole> roles)
    : code_(&code), references_(&references), lengths_(code.architecture()), roles_(std::move(roles)) {
    // A short branch may lead into the middle of its neighbour.
    for (std::size_t i = 0; i < roles_.size(); ++i) {
        if (roles_[i] != FunctionRole::uses) continue;
        any_neighbour(code, i, [this](std::size_t other) {
            if (roles_[other] == FunctionRole::plain) roles_[other] = FunctionRole::tests;
            return false;
        });
    }
}

bool PlainFunctions::follow(const Decoder& decoder, const Arrive& arrive) {
    bool followed = false;
    while (!open_.empty() || !recent_.empty()) {
        followed = true;
        if (!open_.empty()) {
            lead_on(take_last(open_), arrive);
        } else if (std::uint32_t function = take_last(recent_); is_open(function)) {
            lead_out(function, decoder, arrive);
        }
    }
    return followed;
}

void PlainFunctions::lead_on(std::size_t function, const Arrive& arrive) {
    for (const Reference& reference : references_->of(function)) {
        if (reference.inside != 0) continue;
        if (contains(reference.function)) {
            reach(reference.function);
        } else if (roles_[reference.function] == FunctionRole::uses) {
            roles_[function] = FunctionRole::tests;
            return arrive(code_->functions()[function].address);
        } else {
            arrive(code_->functions()[reference.function].address);
        }
    }
    recent_.push_back(static_cast<std::uint32_t>(function));
}

// Whether what its bytes say cannot be believed, or does not say it all, and it makes a difference.
bool PlainFunctions::is_open(std::size_t function) const {
    auto unreached = [this](std::size_t other) { return roles_[other] != FunctionRole::reached; };
    return references_->leads_outside(function) ||
        std::ranges::any_of(references_->of(function),
                            [&](const Reference& each) { return each.inside != 0 && unreached(each.function); }) ||
        any_neighbour(*code_, function, [&](std::size_t other) {
               return unreached(other) && (!contains(other) || may_run_into(*code_, function, code_->functions()[other].address));
           });
}

void PlainFunctions::lead_to(std::uint64_t address, const Arrive& arrive) {
    auto function = code_->function_at(address);
    if (function && contains(*function)) reach(*function);
    else arrive(address);
}

// Along the branches out of the function, and over its end when control runs over it.
void PlainFunctions::lead_out(std::size_t function, const Decoder& decoder, const Arrive& arrive) {
    AddressRange extent = code_->extent(function);
    View body = code_->bytes_at(extent.address).clamped(0, extent.size);
    std::size_t last = 0;
    for (std::size_t at = 0; at < body.size();) {
        std::span<const std::byte> bytes = body.from(at).bytes();
        std::size_t length = std::max<std::size_t>(lengths_.measure(bytes.data(), bytes.size()).length, 1);
        auto target = direct_target(bytes.first(std::min(length, bytes.size())), extent.address + at);
        if (target && !range_contains(extent.address, extent.size, *target)) lead_to(*target, arrive);
        last = at;
        at += length;
    }
    auto end = decoder.decode(body.from(last).bytes(), extent.address + last, Syntax::none);
    // What follows a call that does not return, or padding, is the next function.
    bool passes = end && (end->flow.branch == BranchKind::call || end->flow.branch == BranchKind::indirect_call || end->mnemonic == "nop");
    if (end && end->flow.falls_through() && !passes) lead_to(extent.address + extent.size, arrive);
}

}  // namespace abiscope::disasm
