#include "macho/image.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "macho/spec.h"

namespace abiscope::macho {

using finding::Evidence;
using finding::Finding;
using finding::RuleId;

Result<Image> Image::parse(SourcePtr source, View bytes, finding::Sink& sink) {
    auto header = read_header(bytes);
    if (!header) {
        Error error = std::move(header).error();
        error.file = source->name();
        return fail(std::move(error));
    }
    Image image;
    image.source_ = std::move(source);
    image.bytes_ = bytes;
    image.header_ = *header;
    image.commands_ = read_load_commands(bytes, *header, sink);
    image.table_ = read_segments(*header, image.commands_, sink);
    check_segments(*header, image.table_, bytes.size(), sink);
    return image;
}

const LoadCommand* Image::find_command(std::uint32_t command) const {
    auto found = std::ranges::find(commands_, command, &LoadCommand::command);
    return found == commands_.end() ? nullptr : &*found;
}

const Segment* Image::find_segment(std::string_view name) const {
    auto found = std::ranges::find(table_.segments, name, &Segment::name);
    return found == table_.segments.end() ? nullptr : &*found;
}

const Section* Image::find_section(std::string_view segment, std::string_view name) const {
    auto found = std::ranges::find_if(table_.sections, [&](const Section& s) { return s.segment_name == segment && s.name == name; });
    return found == table_.sections.end() ? nullptr : &*found;
}

const Segment* Image::segment_at(std::uint64_t address) const {
    auto found = std::ranges::find_if(table_.segments, [&](const Segment& s) { return s.contains_address(address); });
    return found == table_.segments.end() ? nullptr : &*found;
}

const Section* Image::section_at(std::uint64_t address) const {
    auto found = std::ranges::find_if(table_.sections, [&](const Section& s) { return s.contains_address(address); });
    return found == table_.sections.end() ? nullptr : &*found;
}

const Segment* Image::header_segment() const {
    auto found = std::ranges::find_if(table_.segments, [](const Segment& s) { return s.offset == 0 && s.file_size != 0; });
    return found == table_.segments.end() ? nullptr : &*found;
}

std::uint64_t Image::base_address() const {
    const Segment* segment = header_segment();
    return segment == nullptr ? 0 : segment->address;
}

std::optional<std::uint64_t> Image::offset_of(std::uint64_t address) const {
    const Segment* segment = segment_at(address);
    if (segment == nullptr) return std::nullopt;
    std::uint64_t delta = address - segment->address;
    if (delta >= segment->file_size) return std::nullopt;
    return checked_add(segment->offset, delta);
}

std::optional<std::uint64_t> Image::address_of(std::uint64_t offset) const {
    for (const Segment& segment : table_.segments) {
        if (segment.contains_offset(offset)) return checked_add(segment.address, offset - segment.offset);
    }
    return std::nullopt;
}

View Image::content(const Section& section) const {
    if (section.is_zero_fill() || table_.segments[section.segment_index].file_size == 0) return {};
    return bytes_.clamped(section.offset, section.size);
}

View Image::table(const LoadCommand& command, std::string_view what, std::uint64_t offset, std::uint64_t size, finding::Sink& sink) const {
    View part = bytes_.clamped(offset, size);
    if (part.size() < size) {
        sink.add(
            Finding(RuleId::MACHO_TABLE_TRUNCATED,
                    Evidence::value(command.path(), command.file_offset(), command.size(),
                                    fmt::format("{}: {} bytes at {:#x}; the image has {:#x} bytes", what, size, offset, bytes_.size())))
                .with("table", std::string(what))
                .with("claimed", size)
                .with("present", part.size()));
    }
    return part;
}

std::optional<LinkeditData> find_linkedit_data(const Image& image, std::uint32_t command, finding::Sink& sink) {
    const LoadCommand* found = image.find_command(command);
    if (found == nullptr) return std::nullopt;
    Reader reader = found->fields(image.header().order);
    std::uint32_t offset = reader.u32();
    std::uint32_t size = reader.u32();
    if (!fields_fit(*found, reader, sink)) return std::nullopt;
    return LinkeditData{found, image.table(*found, found->name(), offset, size, sink)};
}

}  // namespace abiscope::macho
