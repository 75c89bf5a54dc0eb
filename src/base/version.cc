#include "base/version.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace abiscope {

std::optional<Version> Version::parse(std::string_view text) {
    Version version;
    const char* at = text.data();
    const char* end = at + text.size();
    for (;;) {
        std::uint32_t part = 0;
        auto [next, error] = std::from_chars(at, end, part);
        if (error != std::errc{}) break;
        version.parts_.push_back(part);
        at = next;
        if (at == end || *at != '.') break;
        ++at;
    }
    if (version.empty()) return std::nullopt;
    return version;
}

std::string Version::to_string() const { return fmt::format("{}", fmt::join(parts_, ".")); }

std::strong_ordering operator<=>(const Version& a, const Version& b) {
    std::size_t count = std::max(a.parts_.size(), b.parts_.size());
    for (std::size_t i = 0; i < count; ++i) {
        if (auto order = a.part(i) <=> b.part(i); order != std::strong_ordering::equal) return order;
    }
    return std::strong_ordering::equal;
}

}  // namespace abiscope
