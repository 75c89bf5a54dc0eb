// Go's releases: 1.16, 1.17, ... A minor release is what layouts change with; abiscope has seen none change in a point release.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace abiscope::golang {

struct Release {
    std::uint16_t minor = 0;   // of Go 1
    [[nodiscard]] std::string to_string() const;   // "1.22"
    friend auto operator<=>(const Release&, const Release&) = default;
};

inline constexpr Release oldest_release{16};   // that data/go describes
inline constexpr Release newest_release{27};

// Both ends belong to it.
struct ReleaseRange {
    Release first = oldest_release;
    Release last = newest_release;
    [[nodiscard]] bool contains(Release release) const { return first <= release && release <= last; }
    [[nodiscard]] std::string to_string() const;   // "1.20 to 1.22", "1.26"
    friend bool operator==(const ReleaseRange&, const ReleaseRange&) = default;
};

// Of a version as a program has it: "go1.22.3", "go1.25rc1", "devel go1.23-0a1b2c", "go1.21.0 X:boringcrypto".
[[nodiscard]] std::optional<Release> parse_release(std::string_view version);

}  // namespace abiscope::golang
