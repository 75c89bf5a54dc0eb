// The attribute certificate table (Authenticode): that it is there, where and of what type. Whether a signature holds is not read here.
// Source: PE Format, "The Attribute Certificate Table (Image Only)".
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "bytes/view.h"
#include "finding/sink.h"

namespace abiscope::pe {

class Image;

struct Certificate {
    std::uint64_t offset = 0;       // of the entry in the file on disk
    std::uint32_t size = 0;         // of the entry, its 8-byte header included
    std::uint16_t revision = 0;     // certificate_revision_names
    std::uint16_t type = 0;         // certificate_type_names
    View data;                      // PKCS#7 for type 2, padding included
};

// Empty when the image is not signed.
[[nodiscard]] Result<std::vector<Certificate>> read_certificates(const Image& image, finding::Sink& sink);

}  // namespace abiscope::pe
