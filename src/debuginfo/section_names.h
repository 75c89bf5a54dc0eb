// Section names of the containers: .debug_info, .debug_info.dwo, .zdebug_info, __debug_info.
#pragma once

#include <optional>
#include <string_view>

#include "dwarf/sections.h"

namespace abiscope::debuginfo {

struct NamedSection {
    dwarf::SectionId id = dwarf::SectionId::info;
    bool split = false;        // .dwo
    bool compressed = false;   // .zdebug: "ZLIB", the size, a zlib stream
};

// Nothing for a section that holds no debug information this program reads. Mach-O cuts names after 16 bytes.
[[nodiscard]] std::optional<NamedSection> debug_section(std::string_view name);

}  // namespace abiscope::debuginfo
