#include "macho/segments.h"

#include <fmt/format.h>

#include "base/text.h"
#include "macho/spec.h"

namespace abiscope::macho {

namespace {

void read_sections(const Header& header, const LoadCommand& command, Reader& reader, Segment& segment, SegmentTable& table,
                   finding::Sink& sink) {
    std::uint64_t fit = reader.remaining() / section_record_size(header.wide);
    if (segment.section_count > fit) {
        report_malformed(command, fmt::format("it claims {} sections and has room for {}", segment.section_count, fit), sink);
    }
    for (std::uint64_t i = 0; i < segment.section_count && i < fit; ++i) {
        Section section = read_section(reader, header.wide);
        section.index = static_cast<std::uint32_t>(table.sections.size());
        section.segment_index = segment.index;
        table.sections.push_back(section);
    }
}

}  // namespace

std::string Segment::path() const { return fmt::format("macho/segment[{}]", name.empty() ? std::to_string(index) : text::printable(name)); }

SegmentTable read_segments(const Header& header, std::span<const LoadCommand> commands, finding::Sink& sink) {
    SegmentTable table;
    for (const LoadCommand& command : commands) {
        if (command.command != lc_segment && command.command != lc_segment_64) continue;
        bool wide = command.command == lc_segment_64;
        if (wide != header.wide) {
            report_malformed(command, fmt::format("a {} bit segment in a {} bit file", wide ? 64 : 32, header.wide ? 64 : 32), sink);
            continue;
        }
        Reader reader = command.fields(header.order);
        Segment segment;
        segment.index = static_cast<std::uint32_t>(table.segments.size());
        segment.command_index = command.index;
        segment.command_file_offset = command.file_offset();
        segment.name = fixed_name(reader.bytes(16));
        segment.address = reader.word(wide);
        segment.memory_size = reader.word(wide);
        segment.offset = reader.word(wide);
        segment.file_size = reader.word(wide);
        segment.max_protection = reader.u32();
        segment.initial_protection = reader.u32();
        segment.section_count = reader.u32();
        segment.flags = reader.u32();
        segment.first_section = static_cast<std::uint32_t>(table.sections.size());
        if (!fields_fit(command, reader, sink)) continue;
        read_sections(header, command, reader, segment, table, sink);
        table.segments.push_back(segment);
    }
    return table;
}

}  // namespace abiscope::macho
