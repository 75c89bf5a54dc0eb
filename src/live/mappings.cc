#include "live/mappings.h"

#include <charconv>

#include "base/text.h"

namespace abiscope::live {

namespace {

// The number at the start of `text`, which is left behind it; false when there is none.
bool take_number(std::string_view& text, std::uint64_t& value, int base) {
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (failed != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

// seq_file_path() writes a newline as \012.
std::string unescaped(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        bool newline = text.starts_with("\\012");
        out += newline ? '\n' : text.front();
        text.remove_prefix(newline ? 4 : 1);
    }
    return out;
}

// "55d0c000-55d0d000 r-xp 00001000 fe:00 1234      /usr/bin/true"
bool read_range(std::string_view line, Mapping& out) {
    if (!take_number(line, out.start, 16) || !take(line, '-') || !take_number(line, out.end, 16) || !take(line, ' ')) return false;
    if (line.size() < 5 || line[4] != ' ' || out.end <= out.start) return false;
    out.flags = (line[0] == 'r' ? 4 : 0) | (line[1] == 'w' ? 2 : 0) | (line[2] == 'x' ? 1 : 0);
    out.shared = line[3] == 's';
    line.remove_prefix(5);
    if (!take_number(line, out.file_offset, 16) || !take(line, ' ')) return false;
    for (int field = 0; field < 2; ++field) {   // device, inode
        std::size_t blank = line.find(' ');
        line.remove_prefix(blank == std::string_view::npos ? line.size() : blank + 1);
    }
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (line.starts_with('/')) out.path = unescaped(line);
    else out.name = line;
    return true;
}

void read_field(std::string_view line, Mapping& out) {
    std::size_t colon = line.find(':');
    std::string_view key = line.substr(0, colon);
    if (colon == std::string_view::npos) return;
    std::string_view value = line.substr(colon + 1);
    if (key == "VmFlags") {
        for (std::string_view flag : text::split(value, " ")) {
            if (flag == "dd" || flag == "io") out.excluded = true;
            if (flag == "ht") out.huge = true;
        }
        return;
    }
    if (key == "Size") out.counted = true;
    if (key != "Anonymous" && key != "Swap") return;
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    std::uint64_t count = 0;
    if (take_number(value, count, 10) && count != 0) out.private_pages = true;
}

}  // namespace

std::vector<Mapping> parse_mappings(std::string_view text) {
    std::vector<Mapping> out;
    for (std::string_view line : text::split(text, "\n")) {
        Mapping mapping;
        if (read_range(line, mapping)) out.push_back(std::move(mapping));
        else if (!out.empty()) read_field(line, out.back());
    }
    return out;
}

Part dumped_part(const Mapping& mapping) {
    if (mapping.name == "[vdso]") return Part::all;
    if (mapping.excluded || mapping.name.starts_with("[vvar") || mapping.name == "[vsyscall]") return Part::nothing;
    if (mapping.huge) return mapping.shared ? Part::nothing : Part::all;
    // The file of shared anonymous memory has no name any more.
    if (mapping.shared) return mapping.path.ends_with(" (deleted)") ? Part::all : Part::nothing;
    bool own = mapping.counted ? mapping.private_pages : mapping.path.empty() || (mapping.flags & 2) != 0;
    if (own) return Part::all;
    bool header = !mapping.path.empty() && mapping.file_offset == 0 && (mapping.flags & 4) != 0;
    return header ? Part::header_if_elf : Part::nothing;
}

}  // namespace abiscope::live
