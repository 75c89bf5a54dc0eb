// Text helpers that know nothing of files or formats.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace abiscope::text {

[[nodiscard]] std::string_view base_name(std::string_view path);          // what follows the last '/'
[[nodiscard]] std::string hex(std::uint64_t value);                 // "0x1f"
[[nodiscard]] std::string hex_bytes(std::span<const std::byte> bytes, std::string_view separator = " ");
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, std::string_view any_of);   // keeps empty parts
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::string lower(std::string_view text);             // ASCII
[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text);   // * ? and [a-z] of fnmatch, no path rule

// Control characters, invalid UTF-8 and the backslash as \xNN, so that a name out of a hostile file cannot drive a terminal.
[[nodiscard]] std::string printable(std::string_view text);

[[nodiscard]] std::optional<std::uint64_t> parse_unsigned(std::string_view text);   // decimal, or hexadecimal after 0x

// The candidate nearest to `word` by edit distance (two neighbours swapped count as one edit), if it is near enough to be what was meant.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace abiscope::text
