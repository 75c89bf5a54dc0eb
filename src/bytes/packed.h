// The container of the project's own files, profiles and baselines. Little-endian: magic (16 characters), version u32, reserved u32, size
// of the payload u64; then the payload, compressed with zstd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/limits.h"
#include "bytes/source.h"

namespace abiscope {

struct PackedFormat {
    std::string_view magic;
    std::uint32_t version = 1;
    std::string_view header;          // what the header is called in errors: "profile header"
    std::string_view other_version;   // what is said of a file of another version: "is a profile of another format"
};

inline constexpr std::uint64_t packed_header_size = 32;

[[nodiscard]] Result<std::vector<std::byte>> pack(const PackedFormat& format, std::span<const std::byte> payload, int level);

// The payload, of a file that starts with the magic. Errors: unsupported for another version; truncated; those of decompress().
[[nodiscard]] Result<SourcePtr> unpack(const PackedFormat& format, const SourcePtr& file, const Limits& limits);

}  // namespace abiscope
