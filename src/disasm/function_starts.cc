#include "disasm/function_starts.h"

#include <algorithm>

#include "base/checked.h"

namespace abiscope::disasm {

namespace {

// Code of fewer functions is not worth a bit for each of its bytes, nor are gaps between its ranges.
constexpr std::uint64_t large_function = std::uint64_t{64} << 10;
constexpr std::uint64_t allowed_gaps = std::uint64_t{16} << 20;

}  // namespace

FunctionStarts::FunctionStarts(const Code& code) : code_(&code) {
    std::uint64_t bytes = 0;
    std::uint64_t end = 0;
    for (const CodeRange& range : code.ranges()) {
        bytes += range.bytes.size();
        end = std::max(end, range.address + range.bytes.size());
    }
    if (bytes == 0) return;
    lowest_ = code.ranges().front().address;
    span_ = end - lowest_;
    if (end < lowest_) span_ = ~std::uint64_t{0};
    bool close = span_ <= bytes + allowed_gaps && span_ < std::uint64_t{1} << 32;
    if (!close || code.functions().size() < span_ / large_function) return;
    words_.resize((span_ + 63) / 64);
    any_starts_ = 0;
    auto function = code.functions().begin();
    for (std::size_t i = 0; i < words_.size(); ++i) {
        words_[i].before = static_cast<std::uint32_t>(function - code.functions().begin());
        for (; function != code.functions().end() && (function->address - lowest_) / 64 == i; ++function)
            words_[i].starts |= std::uint64_t{1} << (function->address - lowest_) % 64;
        any_starts_ |= words_[i].starts;
    }
}

std::optional<FunctionStarts::Around> FunctionStarts::around(std::uint64_t address) const {
    std::optional<std::size_t> index;
    if (words_.empty()) {
        index = code_->function_at(address);
    } else if (spans(address)) {
        index = last_before(address);
        if (index && !holds(*index, address)) index.reset();
    }
    if (!index) return std::nullopt;
    return Around{*index, code_->functions()[*index].address == address};
}

std::optional<std::size_t> FunctionStarts::last_before(std::uint64_t address) const {
    std::uint64_t offset = address - lowest_;
    const Word& word = words_[offset / 64];
    std::uint64_t up_to = ~std::uint64_t{0} >> (63 - offset % 64);
    std::size_t functions = word.before + count(word.starts & up_to);
    return functions == 0 ? std::nullopt : std::optional(functions - 1);
}

bool FunctionStarts::holds(std::size_t function, std::uint64_t address) const {
    const Function& each = code_->functions()[function];
    if (each.size != 0 && !range_contains(each.address, each.size, address)) return false;
    const CodeRange* range = code_->range_at(address);
    return range != nullptr && range_contains(range->address, range->bytes.size(), each.address);
}

std::optional<std::size_t> FunctionStarts::at_scattered(std::uint64_t address) const {
    auto function = std::ranges::lower_bound(code_->functions(), address, {}, &Function::address);
    if (function == code_->functions().end() || function->address != address) return std::nullopt;
    return static_cast<std::size_t>(function - code_->functions().begin());
}

}  // namespace abiscope::disasm
