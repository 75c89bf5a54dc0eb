// The members of an archive one after another, through libarchive.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/limits.h"
#include "bytes/source.h"
#include "target/memory_file_system.h"

namespace abiscope::target {

enum class MemberKind : std::uint8_t { file, folder, link, hard_link, other };

struct ArchiveMember {
    MemberKind kind = MemberKind::file;
    std::string path;              // absolute: "/usr/lib/libx.so"
    std::string link;              // text of a link; absolute path of what a hard link names
    FileAttributes attributes;
    // The bytes of a file. To be called at most once, while the member is visited.
    std::function<Result<std::vector<std::byte>>()> read;
};

// Calls `visit` for each member; stops at its first error. Errors: unsupported for bytes that are no archive, bad_value for a damaged one,
// limit_reached when it yields more than `limits` allow (decompressed bytes per member, eight times that and a million members in all).
[[nodiscard]] Result<void> for_each_member(const SourcePtr& source, const Limits& limits,
                                           const std::function<Result<void>(ArchiveMember&)>& visit);

}  // namespace abiscope::target
