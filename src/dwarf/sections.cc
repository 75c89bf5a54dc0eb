#include "dwarf/sections.h"

namespace abiscope::dwarf {

std::string_view section_name(SectionId id) {
    static constexpr std::array<std::string_view, section_count> names{
        ".debug_info",        ".debug_types",    ".debug_abbrev",  ".debug_str",      ".debug_line_str",
        ".debug_str_offsets", ".debug_addr",     ".debug_ranges",  ".debug_rnglists", ".debug_line",
        ".debug_cu_index",    ".debug_tu_index", ".debug_aranges", ".debug_loc",      ".debug_loclists"};
    return names[static_cast<std::size_t>(id)];
}

}  // namespace abiscope::dwarf
