// The index of a DWARF package (.dwp): which part of each section belongs to which unit. DWARF 5, section 7.3.5.3; version 2 is GCC's
// "DWARF package file format".
#pragma once

#include <cstdint>
#include <map>

#include "base/result.h"
#include "bytes/endian.h"
#include "bytes/view.h"

namespace abiscope::dwarf {

// Offsets of one unit's contributions.
struct PackageRow {
    std::uint64_t info = 0;
    std::uint64_t abbreviations = 0;
    std::uint64_t str_offsets = 0;
    std::uint64_t str_offsets_size = 0;
    std::uint64_t line = 0;
    std::uint64_t rnglists = 0;
    std::uint64_t locations = 0;        // .debug_loclists, or .debug_loc in version 2
    std::uint64_t signature = 0;        // dwo_id, or that of a type
    bool known = false;
};

// By the offset of the unit in .debug_info.dwo (.debug_types.dwo for a type index of version 2). Errors: truncated, unsupported.
using PackageIndex = std::map<std::uint64_t, PackageRow>;
[[nodiscard]] Result<PackageIndex> read_package_index(View section, Endian order);

}  // namespace abiscope::dwarf
