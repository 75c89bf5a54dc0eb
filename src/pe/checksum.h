// The checksum field of the optional header, which Windows verifies for drivers and a few system DLLs.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "finding/sink.h"

namespace abiscope::pe {

class Image;

struct Checksum {
    std::uint32_t stored = 0;      // 0: the linker was not asked for one
    std::uint32_t computed = 0;    // over the whole file, as imagehlp's CheckSumMappedFile does it
};

// Reads the whole file. A stored checksum that differs is finding PE-CHECKSUM-WRONG.
[[nodiscard]] Result<Checksum> check_checksum(const Image& image, finding::Sink& sink);

}  // namespace abiscope::pe
