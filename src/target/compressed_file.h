// A whole file that is compressed (zstd, xz, gzip, lz4, bzip2), through libarchive.
#pragma once

#include "base/result.h"
#include "bytes/limits.h"
#include "bytes/source.h"

namespace abiscope::target {

// The file itself where it does not start like a compressed one. Else its contents, in a file of the system's folder for temporary files
// that has no name and ends with the last reference: a dump may be larger than memory, and most of it is never looked at. Zero pages take
// no room. Contents that end too early are kept as far as they go. Errors: those of archive_library(); bad_value where nothing could be
// decompressed; cannot_open when there is no room; limit_reached beyond limits.stream_bytes.
[[nodiscard]] Result<SourcePtr> uncompressed(const SourcePtr& source, const Limits& limits);

}  // namespace abiscope::target
