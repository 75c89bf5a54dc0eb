#include "disasm/code.h"

#include <algorithm>
#include <utility>

#include "base/checked.h"

namespace abiscope::disasm {

Code::Code(Architecture architecture, std::vector<CodeRange> ranges, std::vector<Function> functions, std::vector<AddressRange> data)
    : Code(architecture, usual_endian(architecture), std::move(ranges), std::move(functions), std::move(data)) {}

Code::Code(Architecture architecture, Endian order, std::vector<CodeRange> ranges, std::vector<Function> functions,
           std::vector<AddressRange> data)
    : architecture_(architecture), order_(order), ranges_(std::move(ranges)), functions_(std::move(functions)), data_(std::move(data)) {
    auto better = [](const Function& a, const Function& b) {
        if (a.address != b.address) return a.address < b.address;
        if (a.name.empty() != b.name.empty()) return b.name.empty();
        return a.size > b.size;
    };
    std::ranges::stable_sort(ranges_, {}, &CodeRange::address);
    std::erase_if(functions_, [this](const Function& function) { return range_at(function.address) == nullptr; });
    std::ranges::stable_sort(functions_, better);
    auto same = std::ranges::unique(functions_, {}, &Function::address);
    functions_.erase(same.begin(), same.end());
    std::ranges::sort(data_, {}, &AddressRange::address);
}

const CodeRange* Code::range_at(std::uint64_t address) const {
    auto next = std::ranges::upper_bound(ranges_, address, {}, &CodeRange::address);
    if (next == ranges_.begin()) return nullptr;
    const CodeRange& range = *std::prev(next);
    return range_contains(range.address, range.bytes.size(), address) ? &range : nullptr;
}

View Code::bytes_at(std::uint64_t address) const {
    const CodeRange* range = range_at(address);
    return range == nullptr ? View() : range->bytes.from(address - range->address);
}

std::optional<std::size_t> Code::function_at(std::uint64_t address) const {
    auto next = std::ranges::upper_bound(functions_, address, {}, &Function::address);
    const CodeRange* range = range_at(address);
    if (next == functions_.begin() || range == nullptr) return std::nullopt;
    const Function& function = *std::prev(next);
    if (!range_contains(range->address, range->bytes.size(), function.address)) return std::nullopt;
    if (function.size != 0 && !range_contains(function.address, function.size, address)) return std::nullopt;
    return static_cast<std::size_t>(std::prev(next) - functions_.begin());
}

AddressRange Code::extent(std::size_t index) const {
    const Function& function = functions_[index];
    const CodeRange* range = range_at(function.address);
    std::uint64_t left = range->bytes.size() - (function.address - range->address);
    if (function.size != 0) return {function.address, std::min(function.size, left)};
    if (index + 1 < functions_.size()) left = std::min(left, functions_[index + 1].address - function.address);
    return {function.address, left};
}

}  // namespace abiscope::disasm
