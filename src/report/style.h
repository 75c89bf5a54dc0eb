// Colour and links on terminals. Every stream decides for itself; NO_COLOR, CLICOLOR_FORCE and --color are honoured by cli/, which passes
// the decision in here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace abiscope::report {

enum class Tone : std::uint8_t { plain, strong, good, bad, warning, faint, accent };

struct Style {
    bool colour = false;
    bool links = false;       // OSC 8 hyperlinks
    std::string rule_pages;   // URL of the folder of rules/*.md, with a final slash; empty: nowhere to link to
    int width = 100;          // columns

    [[nodiscard]] std::string paint(Tone tone, std::string_view text) const;
    [[nodiscard]] std::string rule(std::string_view name) const;   // the name, linked to its page
    [[nodiscard]] std::string link(std::string_view url, std::string_view text) const;
};

// Columns a terminal needs for UTF-8 text: one for each code point, none for combining marks, no account of wide characters.
[[nodiscard]] std::size_t columns(std::string_view text);
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);

// Words of `text` on lines of at most `width` columns, each after the first preceded by `indent` spaces.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace abiscope::report
