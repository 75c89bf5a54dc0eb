// LC_DYLD_CHAINED_FIXUPS: imports, and per segment where the chains of pointers start that dyld fixes up. <mach-o/fixup-chains.h>.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"
#include "macho/image.h"

namespace abiscope::macho {

// struct dyld_chained_fixups_header. Offsets count from its own start.
struct ChainedFixupsHeader {
    std::uint32_t version = 0;          // fixups_version: 0
    std::uint32_t starts_offset = 0;
    std::uint32_t imports_offset = 0;
    std::uint32_t symbols_offset = 0;
    std::uint32_t imports_count = 0;
    std::uint32_t imports_format = 0;   // ChainedImportFormat
    std::uint32_t symbols_format = 0;   // 0: plain, 1: zlib, which no system reads
};

// struct dyld_chained_starts_in_segment
struct ChainedStarts {
    std::uint32_t segment = 0;             // index into Image::segments()
    std::uint32_t size = 0;
    std::uint16_t page_size = 0;           // bytes: 0x1000 or 0x4000
    std::uint16_t pointer_format = 0;      // DYLD_CHAINED_PTR_*
    std::uint64_t segment_offset = 0;      // from the header's address
    std::uint32_t max_valid_pointer = 0;   // 32 bit formats only
    std::vector<std::uint16_t> page_starts;   // offset of the first fixup in each page, 0xffff: none
    std::uint64_t file_offset = 0;
};

struct ChainedImport {
    std::string_view name;
    std::int32_t ordinal = 0;   // dylib ordinal or SpecialOrdinal
    bool weak_import = false;
    std::int64_t addend = 0;
    std::uint64_t file_offset = 0;
};

struct ChainedFixups {
    ChainedFixupsHeader header;
    std::vector<ChainedStarts> starts;     // of the segments that have fixups
    std::vector<ChainedImport> imports;    // binds in the chains count in this list
    View bytes;
};

// Nothing without the command. Findings: MACHO-FIXUPS-MALFORMED, MACHO-TABLE-TRUNCATED, MACHO-COMMAND-MALFORMED.
[[nodiscard]] Result<std::optional<ChainedFixups>> read_chained_fixups(const Image& image, finding::Sink& sink);

}  // namespace abiscope::macho
