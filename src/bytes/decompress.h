// Raw compressed streams inside other files (compressed sections). Whole compressed files are libarchive's business.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "bytes/limits.h"
#include "bytes/view.h"

namespace abiscope {

enum class Compression : std::uint8_t { zlib, zstd };

// `claimed` is the size the file says the result has. Memory grows with what the stream really yields, never with the claim. Errors:
// bad_value for a corrupt stream or one that yields another size than claimed, limit_reached beyond limits.decompressed_bytes.
[[nodiscard]] Result<std::vector<std::byte>> decompress(View compressed, Compression method, std::uint64_t claimed,
                                                        const Limits& limits = default_limits);

}  // namespace abiscope
