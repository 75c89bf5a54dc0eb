#include "object/go_memory.h"

#include <cstring>
#include <map>

#include "elf/relocations.h"
#include "macho/chained_fixups.h"

namespace abiscope::object {

namespace {

void store(std::byte* at, std::uint64_t value, bool wide, Endian order) {
    if (wide) {
        if (order != host_endian) value = byte_swap(value);
        std::memcpy(at, &value, sizeof value);
    } else {
        auto narrow = static_cast<std::uint32_t>(value);
        if (order != host_endian) narrow = byte_swap(narrow);
        std::memcpy(at, &narrow, sizeof narrow);
    }
}

// Copies of the ranges that something is written to; the others stay in the file.
class Patches {
public:
    Patches(std::vector<golang::MemoryRange>& ranges, bool wide, Endian order) : ranges_(ranges), wide_(wide), order_(order) {}

    // Out of every range: nothing.
    void write(std::uint64_t address, std::uint64_t value) {
        std::uint64_t width = wide_ ? 8 : 4;
        if (last_ >= ranges_.size() || !holds(ranges_[last_], address, width)) {
            last_ = 0;
            while (last_ < ranges_.size() && !holds(ranges_[last_], address, width)) ++last_;
            if (last_ == ranges_.size()) return;
        }
        std::vector<std::byte>& copy = copies_[last_];
        if (copy.empty()) copy.assign(ranges_[last_].bytes.data(), ranges_[last_].bytes.data() + ranges_[last_].bytes.size());
        store(copy.data() + (address - ranges_[last_].address), value, wide_, order_);
    }

    // Puts the copies in place. They keep the offsets on disk of what they were made from.
    [[nodiscard]] std::vector<SourcePtr> finish() {
        std::vector<SourcePtr> keep;
        for (auto& [index, copy] : copies_) {
            SourcePtr source = Source::from_memory("relocated", std::move(copy));
            ranges_[index].bytes = View(source->view().bytes(), ranges_[index].bytes.file_offset());
            keep.push_back(std::move(source));
        }
        return keep;
    }

private:
    static bool holds(const golang::MemoryRange& range, std::uint64_t address, std::uint64_t width) {
        return address >= range.address && range_fits(address - range.address, width, range.bytes.size());
    }

    std::vector<golang::MemoryRange>& ranges_;
    std::map<std::size_t, std::vector<std::byte>> copies_;
    std::size_t last_ = 0;
    bool wide_;
    Endian order_;
};

// DYLD_CHAINED_PTR_64 and DYLD_CHAINED_PTR_64_OFFSET of <mach-o/fixup-chains.h>: target 36 bits, high8 8, next 12 (from bit 51), bind 1.
constexpr std::uint16_t chained_64 = 2, chained_64_offset = 6;
constexpr std::uint16_t no_fixups = 0xffff;
constexpr std::uint64_t chained_stride = 4;

void apply_chain(const macho::Image& image, const golang::MemoryRange& range, std::uint64_t offset, std::uint16_t format, Patches& out) {
    while (range_fits(offset, 8, range.bytes.size())) {
        auto value = load<std::uint64_t>(range.bytes.data() + offset, image.header().order);
        std::uint64_t target = value & 0xfffffffff;
        if (format == chained_64_offset) target += image.base_address();
        target |= (value >> 36 & 0xff) << 56;
        bool bind = value >> 63 != 0;
        out.write(range.address + offset, bind ? 0 : target);
        std::uint64_t next = value >> 51 & 0xfff;
        if (next == 0) return;
        offset += next * chained_stride;
    }
}

void apply_chained_fixups(const macho::Image& image, std::vector<golang::MemoryRange>& ranges, Patches& out) {
    finding::Sink unheard;   // inspect reports what is wrong with them
    auto fixups = macho::read_chained_fixups(image, unheard);
    if (!fixups || !*fixups) return;
    for (const macho::ChainedStarts& starts : (*fixups)->starts) {
        if (starts.pointer_format != chained_64 && starts.pointer_format != chained_64_offset) continue;
        std::uint64_t address = image.segments()[starts.segment].address;
        for (const golang::MemoryRange& range : ranges) {
            if (range.address != address) continue;
            for (std::size_t page = 0; page < starts.page_starts.size(); ++page) {
                if (starts.page_starts[page] != no_fixups)
                    apply_chain(image, range, page * starts.page_size + starts.page_starts[page], starts.pointer_format, out);
            }
        }
    }
}

}  // namespace

golang::RangeMemory go_memory(const elf::Image& image) {
    std::vector<golang::MemoryRange> ranges;
    for (const elf::Segment& segment : image.segments()) {
        if (segment.type != elf::pt_load) continue;
        ranges.push_back({.address = segment.vaddr,
                          .size = segment.memsz,
                          .bytes = image.bytes().clamped(segment.offset, std::min(segment.filesz, segment.memsz)),
                          .writable = segment.writable(),
                          .executable = segment.executable()});
    }
    Patches patches(ranges, image.encoding().wide, image.encoding().order);
    for (const elf::RelocationRange& table : elf::relocation_ranges(image)) {
        if (!table.with_addend) continue;
        for (std::uint64_t i = 0; i < table.size(); ++i) {
            elf::Relocation relocation = elf::relocation_at(image, table, i);
            if (elf::role_of(image.header().machine, relocation.type) == elf::RelocationRole::relative)
                patches.write(relocation.offset, static_cast<std::uint64_t>(relocation.addend));
        }
    }
    std::vector<SourcePtr> keep = patches.finish();
    return {image.encoding().order, image.encoding().wide ? 8U : 4U, std::move(ranges), std::move(keep)};
}

golang::RangeMemory go_memory(const pe::Image& image) {
    std::vector<golang::MemoryRange> ranges;
    std::uint64_t base = image.optional() ? image.optional()->image_base : 0;
    for (const pe::Segment& segment : image.mapping().segments()) {
        ranges.push_back({.address = base + segment.rva,
                          .size = segment.memory_size,
                          .bytes = image.bytes().clamped(segment.image_offset, segment.file_size),
                          .writable = segment.writable,
                          .executable = segment.executable});
    }
    return {Endian::little, image.wide() ? 8U : 4U, std::move(ranges)};
}

golang::RangeMemory go_memory(const macho::Image& image) {
    std::vector<golang::MemoryRange> ranges;
    for (const macho::Segment& segment : image.segments()) {
        if (segment.name == "__PAGEZERO" || segment.name == "__LINKEDIT") continue;
        ranges.push_back({.address = segment.address,
                          .size = segment.memory_size,
                          .bytes = image.bytes().clamped(segment.offset, std::min(segment.file_size, segment.memory_size)),
                          .writable = (segment.initial_protection & 2) != 0,
                          .executable = (segment.initial_protection & 4) != 0});
    }
    bool wide = image.header().wide;
    Patches patches(ranges, wide, image.header().order);
    if (wide) apply_chained_fixups(image, ranges, patches);
    std::vector<SourcePtr> keep = patches.finish();
    return {image.header().order, wide ? 8U : 4U, std::move(ranges), std::move(keep)};
}

}  // namespace abiscope::object
