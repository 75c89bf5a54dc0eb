#include "elf/segments.h"

#include <algorithm>

#include "bytes/reader.h"
#include "elf/sections.h"
#include "elf/spec.h"

namespace abiscope::elf {

Segment read_segment(Reader& reader, bool wide) {
    Segment segment;
    segment.record_offset = reader.file_offset();
    segment.type = reader.u32();
    if (wide) segment.flags = reader.u32();
    segment.offset = reader.word(wide);
    segment.vaddr = reader.word(wide);
    segment.paddr = reader.word(wide);
    segment.filesz = reader.word(wide);
    segment.memsz = reader.word(wide);
    if (!wide) segment.flags = reader.u32();
    segment.align = reader.word(wide);
    return segment;
}

SegmentTable read_segments(View file, const Header& header, Encoding encoding) {
    SegmentTable table;
    table.claimed = header.phnum;
    std::uint64_t record = encoding.wide ? 56 : 32;
    if (header.phnum == pn_xnum && header.shoff != 0) {
        // gABI, "e_phnum": the number is in sh_info of section 0.
        Reader zero(file.from(header.shoff), encoding.order, "section header 0");
        zero.skip(encoding.wide ? 44 : 28);
        if (std::uint32_t info = zero.u32(); zero.ok() && info != 0) table.claimed = info;
    }
    if (table.claimed == 0 || header.phoff == 0) {
        table.whole = table.claimed == 0;
        return table;
    }
    if (header.phentsize < record) {
        table.whole = false;
        return table;
    }
    View records = file.from(header.phoff);
    std::uint64_t fit = records.size() < record ? 0 : 1 + (records.size() - record) / header.phentsize;
    std::uint64_t count = std::min(table.claimed, fit);
    table.whole = count == table.claimed;
    table.entries.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        Reader reader(records.from(i * header.phentsize), encoding.order, "program header");
        table.entries.push_back(read_segment(reader, encoding.wide));
    }
    return table;
}

}  // namespace abiscope::elf
