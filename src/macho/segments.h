// Segments: what the kernel and dyld map. LC_SEGMENT and LC_SEGMENT_64.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/checked.h"
#include "finding/sink.h"
#include "macho/header.h"
#include "macho/load_commands.h"
#include "macho/sections.h"

namespace abiscope::macho {

struct Segment {
    std::string_view name;                  // up to 16 bytes of the file, not escaped
    std::uint32_t index = 0;                // among the segments: what bind opcodes and fixup starts count
    std::uint32_t command_index = 0;
    std::uint64_t command_file_offset = 0;  // of the command, in the file on disk
    std::uint64_t address = 0;              // vmaddr, not slid
    std::uint64_t memory_size = 0;          // vmsize
    std::uint64_t offset = 0;               // fileoff: from the start of the image (of the slice in a fat file)
    std::uint64_t file_size = 0;            // filesize, as claimed
    std::uint32_t max_protection = 0;
    std::uint32_t initial_protection = 0;
    std::uint32_t section_count = 0;        // nsects as claimed; the sections read are at most so many
    std::uint32_t first_section = 0;        // index into Image::sections()
    std::uint32_t flags = 0;

    [[nodiscard]] bool contains_address(std::uint64_t value) const { return range_contains(address, memory_size, value); }
    [[nodiscard]] bool contains_offset(std::uint64_t value) const { return range_contains(offset, file_size, value); }
    [[nodiscard]] std::string path() const;   // "macho/segment[__TEXT]"
};

struct SegmentTable {
    std::vector<Segment> segments;
    std::vector<Section> sections;   // of all segments in file order; nlist's n_sect is this index plus one
};

// Findings: MACHO-COMMAND-MALFORMED.
[[nodiscard]] SegmentTable read_segments(const Header& header, std::span<const LoadCommand> commands, finding::Sink& sink);

// Findings about how segments and sections lie: MACHO-SEGMENT-TRUNCATED, MACHO-SEGMENT-RANGE-INVALID, MACHO-SEGMENT-OVERLAP,
// MACHO-SEGMENT-WRITABLE-EXECUTABLE, MACHO-SECTION-OUTSIDE-SEGMENT, MACHO-TEXT-MISSING. `size` is the image's size in bytes.
void check_segments(const Header& header, const SegmentTable& table, std::uint64_t size, finding::Sink& sink);

}  // namespace abiscope::macho
