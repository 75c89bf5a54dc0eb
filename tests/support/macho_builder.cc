#include "support/macho_builder.h"

#include <algorithm>

namespace abiscope::test {

ByteWriter& ByteWriter::number(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) {
        int shift = 8 * (big_ ? size - 1 - i : i);
        bytes_.push_back(static_cast<std::byte>(value >> shift & 0xff));
    }
    return *this;
}

ByteWriter& ByteWriter::uleb(std::uint64_t value) {
    do {
        auto low = static_cast<std::uint8_t>(value & 0x7f);
        value >>= 7;
        u8(value == 0 ? low : low | 0x80U);
    } while (value != 0);
    return *this;
}

ByteWriter& ByteWriter::text(std::string_view text) {
    for (char c : text) bytes_.push_back(static_cast<std::byte>(c));
    return u8(0);
}

ByteWriter& ByteWriter::fixed(std::string_view text, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes_.push_back(i < text.size() ? static_cast<std::byte>(text[i]) : std::byte{0});
    return *this;
}

ByteWriter& ByteWriter::zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
}

ByteWriter& ByteWriter::pad_to(std::size_t multiple) {
    while (bytes_.size() % multiple != 0) bytes_.push_back(std::byte{0});
    return *this;
}

ByteWriter& ByteWriter::append(const std::vector<std::byte>& bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
}

ByteWriter& ByteWriter::patch_u32(std::size_t at, std::uint32_t value) {
    ByteWriter number(big_);
    number.u32(value);
    std::ranges::copy(number.bytes(), bytes_.begin() + static_cast<std::ptrdiff_t>(at));
    return *this;
}

MachoBuilder& MachoBuilder::command(std::uint32_t type, const ByteWriter& payload) {
    ByteWriter command(big);
    command.u32(type).u32(0).append(payload.bytes()).pad_to(wide ? 8 : 4);
    command.patch_u32(4, static_cast<std::uint32_t>(command.size()));
    commands_.append(command.bytes());
    ++count_;
    return *this;
}

MachoBuilder& MachoBuilder::segment(const SegmentSpec& spec) {
    ByteWriter payload = writer();
    payload.fixed(spec.name, 16).word(spec.address, wide).word(spec.memory_size, wide).word(spec.offset, wide).word(spec.file_size, wide);
    payload.u32(7).u32(spec.protection).u32(spec.sections.size()).u32(0);
    for (const SectionSpec& section : spec.sections) {
        payload.fixed(section.name, 16).fixed(section.segment, 16).word(section.address, wide).word(section.size, wide);
        payload.u32(section.offset).u32(2).u32(section.relocation_offset).u32(section.relocation_count).u32(section.flags).u32(0).u32(0);
        if (wide) payload.u32(0);
    }
    return command(wide ? 0x19 : 0x1, payload);
}

MachoBuilder& MachoBuilder::dylib(std::uint32_t type, std::string_view name, std::uint32_t current, std::uint32_t compatibility) {
    return command(type, writer().u32(24).u32(2).u32(current).u32(compatibility).text(name));
}

MachoBuilder& MachoBuilder::path(std::uint32_t type, std::string_view text) { return command(type, writer().u32(12).text(text)); }

MachoBuilder& MachoBuilder::data(std::uint32_t type, std::uint32_t offset, std::uint32_t size) {
    return command(type, writer().u32(offset).u32(size));
}

MachoBuilder& MachoBuilder::uuid() { return command(0x1b, writer().fixed("0123456789abcdef", 16)); }

MachoBuilder& MachoBuilder::put(std::size_t offset, const ByteWriter& bytes) {
    pieces_.push_back({offset, bytes.bytes()});
    return *this;
}

std::vector<std::byte> MachoBuilder::build() const {
    ByteWriter file(big);
    file.u32(wide ? 0xfeedfacf : 0xfeedface).u32(cpu_type).u32(cpu_subtype).u32(file_type).u32(count_).u32(commands_.size()).u32(flags);
    if (wide) file.u32(0);
    file.append(commands_.bytes());
    std::vector<std::byte> bytes = file.bytes();
    std::size_t size = std::max(bytes.size(), file_size);
    for (const Piece& piece : pieces_) size = std::max(size, piece.offset + piece.bytes.size());
    bytes.resize(size);
    for (const Piece& piece : pieces_) std::ranges::copy(piece.bytes, bytes.begin() + static_cast<std::ptrdiff_t>(piece.offset));
    return bytes;
}

ByteWriter fat_header(const std::vector<FatSpec>& slices, bool wide) {
    ByteWriter writer(true);
    writer.u32(wide ? 0xcafebabf : 0xcafebabe).u32(slices.size());
    for (const FatSpec& slice : slices) {
        writer.u32(slice.cpu_type).u32(slice.cpu_subtype).word(slice.offset, wide).word(slice.size, wide).u32(slice.align);
        if (wide) writer.u32(0);
    }
    return writer;
}

}  // namespace abiscope::test
