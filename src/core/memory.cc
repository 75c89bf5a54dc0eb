#include "core/memory.h"

#include <algorithm>
#include <cstring>

#include "bytes/endian.h"
#include "elf/spec.h"

namespace abiscope::core {

std::string Region::permissions() const { return {readable() ? 'r' : '-', writable() ? 'w' : '-', executable() ? 'x' : '-'}; }

Memory::Memory(const elf::Image& core, std::vector<MappedFile> files, bool wide)
    : files_(std::move(files)), order_(core.encoding().order), wide_(wide) {
    for (const elf::Segment& segment : core.segments()) {
        if (segment.type != elf::pt_load || segment.memsz == 0 || segment.memsz > ~segment.vaddr) continue;
        Region region;
        region.start = segment.vaddr;
        region.end = segment.vaddr + segment.memsz;
        region.flags = segment.flags;
        region.claimed = std::min(segment.filesz, segment.memsz);
        region.dumped = core.bytes().clamped(segment.offset, region.claimed);
        region.record_offset = segment.record_offset;
        regions_.push_back(region);
    }
    std::ranges::stable_sort(regions_, {}, &Region::start);
    add_noted();
    // A structure may lie across two mappings: the runtime's first goroutine between a Go program's data and its zeros.
    for (std::size_t i = regions_.size(); i-- > 0;) {
        Region& region = regions_[i];
        region.joined = region.dumped;
        if (i + 1 == regions_.size() || region.dumped.empty() || region.dumped.size() != region.end - region.start) continue;
        const Region& next = regions_[i + 1];
        const std::byte* end = region.dumped.data() + region.dumped.size();
        if (next.start != region.end || next.dumped.empty() || next.dumped.data() != end) continue;
        std::uint64_t offset = static_cast<std::uint64_t>(region.dumped.data() - core.bytes().data());
        region.joined = core.bytes().clamped(offset, region.dumped.size() + next.joined.size());
    }
}

// Mappings of files, as far as no program header covers them.
void Memory::add_noted() {
    std::vector<Region> noted;
    auto add = [&](std::uint64_t start, std::uint64_t end) {
        if (start >= end) return;
        Region region;
        region.start = start;
        region.end = end;
        region.flags = elf::pf_r;
        region.noted = true;
        noted.push_back(region);
    };
    std::uint64_t done = 0;   // files may overlap in a damaged note
    for (const MappedFile& file : files_) {
        std::uint64_t at = std::max(file.start, done);
        if (at >= file.end) continue;
        done = file.end;
        auto region = std::ranges::upper_bound(regions_, at, {}, &Region::start);
        if (region != regions_.begin() && std::prev(region)->end > at) at = std::prev(region)->end;
        for (; region != regions_.end() && region->start < file.end; ++region) {
            add(at, region->start);
            at = std::max(at, region->end);
        }
        add(at, file.end);
    }
    if (noted.empty()) return;
    regions_.insert(regions_.end(), noted.begin(), noted.end());
    std::ranges::stable_sort(regions_, {}, &Region::start);
}

void Memory::permit(std::uint64_t start, std::uint32_t flags) {
    auto found = std::ranges::lower_bound(regions_, start, {}, &Region::start);
    if (found != regions_.end() && found->start == start && found->noted) found->flags = flags;
}

const Region* Memory::region_at(std::uint64_t address) const {
    auto after = std::ranges::upper_bound(regions_, address, {}, &Region::start);
    if (after == regions_.begin()) return nullptr;
    const Region& region = *std::prev(after);
    return region.holds(address) ? &region : nullptr;
}

const Region* Memory::region_before(std::uint64_t address) const {
    auto after = std::ranges::upper_bound(regions_, address, {}, &Region::start);
    if (after == regions_.begin()) return nullptr;
    const Region& region = *std::prev(after);
    return region.end <= address ? &region : nullptr;
}

const Region* Memory::region_after(std::uint64_t address) const {
    auto after = std::ranges::upper_bound(regions_, address, {}, &Region::start);
    return after == regions_.end() ? nullptr : &*after;
}

const MappedFile* Memory::file_at(std::uint64_t address) const {
    auto after = std::ranges::upper_bound(files_, address, {}, &MappedFile::start);
    if (after == files_.begin()) return nullptr;
    const MappedFile& file = *std::prev(after);
    return address < file.end ? &file : nullptr;
}

void Memory::back(std::uint64_t start, View bytes) {
    auto at = std::ranges::upper_bound(backings_, start, {}, &Backing::start);
    backings_.insert(at, {start, bytes});
}

Chunk Memory::chunk(std::uint64_t address) const {
    const Region* region = region_at(address);
    if (region == nullptr) return {};
    std::uint64_t within = address - region->start;
    if (within < region->dumped.size()) return {Origin::dump, region->joined.from(within)};
    // What a truncated dump lost may have been changed by the program: no file stands for it.
    if (within < region->claimed) return {};
    auto after = std::ranges::upper_bound(backings_, address, {}, &Backing::start);
    if (after == backings_.begin()) return {};
    const Backing& backing = *std::prev(after);
    if (address - backing.start >= backing.bytes.size()) return {};
    View bytes = backing.bytes.from(address - backing.start);
    return {Origin::file, bytes.clamped(0, region->end - address)};
}

bool Memory::read(std::uint64_t address, std::span<std::byte> out) const {
    while (!out.empty()) {
        View known = chunk(address).bytes;
        if (known.empty()) return false;
        std::size_t count = std::min<std::size_t>(known.size(), out.size());
        std::memcpy(out.data(), known.data(), count);
        out = out.subspan(count);
        address += count;
    }
    return true;
}

std::vector<std::byte> Memory::read_some(std::uint64_t address, std::size_t size) const {
    std::vector<std::byte> out;
    while (out.size() < size) {
        View known = chunk(address + out.size()).bytes;
        if (known.empty()) break;
        View part = known.clamped(0, size - out.size());
        out.insert(out.end(), part.bytes().begin(), part.bytes().end());
    }
    return out;
}

std::optional<std::uint64_t> Memory::number(std::uint64_t address, std::uint8_t size) const {
    std::array<std::byte, 8> bytes{};
    if (!read(address, std::span(bytes).first(size))) return std::nullopt;
    switch (size) {
        case 1: return std::to_integer<std::uint64_t>(bytes[0]);
        case 2: return load<std::uint16_t>(bytes.data(), order_);
        case 4: return load<std::uint32_t>(bytes.data(), order_);
        case 8: return load<std::uint64_t>(bytes.data(), order_);
        default: return std::nullopt;
    }
}

std::optional<std::string> Memory::c_string(std::uint64_t address, std::size_t most) const {
    std::string out;
    while (out.size() < most) {
        std::string_view known = chunk(address + out.size()).bytes.clamped(0, most - out.size()).as_text();
        if (known.empty()) return std::nullopt;
        std::size_t end = known.find('\0');
        out += known.substr(0, end);
        if (end != std::string_view::npos) return out;
    }
    return std::nullopt;
}

}  // namespace abiscope::core
