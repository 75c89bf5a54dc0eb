// How the Windows loader maps an image: the headers and each section become a run of pages with one protection. This is the only place
// that turns an RVA into a place in the file.
//
// Rules (Windows Research Kernel, MiCreateImageFileMap; the same in ReactOS, checked against what Wine maps):
// - SectionAlignment of a page or more: the headers cover SizeOfHeaders bytes of the file. A section starts at PointerToRawData rounded
//   down to 512 bytes; SizeOfRawData bytes come from the file, but no more than VirtualSize rounded up to pages; the rest is zero.
//   VirtualSize 0 means SizeOfRawData; PointerToRawData 0 means no bytes in the file.
// - SectionAlignment less than a page: the file is mapped as it is, RVA equals file offset, and every page may be written and executed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bytes/view.h"
#include "pe/header.h"
#include "pe/sections.h"

namespace abiscope::pe {

struct Segment {
    std::uint32_t rva = 0;
    std::uint64_t memory_size = 0;     // rounded up to pages
    std::uint64_t image_offset = 0;    // of its first byte, from the start of the image
    std::uint64_t file_size = 0;       // bytes that come from the file, cut at its end
    bool truncated = false;            // the file ends before the bytes the section claims
    bool readable = false;
    bool writable = false;
    bool executable = false;
    std::optional<std::uint32_t> section;   // index; nothing: the headers, or the whole file when flat
};

// Bytes in memory from an RVA to the end of its segment: first those that come from the file, then zeros.
struct Mapped {
    View bytes;
    std::uint64_t zeros = 0;
};

class Mapping {
public:
    Mapping() = default;
    static Mapping make(View image, const CoffHeader& coff, const OptionalHeader& optional, std::span<const Section> sections);

    // The file is mapped as it is.
    [[nodiscard]] bool flat() const { return flat_; }

    // Ordered by address.
    [[nodiscard]] std::span<const Segment> segments() const { return segments_; }

    // Where sections overlap (no loader accepts that), the one that starts last counts.
    [[nodiscard]] const Segment* find(std::uint64_t rva) const;
    [[nodiscard]] std::optional<Mapped> at(std::uint64_t rva) const;

    // Offset from the start of the image; nothing for an address without bytes in the file.
    [[nodiscard]] std::optional<std::uint64_t> image_offset(std::uint64_t rva) const;

    // The first segment's address that shows this byte of the file.
    [[nodiscard]] std::optional<std::uint32_t> rva(std::uint64_t image_offset) const;

private:
    View image_;
    std::vector<Segment> segments_;
    bool flat_ = false;
};

}  // namespace abiscope::pe
