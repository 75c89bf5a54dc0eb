#include "golang/memory.h"

#include <algorithm>

namespace abiscope::golang {

std::optional<std::string_view> Memory::string(std::uint64_t header) const {
    auto data = pointer(header);
    auto length = pointer(header + word_);
    if (!data || !length) return std::nullopt;
    if (*length == 0) return std::string_view();
    auto found = bytes(*data, *length);
    if (!found) return std::nullopt;
    return found->as_text();
}

RangeMemory::RangeMemory(Endian order, unsigned word, std::vector<MemoryRange> ranges, std::vector<SourcePtr> keep)
    : Memory(order, word), ranges_(std::move(ranges)), keep_(std::move(keep)) {
    std::erase_if(ranges_, [](const MemoryRange& range) { return range.size == 0 && range.bytes.empty(); });
    std::ranges::stable_sort(ranges_, {}, &MemoryRange::address);
}

View RangeMemory::at(std::uint64_t address) const {
    auto after = std::ranges::upper_bound(ranges_, address, {}, &MemoryRange::address);
    if (after == ranges_.begin()) return {};
    const MemoryRange& range = *std::prev(after);
    return range.bytes.from(address - range.address);
}

}  // namespace abiscope::golang
