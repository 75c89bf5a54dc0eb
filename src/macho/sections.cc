#include "macho/sections.h"

#include <fmt/format.h>

#include "base/text.h"

namespace abiscope::macho {

bool Section::is_zero_fill() const { return type() == s_zerofill || type() == s_gb_zerofill || type() == s_thread_local_zerofill; }

bool Section::has_instructions() const { return (flags & (s_attr_pure_instructions | s_attr_some_instructions)) != 0; }

std::string Section::full_name() const { return text::printable(segment_name) + "," + text::printable(name); }

std::string Section::path() const { return fmt::format("macho/section[{}]", full_name()); }

Section read_section(Reader& reader, bool wide) {
    Section section;
    section.header_file_offset = reader.file_offset();
    section.name = fixed_name(reader.bytes(16));
    section.segment_name = fixed_name(reader.bytes(16));
    section.address = reader.word(wide);
    section.size = reader.word(wide);
    section.offset = reader.u32();
    section.align_log2 = reader.u32();
    section.relocation_offset = reader.u32();
    section.relocation_count = reader.u32();
    section.flags = reader.u32();
    section.reserved1 = reader.u32();
    section.reserved2 = reader.u32();
    if (wide) section.reserved3 = reader.u32();
    return section;
}

std::string_view fixed_name(View field) {
    std::string_view text = field.as_text();
    return text.substr(0, text.find('\0'));
}

}  // namespace abiscope::macho
