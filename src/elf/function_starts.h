// Where functions start and end, by the unwind tables: .eh_frame_hdr and the .eh_frame it points into. Both are loaded, so they survive
// strip. Source: Linux Standard Base 5.0, Core, "Exception Frames" (.eh_frame, .eh_frame_hdr).
#pragma once

#include <cstdint>
#include <vector>

#include "elf/image.h"

namespace abiscope::elf {

struct FunctionExtent {
    std::uint64_t address = 0;
    std::uint64_t size = 0;        // bytes; 0 when the entry does not say it in a form that linkers write
};

// Of PT_GNU_EH_FRAME's search table, in its order (ascending, unless the file lies). Empty without one, or when its encodings are not those
// that linkers write (datarel sdata4).
[[nodiscard]] std::vector<FunctionExtent> function_starts(const Image& image);

// Of the .eh_frame at `address`, in its order: a static program has no search table.
[[nodiscard]] std::vector<FunctionExtent> frame_extents(const Image& image, std::uint64_t address, std::uint64_t size);

}  // namespace abiscope::elf
