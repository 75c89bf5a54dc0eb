// Members of an ar archive: the common, GNU (long names in "//"), BSD (#1/N) and thin forms.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/limits.h"
#include "bytes/view.h"

namespace abiscope::object {

struct ArchiveMember {
    std::string name;
    std::uint64_t header_offset = 0;   // file offset of the 60-byte header
    std::uint64_t size = 0;            // bytes, as the header says
    View bytes;                        // as far as the file holds them; empty in a thin archive
};

struct Archive {
    std::vector<ArchiveMember> members;   // symbol tables and the long-name table left out
    bool thin = false;
    bool has_symbol_table = false;
    bool whole = true;                    // false when the last member runs past the end
};

// Errors: bad_magic; bad_value for a header that is not one, with its offset.
[[nodiscard]] Result<Archive> read_archive(View file, const Limits& limits = default_limits);

}  // namespace abiscope::object
