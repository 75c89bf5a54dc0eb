// Numbers of the profile format, version 1; docs/profile-format.md says what they mean.
#pragma once

#include <cstdint>
#include <string_view>

namespace abiscope::target::profile_format {

inline constexpr std::string_view magic = "abiscope-profile";
inline constexpr std::uint32_t version = 1;
inline constexpr std::uint64_t header_size = 32;   // magic 16, version u32, reserved u32, payload size u64

enum class Kind : std::uint8_t { folder = 0, link = 1, file = 2, other = 3 };

inline constexpr std::uint8_t flag_listed = 1;       // a folder all of whose names are in the profile
inline constexpr std::uint8_t flag_unreadable = 2;   // a file that could not be opened when the profile was taken

}  // namespace abiscope::target::profile_format
