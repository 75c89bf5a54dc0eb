#include "pe/overlay.h"

#include <algorithm>

#include "pe/image.h"
#include "pe/notes.h"
#include "pe/symbols.h"

namespace abiscope::pe {

std::optional<View> find_overlay(const Image& image) {
    if (!image.optional()) return std::nullopt;
    std::uint64_t end = image.optional()->headers_size;
    for (const Section& section : image.sections()) {
        if (section.raw_offset != 0) end = std::max(end, std::uint64_t{section.raw_offset} + section.raw_size);
    }
    const CoffHeader& coff = image.coff();
    if (coff.symbol_table != 0) {
        std::uint64_t symbols_end = coff.symbol_table + coff.symbol_count * symbol_record_size(coff);
        end = std::max(end, symbols_end + std::max<std::uint64_t>(4, string_table(image.bytes(), coff).size()));
    }
    finding::Sink nobody(Limits{.findings = 0});
    if (auto debug = read_debug_directory(image, nobody)) {
        for (const DebugEntry& entry : debug->entries) {
            if (entry.raw_offset != 0) end = std::max(end, std::uint64_t{entry.raw_offset} + entry.size);
        }
    }
    std::uint64_t stop = image.bytes().size();
    auto certificates = image.directory(Directory::certificates);
    if (certificates && certificates->rva >= end && std::uint64_t{certificates->rva} + certificates->size <= stop) {
        // The signing tool pads what is before it to eight bytes, and nothing may follow.
        if (align_up(std::uint64_t{certificates->rva} + certificates->size, 8) >= stop) stop = certificates->rva;
    }
    if (end >= stop) return std::nullopt;
    return image.bytes().clamped(end, stop - end);
}

}  // namespace abiscope::pe
