#include "golang/release.h"

#include <charconv>

#include <fmt/format.h>

namespace abiscope::golang {

std::string Release::to_string() const { return fmt::format("1.{}", minor); }

std::string ReleaseRange::to_string() const {
    return first == last ? first.to_string() : fmt::format("{} to {}", first.to_string(), last.to_string());
}

std::optional<Release> parse_release(std::string_view version) {
    constexpr std::string_view start = "go1.";
    if (version.starts_with("devel ")) version.remove_prefix(6);
    if (!version.starts_with(start)) return std::nullopt;
    version.remove_prefix(start.size());
    Release release;
    auto [end, problem] = std::from_chars(version.data(), version.data() + version.size(), release.minor);
    if (problem != std::errc() || release.minor == 0) return std::nullopt;
    return release;
}

}  // namespace abiscope::golang
