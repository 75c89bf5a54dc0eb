#include "support/pe_builder.h"

#include <algorithm>

namespace abiscope::test {

namespace {

std::uint32_t round_up(std::uint32_t value, std::uint32_t to) { return to == 0 ? value : (value + to - 1) / to * to; }

}  // namespace

PeBytes& PeBytes::put(std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) bytes_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
    return *this;
}

PeBytes& PeBytes::text(std::string_view value, bool nul) {
    for (char c : value) u8(static_cast<unsigned char>(c));
    return nul ? u8(0) : *this;
}

PeBytes& PeBytes::utf16(std::u16string_view value, bool nul) {
    for (char16_t c : value) u16(c);
    return nul ? u16(0) : *this;
}

PeBytes& PeBytes::zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
}

PeBytes& PeBytes::align(std::size_t to) { return zeros((to - bytes_.size() % to) % to); }

PeBytes& PeBytes::append(const PeBytes& other) {
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
    return *this;
}

void PeBytes::patch(std::size_t at, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) bytes_.at(at + i) = static_cast<std::byte>(value >> (8 * i) & 0xff);
}

PeBuilder::PeBuilder() { add(".text", code, PeBytes().u8(0xc3)); }

PeBuilder PeBuilder::i386() {
    PeBuilder builder;
    builder.wide = false;
    builder.machine = 0x14c;
    builder.characteristics = 0x102;
    builder.image_base = 0x40'0000;
    builder.dll_characteristics = 0x140;
    return builder;
}

std::uint32_t PeBuilder::next_rva() const {
    if (sections.empty()) return round_up(headers_size, section_alignment);
    const PeSectionSpec& last = sections.back();
    return round_up(last.rva + std::max(last.virtual_size, 1U), section_alignment);
}

std::uint32_t PeBuilder::add(std::string name, std::uint32_t flags, PeBytes contents) {
    PeSectionSpec section{.name = std::move(name), .flags = flags, .contents = std::move(contents)};
    section.rva = next_rva();
    section.virtual_size = static_cast<std::uint32_t>(section.contents.size());
    section.raw_size = round_up(section.virtual_size, file_alignment);
    section.raw_offset = sections.empty() ? headers_size : sections.back().raw_offset + sections.back().raw_size;
    sections.push_back(std::move(section));
    return sections.back().rva;
}

std::uint32_t PeBuilder::add_directory(std::size_t index, PeBytes contents, std::uint32_t size, std::uint32_t at) {
    std::uint32_t rva = add(".dir" + std::to_string(index), rodata, std::move(contents));
    directories.at(index) = {rva + at, size};
    return rva;
}

std::uint32_t PeBuilder::section_header_at(std::size_t index) const {
    return static_cast<std::uint32_t>(optional_at + (wide ? 112 : 96) + 128 + index * 40);
}

void PeBuilder::write_dos(PeBytes& out) const {
    out.text("MZ", false).u16(0x90).u16(3).u16(0).u16(4).u16(0).u16(0xffff).u16(0).u16(0xb8);
    out.zeros(0x3c - out.size()).u32(lfanew);
    out.append(stub).zeros(lfanew - out.size());
}

void PeBuilder::write_optional(PeBytes& out) const {
    out.u16(wide ? 0x20b : 0x10b).u8(14).u8(2).u32(0x200).u32(0x400).u32(0).u32(entry).u32(0x1000);
    if (!wide) out.u32(0x2000);
    out.word(wide, image_base).u32(section_alignment).u32(file_alignment);
    out.u16(6).u16(1).u16(7).u16(8).u16(6).u16(0).u32(0);
    out.u32(image_size != 0 ? image_size : next_rva()).u32(headers_size).u32(checksum);
    out.u16(subsystem).u16(dll_characteristics);
    for (std::uint32_t size : {0x10'0000, 0x1000, 0x20'0000, 0x2000}) out.word(wide, size);
    out.u32(0).u32(directory_count);
    for (auto [rva, size] : directories) out.u32(rva).u32(size);
}

std::vector<std::byte> PeBuilder::bytes() const {
    PeBytes out;
    write_dos(out);
    out.text(std::string_view("PE\0\0", 4), false);
    out.u16(machine).u16(sections.size()).u32(0x5f00'0000).u32(symbol_table).u32(symbol_count).u16(wide ? 240 : 224).u16(characteristics);
    write_optional(out);
    for (const PeSectionSpec& section : sections) {
        std::string name = section.name.substr(0, 8);
        out.text(name, false).zeros(8 - name.size());
        out.u32(section.virtual_size).u32(section.rva).u32(section.raw_size).u32(section.raw_offset).zeros(12).u32(section.flags);
    }
    for (const PeSectionSpec& section : sections) {
        if (section.contents.size() == 0 || out.size() > section.raw_offset) continue;
        out.zeros(section.raw_offset - out.size()).append(section.contents);
        out.zeros(section.raw_size > section.contents.size() ? section.raw_size - section.contents.size() : 0);
    }
    out.append(overlay);
    return out.bytes();
}

}  // namespace abiscope::test
