#include "pe/segments.h"

#include <algorithm>
#include <utility>

#include "pe/spec.h"

namespace abiscope::pe {

namespace {

// In bytes: what sections are rounded up to in memory, and their places in the file down to.
struct Rounding {
    std::uint64_t memory, file;
};

// Windows maps pages and reads sectors. The firmware copies each section to where it belongs, as it is (UEFI's reference loader, EDK II,
// MdePkg/Library/BasePeCoffLib).
constexpr std::uint64_t sector = 512;
constexpr Rounding firmware{.memory = 1, .file = 1};

Segment map_section(View image, const Section& section, std::uint32_t index, Rounding rounding) {
    Segment segment{.rva = section.rva,
                    .memory_size = align_up(section.memory_size(), rounding.memory),
                    .readable = section.readable(),
                    .writable = section.writable(),
                    .executable = section.executable(),
                    .section = index};
    if (section.raw_offset == 0) return segment;
    segment.image_offset = align_down(section.raw_offset, rounding.file);
    std::uint64_t wanted = std::min<std::uint64_t>(section.raw_size, segment.memory_size);
    segment.file_size = image.clamped(segment.image_offset, wanted).size();
    segment.truncated = segment.file_size < wanted;
    return segment;
}

}  // namespace

Mapping Mapping::make(View image, const CoffHeader& coff, const OptionalHeader& optional, std::span<const Section> sections) {
    Mapping mapping;
    mapping.image_ = image;
    std::uint64_t page = page_size(coff.machine);
    bool uefi = is_uefi_subsystem(optional.subsystem);
    Rounding rounding = uefi ? firmware : Rounding{.memory = page, .file = sector};
    if (optional.section_alignment < page && !uefi) {
        mapping.flat_ = true;
        std::uint64_t size = align_up(optional.image_size, page);
        mapping.segments_.push_back({.rva = 0,
                                     .memory_size = size,
                                     .image_offset = 0,
                                     .file_size = std::min(size, image.size()),
                                     .truncated = false,
                                     .readable = true,
                                     .writable = true,
                                     .executable = true,
                                     .section = std::nullopt});
        return mapping;
    }
    std::uint64_t headers = std::min<std::uint64_t>(optional.headers_size, image.size());
    mapping.segments_.push_back({.rva = 0,
                                 .memory_size = align_up(optional.headers_size, rounding.memory),
                                 .image_offset = 0,
                                 .file_size = headers,
                                 .truncated = headers < optional.headers_size,
                                 .readable = true,
                                 .writable = false,
                                 .executable = false,
                                 .section = std::nullopt});
    for (std::uint32_t i = 0; i < sections.size(); ++i) {
        Segment segment = map_section(image, sections[i], i, rounding);
        if (segment.memory_size != 0) mapping.segments_.push_back(segment);
    }
    std::ranges::sort(mapping.segments_, {}, [](const Segment& segment) { return std::pair(segment.rva, segment.section); });
    return mapping;
}

const Segment* Mapping::find(std::uint64_t rva) const {
    auto after = std::ranges::upper_bound(segments_, rva, {}, &Segment::rva);
    if (after == segments_.begin()) return nullptr;
    const Segment& candidate = *(after - 1);
    return range_contains(candidate.rva, candidate.memory_size, rva) ? &candidate : nullptr;
}

std::optional<Mapped> Mapping::at(std::uint64_t rva) const {
    const Segment* segment = find(rva);
    if (segment == nullptr) return std::nullopt;
    std::uint64_t skipped = rva - segment->rva;
    std::uint64_t backed = segment->file_size > skipped ? segment->file_size - skipped : 0;
    // Zeros behind the cut of a truncated file would be an invention.
    std::uint64_t zeros = segment->truncated ? 0 : segment->memory_size - skipped - backed;
    return Mapped{.bytes = image_.clamped(segment->image_offset + std::min(skipped, segment->file_size), backed), .zeros = zeros};
}

std::optional<std::uint64_t> Mapping::image_offset(std::uint64_t rva) const {
    const Segment* segment = find(rva);
    if (segment == nullptr || rva - segment->rva >= segment->file_size) return std::nullopt;
    return segment->image_offset + (rva - segment->rva);
}

std::optional<std::uint32_t> Mapping::rva(std::uint64_t image_offset) const {
    for (const Segment& segment : segments_) {
        if (range_contains(segment.image_offset, segment.file_size, image_offset)) {
            return static_cast<std::uint32_t>(segment.rva + (image_offset - segment.image_offset));
        }
    }
    return std::nullopt;
}

}  // namespace abiscope::pe
