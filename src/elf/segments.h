// The program header table (gABI chapter 5), in host order, and the way from a virtual address to a place in the file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bytes/reader.h"
#include "bytes/view.h"
#include "elf/header.h"

namespace abiscope::elf {

struct Segment {
    std::uint32_t type = 0;
    std::uint32_t flags = 0;
    std::uint64_t offset = 0;      // bytes from the start of the ELF file
    std::uint64_t vaddr = 0;
    std::uint64_t paddr = 0;
    std::uint64_t filesz = 0;      // bytes
    std::uint64_t memsz = 0;       // bytes
    std::uint64_t align = 0;
    std::uint64_t record_offset = 0;   // file offset of this entry on disk

    [[nodiscard]] bool readable() const { return (flags & 4) != 0; }
    [[nodiscard]] bool writable() const { return (flags & 2) != 0; }
    [[nodiscard]] bool executable() const { return (flags & 1) != 0; }
};

struct SegmentTable {
    std::vector<Segment> entries;
    std::uint64_t claimed = 0;     // e_phnum, or section 0's sh_info: more than entries.size() when the table runs past the end
    bool whole = true;             // every claimed entry was read
};

// One entry, from the reader's position on. Its fields are zero where the reader ends too early.
[[nodiscard]] Segment read_segment(Reader& reader, bool wide);

// Reads as many whole entries as the file holds. Entries are phentsize apart; nothing is read when phentsize is smaller than a record.
[[nodiscard]] SegmentTable read_segments(View file, const Header& header, Encoding encoding);

}  // namespace abiscope::elf
