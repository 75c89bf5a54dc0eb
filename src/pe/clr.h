// The .NET part of an image: CLR header and the root of its metadata. Source: ECMA-335, partition II, 24.2 and 25.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"
#include "pe/header.h"

namespace abiscope::pe {

class Image;

struct MetadataStream {
    std::uint64_t offset = 0;          // of its bytes in the file on disk
    std::uint32_t size = 0;
    std::string_view name;             // "#~", "#Strings"
};

struct Clr {
    std::uint64_t offset = 0;          // of the header in the file on disk
    std::uint32_t header_size = 0;
    std::uint16_t runtime_major = 0;
    std::uint16_t runtime_minor = 0;
    std::uint32_t flags = 0;           // clr_flag_names
    std::uint32_t entry_point = 0;     // a metadata token, or an RVA with COMIMAGE_FLAGS_NATIVE_ENTRYPOINT
    DataDirectory metadata;
    DataDirectory resources;
    DataDirectory strong_name;
    DataDirectory vtable_fixups;
    DataDirectory native_header;       // set in precompiled images
    bool ready_to_run = false;         // the native header starts with "RTR"
    std::string_view runtime_version;  // "v4.0.30319"; empty when the metadata cannot be read
    std::vector<MetadataStream> streams;
};

// Nothing when the image has no CLR header.
[[nodiscard]] Result<std::optional<Clr>> read_clr(const Image& image, finding::Sink& sink);

}  // namespace abiscope::pe
