// A payload as profiles and baselines hold it: magic, version, size, zstd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <zstd.h>

namespace abiscope::test {

// `magic` has 16 bytes.
inline std::vector<std::byte> packed(std::string_view magic, std::uint8_t version, std::span<const std::uint8_t> payload) {
    std::vector<std::byte> out(32 + ZSTD_compressBound(payload.size()));
    std::memcpy(out.data(), magic.data(), 16);
    out[16] = std::byte{version};
    for (std::size_t i = 0; i < 8; ++i) out[24 + i] = static_cast<std::byte>(std::uint64_t{payload.size()} >> 8 * i);
    out.resize(32 + ZSTD_compress(out.data() + 32, out.size() - 32, payload.data(), payload.size(), 1));
    return out;
}

}  // namespace abiscope::test
