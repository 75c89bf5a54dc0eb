#include "report/style.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace abiscope::report {

namespace {

std::string_view code(Tone tone) {
    switch (tone) {
        case Tone::plain: return "";
        case Tone::strong: return "1";
        case Tone::good: return "32";
        case Tone::bad: return "1;31";
        case Tone::warning: return "33";
        case Tone::faint: return "2";
        case Tone::accent: return "36";
    }
    return "";
}

}  // namespace

std::string Style::paint(Tone tone, std::string_view text) const {
    if (!colour || tone == Tone::plain || text.empty()) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code(tone), text);
}

std::string Style::link(std::string_view url, std::string_view text) const {
    if (!links) return std::string(text);
    // https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
    return fmt::format("\x1b]8;;{}\x1b\\{}\x1b]8;;\x1b\\", url, text);
}

std::string Style::rule(std::string_view name) const {
    return rule_pages.empty() ? std::string(name) : link(fmt::format("{}{}.md", rule_pages, name), name);
}

std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    for (char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return count;
}

std::string padded(std::string_view text, std::size_t width) {
    std::string out(text);
    std::size_t used = columns(text);
    if (used < width) out.append(width - used, ' ');
    return out;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
    std::string out;
    out.reserve(text.size() + indent);
    std::size_t used = 0;
    for (std::size_t start = 0, end = 0; start < text.size(); start = end + 1) {
        end = std::min(text.find(' ', start), text.size());
        std::string_view word = text.substr(start, end - start);
        if (word.empty()) continue;
        std::size_t needed = columns(word);
        if (used != 0 && used + 1 + needed > width) {
            out += '\n';
            out.append(indent, ' ');
            used = 0;
        } else if (used != 0) {
            out += ' ';
            ++used;
        }
        out += word;
        used += needed;
    }
    return out;
}

}  // namespace abiscope::report
