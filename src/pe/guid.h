// A GUID as Microsoft's structures hold it: three integers in little-endian order and eight bytes.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "bytes/reader.h"

namespace abiscope::pe {

struct Guid {
    std::uint32_t data1 = 0;
    std::uint16_t data2 = 0;
    std::uint16_t data3 = 0;
    std::array<std::uint8_t, 8> data4{};

    friend bool operator==(const Guid&, const Guid&) = default;
};

[[nodiscard]] Guid read_guid(Reader& reader);

// "12345678-ABCD-..." as symbol servers and manifests write it, without braces.
[[nodiscard]] std::string to_string(const Guid& guid);

}  // namespace abiscope::pe
