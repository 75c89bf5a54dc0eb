#include "debuginfo/section_names.h"

namespace abiscope::debuginfo {

namespace {

bool take(std::string_view& name, std::string_view prefix) {
    if (!name.starts_with(prefix)) return false;
    name.remove_prefix(prefix.size());
    return true;
}

}  // namespace

std::optional<NamedSection> debug_section(std::string_view name) {
    NamedSection found;
    bool apple = name.starts_with("__");
    if (take(name, ".zdebug_") || take(name, "__zdebug_")) {
        found.compressed = true;
    } else if (!take(name, ".debug_") && !take(name, "__debug_")) {
        return std::nullopt;
    }
    if (name.ends_with(".dwo")) {
        name.remove_suffix(4);
        found.split = true;
    }
    if (apple && name.starts_with("str_off")) name = "str_offsets";   // __debug_str_offs, __zdebug_str_off
    if (apple && name == "line_st") name = "line_str";                // __zdebug_line_st
    for (std::size_t i = 0; i < dwarf::section_count; ++i) {
        found.id = static_cast<dwarf::SectionId>(i);
        if (dwarf::section_name(found.id).substr(7) == name) return found;   // behind ".debug_"
    }
    return std::nullopt;
}

}  // namespace abiscope::debuginfo
