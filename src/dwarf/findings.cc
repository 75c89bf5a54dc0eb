#include "dwarf/findings.h"

#include <utility>

#include <fmt/format.h>

namespace abiscope::dwarf {

using finding::Evidence;
using finding::Finding;
using finding::RuleId;

namespace {

Evidence place(const Sections& sections, SectionId section, std::uint64_t offset, std::string_view reading) {
    std::string path = fmt::format("dwarf/{}+{:#x}", section_name(section).substr(1), offset);
    return Evidence::value(std::move(path), sections.at(section).file_offset(offset), 0, std::string(reading)).in_file(sections.file);
}

}  // namespace

Finding unit_damaged(const Sections& sections, SectionId section, std::uint64_t offset, std::string_view why) {
    return Finding(RuleId::DWARF_UNIT_DAMAGED, place(sections, section, offset, why))
        .with("section", std::string(section_name(section)))
        .with("offset", finding::Address{offset})
        .with("why", std::string(why));
}

Finding reference_invalid(const Sections& sections, SectionId section, std::uint64_t offset, std::string_view why) {
    return Finding(RuleId::DWARF_REFERENCE_INVALID, place(sections, section, offset, why))
        .with("section", std::string(section_name(section)))
        .with("offset", finding::Address{offset})
        .with("why", std::string(why));
}

Finding companion_missing(const Sections& sections, std::uint64_t offset, std::string name, std::string_view why) {
    return Finding(RuleId::DWARF_FILE_MISSING, place(sections, SectionId::info, offset, why))
        .with("name", std::move(name))
        .with("why", std::string(why));
}

}  // namespace abiscope::dwarf
