#include "loader/load_address.h"

#include <algorithm>

#include "elf/spec.h"

namespace abiscope::loader {

bool lies_where_it_says(const elf::Image& image, std::uint64_t vaddr, std::uint64_t offset) {
    const elf::Segment* load = image.load_segment_at(vaddr);
    return load != nullptr && load->offset + (vaddr - load->vaddr) == offset;
}

bool headers_lie_where_they_say(const elf::Image& image) {
    return std::ranges::all_of(image.segments(), [&](const elf::Segment& segment) {
        return segment.type != elf::pt_phdr || lies_where_it_says(image, segment.vaddr, image.header().phoff);
    });
}

}  // namespace abiscope::loader
