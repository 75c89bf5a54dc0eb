// The Rich header: between the DOS stub and the PE header, Microsoft's linker lists which builds of which tools made how many of the
// objects it linked, XORed with a checksum of the DOS header and of the list. Not documented by Microsoft; the reading here is the one
// that pefile, LIEF and radare2 share.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"

namespace abiscope::pe {

class Image;

struct RichEntry {
    std::uint16_t product = 0;     // the tool: prodidCvtres1400 ...
    std::uint16_t build = 0;
    std::uint32_t count = 0;       // of objects
};

struct RichHeader {
    std::uint64_t offset = 0;      // of the "DanS" mark in the file on disk
    std::uint64_t size = 0;        // from there to the end of the checksum
    std::uint32_t checksum = 0;    // as stored: the XOR key
    std::uint32_t computed = 0;
    std::vector<RichEntry> entries;
};

// Nothing when there is none. A checksum that does not fit is finding PE-RICH-CHECKSUM: the header was transplanted or edited.
[[nodiscard]] Result<std::optional<RichHeader>> read_rich_header(const Image& image, finding::Sink& sink);

}  // namespace abiscope::pe
