// The section table. Source: Microsoft PE Format, "Section Table (Section Headers)".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bytes/view.h"
#include "finding/sink.h"
#include "pe/header.h"

namespace abiscope::pe {

struct Section {
    std::uint64_t offset = 0;              // of the section header in the file on disk
    std::string name;                      // resolved through the string table where the header says /NUMBER
    std::uint32_t virtual_size = 0;
    std::uint32_t rva = 0;                 // VirtualAddress; usually 0 in object files
    std::uint32_t raw_size = 0;
    std::uint32_t raw_offset = 0;          // from the start of the image, as stated; segments.h knows what the loader makes of it
    std::uint32_t relocation_offset = 0;   // object files
    std::uint32_t line_number_offset = 0;
    std::uint16_t relocation_count = 0;
    std::uint16_t line_number_count = 0;
    std::uint32_t characteristics = 0;

    [[nodiscard]] bool readable() const { return (characteristics & section_flag::read) != 0; }
    [[nodiscard]] bool writable() const { return (characteristics & section_flag::write) != 0; }
    [[nodiscard]] bool executable() const { return (characteristics & section_flag::execute) != 0; }

    // Bytes in memory: VirtualSize, or the raw size where a linker left it zero.
    [[nodiscard]] std::uint32_t memory_size() const { return virtual_size != 0 ? virtual_size : raw_size; }
    [[nodiscard]] bool contains(std::uint32_t address) const { return range_contains(rva, memory_size(), address); }
};

inline constexpr std::uint64_t section_header_size = 40;

// The sections whose headers are in the file. `table` is the offset of the first header from the start of the image.
[[nodiscard]] std::vector<Section> read_sections(View image, const CoffHeader& coff, std::uint64_t table, finding::Sink& sink);

// The COFF string table behind the symbols, its four length bytes included; empty when there is none.
[[nodiscard]] View string_table(View image, const CoffHeader& coff);

}  // namespace abiscope::pe
