#include "base/text.h"
#include "debuginfo/containers.h"
#include "debuginfo/section_names.h"
#include "macho/image.h"

namespace abiscope::debuginfo {

Result<DebugSections> read_macho(const SourcePtr& source, View bytes, const Limits& limits, finding::Sink& sink) {
    ABISCOPE_TRY(auto image, macho::Image::parse(source, bytes, sink));
    DebugSections read;
    read.sections.order = image.header().order;
    read.sections.address_size = image.header().wide ? 8 : 4;
    SectionPieces pieces(source, read.sections, sink);
    for (const macho::Section& section : image.sections()) {
        if (section.segment_name != "__DWARF") continue;
        auto named = debug_section(section.name);
        if (!named) continue;
        // References between debug sections are distances, which the assembler has put in place.
        View raw = image.content(section);
        pieces.add(named->id, unpack(source, raw, named->compressed, limits), raw);
    }
    pieces.finish();
    return read;
}

}  // namespace abiscope::debuginfo
