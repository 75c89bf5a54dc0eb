#include <algorithm>
#include <span>
#include <vector>

#include "debuginfo/containers.h"
#include "debuginfo/section_names.h"
#include "pe/image.h"
#include "pe/sections.h"

namespace abiscope::debuginfo {

Result<DebugSections> read_pe(const SourcePtr& source, View bytes, const Limits& limits, finding::Sink& sink) {
    ABISCOPE_TRY(auto image, pe::Image::parse(source, bytes, sink));
    DebugSections read;
    bool narrow = image.machine() == 0x14c || image.machine() == 0x1c0 || image.machine() == 0x1c4;   // i386, ARM, ARMNT
    read.sections.address_size = narrow ? 4 : 8;
    SectionPieces pieces(source, read.sections, sink);
    for (const pe::Section& section : image.sections()) {
        auto named = debug_section(section.name);
        if (!named || named->split) continue;
        // The file pads a section to its alignment; the loader's size is the true one. Object files have no such size.
        std::uint64_t size =
            section.virtual_size != 0 && !image.is_object() ? std::min(section.virtual_size, section.raw_size) : section.raw_size;
        View raw = image.bytes().clamped(section.raw_offset, size);
        // Assemblers of COFF keep the addend of a section-relative reference in place, against the start of the section: there is nothing
        // to do.
        pieces.add(named->id, unpack(source, raw, named->compressed, limits), raw);
    }
    pieces.finish();
    return read;
}

}  // namespace abiscope::debuginfo
