// One reader for each container, used by read_debug_sections().
#pragma once

#include <array>
#include <vector>

#include "debuginfo/debug_sections.h"

namespace abiscope::debuginfo {

[[nodiscard]] Result<DebugSections> read_elf(const SourcePtr& source, View bytes, const Limits& limits, finding::Sink& sink,
                                             Purpose purpose);
[[nodiscard]] Result<DebugSections> read_pe(const SourcePtr& source, View bytes, const Limits& limits, finding::Sink& sink);
[[nodiscard]] Result<DebugSections> read_macho(const SourcePtr& source, View bytes, const Limits& limits, finding::Sink& sink);

// Where the bytes of `view` start in `source`: a Source made from them remembers it.
[[nodiscard]] inline std::uint64_t offset_in(const SourcePtr& source, View view) {
    return view.file_offset() - source->view().file_offset();
}

// The contents of a section named .zdebug_*; other bytes as they are. Errors: bad_value, limit_reached.
[[nodiscard]] Result<dwarf::SectionData> unpack(const SourcePtr& source, View bytes, bool compressed, const Limits& limits);

// Sections as they are met: object files have many of one name, one for each type unit (COMDAT groups), which are read as one.
class SectionPieces {
public:
    SectionPieces(const SourcePtr& source, dwarf::Sections& sections, finding::Sink& sink)
        : source_(source), sections_(sections), sink_(sink) {}

    // A section that could not be had is a finding. `raw` is where it lies in the file.
    void add(dwarf::SectionId id, Result<dwarf::SectionData> data, View raw);
    void finish();

private:
    const SourcePtr& source_;
    dwarf::Sections& sections_;
    finding::Sink& sink_;
    std::array<std::vector<dwarf::SectionData>, dwarf::section_count> pieces_;
};

}  // namespace abiscope::debuginfo
