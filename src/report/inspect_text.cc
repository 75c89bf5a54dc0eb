#include "report/inspect_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "report/finding_text.h"
#include "report/rows.h"

namespace abiscope::report {

namespace {

constexpr std::size_t label_width = 16;

std::string layout_text(const std::vector<inspect::LayoutRow>& layout, const Style& style) {
    if (layout.empty()) return {};
    std::string out = style.paint(Tone::strong, "  segments and their sections") + "\n";
    out += style.paint(Tone::faint, fmt::format("    {:<14} {:<4} {:>18} {:>12} {:>12} {:>12}\n", "segment", "", "address", "file offset", "in file", "in memory"));
    for (const inspect::LayoutRow& row : layout) {
        out += fmt::format("    {} {:<4} {:>#18x} {:>#12x} {:>#12x} {:>#12x}", padded(text::printable(row.segment), 14), row.permissions, row.address, row.file_offset, row.file_size, row.memory_size);
        if (!row.sections.empty()) out += "  " + wrapped(text::join(row.sections, " "), static_cast<std::size_t>(std::max(40, style.width - 82)), 82);
        out += '\n';
    }
    return out;
}

std::string findings_text(const Inspected& one, const Style& style) {
    std::string out;
    for (const finding::Finding& finding : one.findings) out += finding_text(finding, style, true);
    if (one.findings_dropped != 0) out += fmt::format("  and {} more findings\n", one.findings_dropped);
    return out;
}

std::vector<std::string> cell_lines(std::string_view value, std::size_t width) {
    std::vector<std::string> out;
    for (std::string_view line : text::split(value, "\n")) {
        std::string folded = wrapped(line, width, 0);
        for (std::string_view part : text::split(folded, "\n")) {
            // A word wider than the column is cut into pieces: paths and hashes have no spaces.
            while (columns(part) > width) {
                out.emplace_back(part.substr(0, width));
                part.remove_prefix(width);
            }
            out.emplace_back(part);
        }
    }
    return out;
}

}  // namespace

std::string inspect_text(const Inspected& one, const Style& style) {
    const inspect::Card& card = one.card;
    std::string out = fmt::format("{}: {}\n", style.paint(Tone::strong, text::printable(card.subject.path)), card.description);
    std::string group;
    for (const Row& row : rows_of(card)) {
        if (row.group != group) {
            group = row.group;
            out += style.paint(Tone::strong, "  " + group) + "\n";
        }
        std::size_t indent = 4 + label_width + 1;
        std::size_t width = static_cast<std::size_t>(std::max(40, style.width)) - std::min<std::size_t>(indent, 40);
        std::string value;
        for (std::string_view line : text::split(row.value, "\n")) {
            if (!value.empty()) value += "\n" + std::string(indent, ' ');
            value += row.key == "entry_code" ? std::string(line) : wrapped(line, width, indent + 2);
        }
        out += fmt::format("    {} {}\n", style.paint(Tone::faint, padded(row.label, label_width)), value);
    }
    out += layout_text(card.layout, style);
    for (const inspect::Card& part : card.parts) {
        out += fmt::format("  {} {}: {}\n", style.paint(Tone::accent, "*"), text::printable(part.subject.path), part.description);
    }
    return out + findings_text(one, style);
}

std::string side_by_side(const std::vector<Inspected>& files, const Style& style) {
    struct Line {
        std::string key, label, group;
        std::vector<std::string> values;
    };
    std::vector<Line> table;
    for (std::size_t i = 0; i < files.size(); ++i) {
        std::size_t after = 0;
        for (Row& row : rows_of(files[i].card)) {
            auto found = std::ranges::find_if(table, [&](const Line& line) { return line.key == row.key; });
            if (found == table.end()) {
                // A row only this file has goes behind the last one it shares with the others.
                found = table.insert(table.begin() + static_cast<std::ptrdiff_t>(std::min(after, table.size())), Line{row.key, row.label, row.group, std::vector<std::string>(files.size())});
            }
            found->values[i] = row.value;
            after = static_cast<std::size_t>(found - table.begin()) + 1;
        }
    }
    std::size_t total = static_cast<std::size_t>(std::max(60, style.width));
    std::size_t width = std::max<std::size_t>(24, (total - label_width - 2) / files.size() - 2);
    std::string out = style.paint(Tone::faint, padded("", label_width + 2));
    for (const Inspected& file : files) out += style.paint(Tone::strong, padded(cell_lines(text::printable(file.card.subject.path), width).back(), width)) + "  ";
    out += '\n';
    std::vector<std::string> formats;
    for (const Inspected& file : files) {
        if (std::ranges::find(formats, file.card.subject.format) == formats.end()) formats.push_back(file.card.subject.format);
    }
    for (const Line& line : table) {
        std::vector<std::vector<std::string>> cells;
        std::size_t height = 1;
        for (const std::string& value : line.values) {
            cells.push_back(cell_lines(value.empty() ? "-" : value, width));
            height = std::max(height, cells.back().size());
        }
        bool same = std::ranges::all_of(line.values, [&](const std::string& value) { return value == line.values.front(); });
        for (std::size_t y = 0; y < height; ++y) {
            out += padded(y == 0 ? line.label : "", label_width + 2);
            for (const auto& cell : cells) {
                std::string text = padded(y < cell.size() ? cell[y] : "", width);
                out += style.paint(same ? Tone::plain : Tone::warning, text) + "  ";
            }
            while (out.ends_with(' ')) out.pop_back();
            out += '\n';
        }
        for (const std::string& format : formats) {
            std::string_view words = meaning(line.key, format);
            if (!words.empty()) out += style.paint(Tone::faint, fmt::format("{:{}}in {}: {}", "", label_width + 2, format, wrapped(words, total - label_width - 12, label_width + 12))) + "\n";
        }
    }
    for (const Inspected& file : files) {
        if (!file.findings.empty()) out += fmt::format("\n{}:\n{}", text::printable(file.card.subject.path), findings_text(file, style));
    }
    return out;
}

}  // namespace abiscope::report
