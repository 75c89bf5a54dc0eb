// Builds PE images byte by byte for the tests. Knows the format from the specification, not from src/pe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytes/source.h"

namespace abiscope::test {

// Little-endian bytes; labels are positions in them.
class PeBytes {
public:
    PeBytes& u8(std::uint64_t value) { return put(value, 1); }
    PeBytes& u16(std::uint64_t value) { return put(value, 2); }
    PeBytes& u32(std::uint64_t value) { return put(value, 4); }
    PeBytes& u64(std::uint64_t value) { return put(value, 8); }
    PeBytes& word(bool wide, std::uint64_t value) { return put(value, wide ? 8 : 4); }
    PeBytes& text(std::string_view value, bool nul = true);
    PeBytes& utf16(std::u16string_view value, bool nul = true);
    PeBytes& zeros(std::size_t count);
    PeBytes& align(std::size_t to);
    PeBytes& append(const PeBytes& other);
    void patch(std::size_t at, std::uint64_t value, std::size_t width);

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }

private:
    PeBytes& put(std::uint64_t value, std::size_t width);
    std::vector<std::byte> bytes_;
};

struct PeSectionSpec {
    std::string name;
    std::uint32_t flags = 0;
    PeBytes contents;
    std::uint32_t virtual_size = 0;
    std::uint32_t rva = 0;
    std::uint32_t raw_size = 0;
    std::uint32_t raw_offset = 0;
};

// A well-formed amd64 console program until a test spoils it: fields are public and written as they stand.
class PeBuilder {
public:
    static constexpr std::uint32_t code = 0x6000'0020;
    static constexpr std::uint32_t data = 0xc000'0040;
    static constexpr std::uint32_t rodata = 0x4000'0040;
    static constexpr std::uint32_t lfanew = 0x80;
    static constexpr std::uint32_t coff_at = lfanew + 4;
    static constexpr std::uint32_t optional_at = coff_at + 20;

    bool wide = true;
    std::uint16_t machine = 0x8664;
    std::uint16_t characteristics = 0x22;
    std::uint32_t symbol_table = 0;
    std::uint32_t symbol_count = 0;
    std::uint32_t entry = 0x1000;
    std::uint64_t image_base = 0x1'4000'0000;
    std::uint32_t section_alignment = 0x1000;
    std::uint32_t file_alignment = 0x200;
    std::uint32_t image_size = 0;        // 0: computed
    std::uint32_t headers_size = 0x400;
    std::uint32_t checksum = 0;
    std::uint16_t subsystem = 3;
    std::uint16_t dll_characteristics = 0x160;
    std::uint32_t directory_count = 16;
    std::array<std::pair<std::uint32_t, std::uint32_t>, 16> directories{};
    PeBytes stub;                        // between the MS-DOS header and the PE header
    std::vector<PeSectionSpec> sections;
    PeBytes overlay;

    PeBuilder();   // with a .text of one RET instruction
    static PeBuilder i386();

    // Adds a section behind the others and returns the RVA it gets.
    std::uint32_t add(std::string name, std::uint32_t flags, PeBytes contents);
    [[nodiscard]] std::uint32_t next_rva() const;

    // Adds a section that holds one directory and nothing else. `at`: where in the contents it starts.
    std::uint32_t add_directory(std::size_t index, PeBytes contents, std::uint32_t size, std::uint32_t at = 0);

    [[nodiscard]] std::vector<std::byte> bytes() const;
    [[nodiscard]] SourcePtr source() const { return Source::from_memory("built.exe", bytes()); }

    // Of a section header in the file.
    [[nodiscard]] std::uint32_t section_header_at(std::size_t index) const;

private:
    void write_dos(PeBytes& out) const;
    void write_optional(PeBytes& out) const;
};

}  // namespace abiscope::test
