// A machine or root folder in one file, so that another machine can give exact answers for it. docs/profile-format.md describes the bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/limits.h"
#include "bytes/source.h"
#include "target/target.h"

namespace abiscope::target {

struct CaptureOptions {
    std::vector<std::string> paths;        // also these files, and these folders with everything below them
    int compression = 9;                   // of zstd, 1 to 19
};

struct CaptureSummary {
    std::uint64_t files = 0;
    std::uint64_t links = 0;
    std::uint64_t folders = 0;
    std::uint64_t unreadable = 0;          // could not be opened by whoever captures
    std::uint64_t raw_bytes = 0;           // before compression
};

// The profile of a target, from its facts and its files: the loaders' built-in directories, the folders of ld.so.conf and of the cache,
// LD_LIBRARY_PATH, the shells, the interpreters of binfmt handlers, and whatever those lead to by links. Errors: unsupported for a target
// without files of its own (the catalogue).
[[nodiscard]] Result<std::vector<std::byte>> capture(const Target& target, const CaptureOptions& options, CaptureSummary& summary);

[[nodiscard]] bool is_profile(const SourcePtr& file);

// The target of a profile. Total: errors are bad_magic, unsupported (a newer format), truncated, bad_value, limit_reached.
[[nodiscard]] Result<Target> open_profile(const SourcePtr& file, const Limits& limits = default_limits);

}  // namespace abiscope::target
