// A surface in one file, to compare with later builds. docs/diff.md describes the bytes.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "bytes/limits.h"
#include "bytes/source.h"
#include "surface/surface.h"

namespace abiscope::surface {

// Reading what was written gives the same surface: all of it is kept. Error internal when it cannot be compressed.
[[nodiscard]] Result<std::vector<std::byte>> write_baseline(const Surface& surface);

[[nodiscard]] bool is_baseline(const SourcePtr& file);

// Total: errors are bad_magic, unsupported (another version of the format), truncated, bad_value, limit_reached, with the place.
[[nodiscard]] Result<Surface> read_baseline(const SourcePtr& file, const Limits& limits = default_limits);

}  // namespace abiscope::surface
