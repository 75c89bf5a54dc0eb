// Numbers of the profile format, version 1; docs/profile-format.md says what they mean.
#pragma once

#include <cstdint>

#include "bytes/packed.h"

namespace abiscope::target::profile_format {

inline constexpr PackedFormat packed{
    .magic = "abiscope-profile", .version = 1, .header = "profile header", .other_version = "is a profile of another format"};

enum class Kind : std::uint8_t { folder = 0, link = 1, file = 2, other = 3 };

inline constexpr std::uint8_t flag_listed = 1;       // a folder all of whose names are in the profile
inline constexpr std::uint8_t flag_unreadable = 2;   // a file that could not be opened when the profile was taken

}  // namespace abiscope::target::profile_format
