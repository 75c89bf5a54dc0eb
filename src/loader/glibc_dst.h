// Dynamic string tokens as glibc expands them: $ORIGIN, $PLATFORM, $LIB, with or without braces (gABI chapter 5, "Substitution
// Sequences"; glibc elf/dl-load.c).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace abiscope::loader {

struct DstValues {
    std::optional<std::string_view> origin;      // nothing: not to be found out
    std::optional<std::string_view> platform;
    std::optional<std::string_view> lib;
    bool secure = false;                         // AT_SECURE: $ORIGIN only as the first element
    bool executable = false;                     // the text belongs to the program itself
    std::span<const std::string> trusted;        // built-in directories with a trailing slash; only asked when secure
};

[[nodiscard]] bool has_dst(std::string_view text);

// The text with every token replaced; nothing when one has no value or is not allowed here, so that the whole text must be dropped.
[[nodiscard]] std::optional<std::string> expand_dst(std::string_view text, const DstValues& values);

}  // namespace abiscope::loader
