// Thread-local storage: the template every thread gets a copy of, and the functions that run before the entry point.
// Source: PE Format, "The .tls Section".
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"

namespace abiscope::pe {

class Image;

// Virtual addresses for the preferred base.
struct Tls {
    std::uint64_t offset = 0;               // of the directory in the file on disk
    std::uint64_t template_start = 0;
    std::uint64_t template_end = 0;
    std::uint64_t index_address = 0;
    std::uint64_t callbacks_address = 0;
    std::uint32_t zero_fill = 0;            // bytes behind the template
    std::uint32_t characteristics = 0;
    std::vector<std::uint64_t> callbacks;   // as far as they are in the file
};

// Nothing when the image has no TLS directory.
[[nodiscard]] Result<std::optional<Tls>> read_tls(const Image& image, finding::Sink& sink);

}  // namespace abiscope::pe
