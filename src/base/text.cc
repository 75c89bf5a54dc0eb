#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include <fmt/format.h>

namespace abiscope::text {

namespace {

bool class_match(std::string_view set, char c) {
    bool negated = !set.empty() && (set[0] == '!' || set[0] == '^');
    if (negated) set.remove_prefix(1);
    bool found = false;
    for (std::size_t i = 0; i < set.size(); ++i) {
        if (i + 2 < set.size() && set[i + 1] == '-') {
            found |= set[i] <= c && c <= set[i + 2];
            i += 2;
        } else {
            found |= set[i] == c;
        }
    }
    return found != negated;
}

// Length of the UTF-8 sequence at the front of `text`, or 0 when there is no well-formed one (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view text) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    unsigned char lead = byte(0);
    std::size_t length = lead < 0x80   ? 1
        : lead >= 0xc2 && lead <= 0xdf ? 2
        : (lead & 0xf0) == 0xe0        ? 3
        : lead >= 0xf0 && lead <= 0xf4 ? 4
                                       : 0;
    if (length == 0 || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    if (length > 2 || lead >= 0xe0) {
        if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f)) return 0;
        if ((lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f)) return 0;
    }
    // U+0080 to U+009F are the C1 control characters.
    if (length == 2 && lead == 0xc2 && byte(1) < 0xa0) return 0;
    return length;
}

}  // namespace

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string hex(std::uint64_t value) { return fmt::format("{:#x}", value); }

std::string hex_bytes(std::span<const std::byte> bytes, std::string_view separator) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string line;
    line.reserve(bytes.size() * (2 + separator.size()));
    for (std::byte b : bytes) {
        if (!line.empty()) line += separator;
        line += digits[std::to_integer<unsigned>(b) >> 4];
        line += digits[std::to_integer<unsigned>(b) & 0xf];
    }
    return line;
}

std::string join(std::span<const std::string> parts, std::string_view separator) { return fmt::format("{}", fmt::join(parts, separator)); }

std::vector<std::string_view> split(std::string_view text, std::string_view any_of) {
    std::vector<std::string_view> parts;
    std::size_t start = 0;
    for (;;) {
        // find_first_of() searches the set once a letter, find() the text once.
        std::size_t end = any_of.size() == 1 ? text.find(any_of.front(), start) : text.find_first_of(any_of, start);
        parts.push_back(text.substr(start, end - start));
        if (end == std::string_view::npos) return parts;
        start = end + 1;
    }
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view space = " \t\r\n\v\f";
    std::size_t first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

bool glob_match(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    auto match_one = [&](char c, std::size_t& next) {
        if (pattern[p] == '[') {
            std::size_t close = pattern.find(']', p + 2);
            if (close != std::string_view::npos) {
                next = close + 1;
                return class_match(pattern.substr(p + 1, close - p - 1), c);
            }
        }
        next = p + 1;
        return pattern[p] == '?' || pattern[p] == c;
    };
    while (t < text.size()) {
        std::size_t next = 0;
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && match_one(text[t], next)) {
            p = next;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

std::string printable(std::string_view text) {
    // Nearly every name is so: one pass without a branch a letter.
    bool plain = true;
    for (char c : text) plain &= c >= 0x20 && c < 0x7f && c != '\\';
    if (plain) return std::string(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        auto c = static_cast<unsigned char>(text[i]);
        std::size_t length = utf8_length(text.substr(i));
        if (length == 0 || c < 0x20 || c == 0x7f || c == '\\') {
            out += fmt::format("\\x{:02x}", c);
            ++i;
        } else {
            out += text.substr(i, length);
            i += length;
        }
    }
    return out;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    }
    std::uint64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates) {
    std::optional<std::string_view> best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    std::vector<std::size_t> before, above, row;   // of the table of distances: two rows back, one row back, this one
    for (std::string_view candidate : candidates) {
        row.resize(candidate.size() + 1);
        std::iota(row.begin(), row.end(), std::size_t{0});
        for (std::size_t i = 0; i < word.size(); ++i) {
            before = above;
            above = row;
            row[0] = i + 1;
            for (std::size_t j = 0; j < candidate.size(); ++j) {
                row[j + 1] = std::min({above[j] + (word[i] == candidate[j] ? 0 : 1), row[j] + 1, above[j + 1] + 1});
                bool swapped = i > 0 && j > 0 && word[i] == candidate[j - 1] && word[i - 1] == candidate[j];
                if (swapped) row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
            }
        }
        if (row.back() < best_distance) {
            best_distance = row.back();
            best = candidate;
        }
    }
    return best;
}

}  // namespace abiscope::text
