#include "elf/image.h"

#include <algorithm>
#include <utility>

namespace abiscope::elf {

Image Image::make(SourcePtr source, View bytes, const Header& header, Encoding encoding) {
    Image image;
    image.source_ = std::move(source);
    image.bytes_ = bytes;
    image.header_ = header;
    image.encoding_ = encoding;
    image.segments_ = read_segments(bytes, image.header_, image.encoding_);
    image.dynamic_ = read_dynamic(image);
    return image;
}

Result<Image> Image::parse(SourcePtr source, View bytes) {
    auto read = read_header(bytes);
    if (!read) {
        Error error = std::move(read).error();
        error.file = source->name();
        return fail(std::move(error));
    }
    return make(std::move(source), bytes, read->header, read->encoding);
}

Result<Image> Image::parse_as(SourcePtr source, View bytes, Encoding encoding) {
    auto header = read_header_as(bytes, encoding);
    if (!header) {
        Error error = std::move(header).error();
        error.file = source->name();
        return fail(std::move(error));
    }
    return make(std::move(source), bytes, *header, encoding);
}

Result<Image> Image::parse(SourcePtr source) {
    View bytes = source->view();
    return parse(std::move(source), bytes);
}

const Segment* Image::segment(std::uint32_t type) const {
    for (const Segment& segment : segments()) {
        if (segment.type == type) return &segment;
    }
    return nullptr;
}

const Segment* Image::load_segment_at(std::uint64_t address) const {
    for (const Segment& segment : segments()) {
        if (segment.type == pt_load && range_contains(segment.vaddr, segment.memsz, address)) return &segment;
    }
    return nullptr;
}

const Segment* Image::cut_off_segment() const {
    auto cut = [this](const Segment& segment) {
        return segment.type == pt_load && segment.filesz != 0 && !range_fits(segment.offset, segment.filesz, bytes_.size());
    };
    auto found = std::ranges::find_if(segments(), cut);
    return found == segments().end() ? nullptr : &*found;
}

std::optional<std::uint64_t> Image::offset_of(std::uint64_t address) const {
    for (const Segment& segment : segments()) {
        if (segment.type != pt_load || !range_contains(segment.vaddr, segment.filesz, address)) continue;
        std::uint64_t within = address - segment.vaddr;
        auto offset = checked_add(segment.offset, within);
        if (!offset || *offset >= bytes_.size()) return std::nullopt;
        return offset;
    }
    return std::nullopt;
}

View Image::view_at(std::uint64_t address) const {
    for (const Segment& segment : segments()) {
        if (segment.type != pt_load || !range_contains(segment.vaddr, segment.filesz, address)) continue;
        std::uint64_t within = address - segment.vaddr;
        auto offset = checked_add(segment.offset, within);
        if (!offset) return {};
        return bytes_.clamped(*offset, segment.filesz - within);
    }
    return {};
}

View Image::view_at(std::uint64_t address, std::uint64_t size) const { return view_at(address).clamped(0, size); }

std::optional<std::string_view> Image::interpreter() const {
    const Segment* segment = this->segment(pt_interp);
    if (segment == nullptr) return std::nullopt;
    return bytes_.clamped(segment->offset, segment->filesz).c_string(0).value_or(std::string_view());
}

}  // namespace abiscope::elf
