// Dotted version numbers as libraries, kernels and tools write them: "2.36", "6.1.0", "1.2.3".
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace abiscope {

// Compared number by number; a missing part counts as zero, so 2.36 == 2.36.0.
class Version {
public:
    Version() = default;
    Version(std::initializer_list<std::uint32_t> parts) : parts_(parts) {}

    // Leading numbers separated by dots; stops at the first other character ("6.1.0-13-amd64" is 6.1.0). Nothing when it starts with none.
    [[nodiscard]] static std::optional<Version> parse(std::string_view text);

    [[nodiscard]] std::uint32_t part(std::size_t index) const { return index < parts_.size() ? parts_[index] : 0; }
    [[nodiscard]] bool empty() const { return parts_.empty(); }
    [[nodiscard]] std::string to_string() const;

    friend std::strong_ordering operator<=>(const Version& a, const Version& b);
    friend bool operator==(const Version& a, const Version& b) { return (a <=> b) == std::strong_ordering::equal; }

private:
    std::vector<std::uint32_t> parts_;
};

}  // namespace abiscope
