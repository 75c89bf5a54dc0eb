#include "report/inspect_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "report/finding_text.h"
#include "report/rows.h"

namespace abiscope::report {

namespace {

constexpr std::size_t label_width = 17;

std::string layout_text(const std::vector<inspect::LayoutRow>& layout, const Style& style) {
    if (layout.empty()) return {};
    std::string out = style.paint(Tone::strong, "  segments and their sections") + "\n";
    out += style.paint(Tone::faint,
                       fmt::format("    {:>2}  {:<13} {:<3} {:>18} {:>11} {:>10} {:>10}  {}\n", "#", "segment", "", "address",
                                   "file offset", "in file", "in memory", "sections"));
    constexpr std::size_t columns_before_sections = 79;
    std::size_t room = std::max<std::size_t>(
        24, static_cast<std::size_t>(style.width) - std::min(static_cast<std::size_t>(style.width), columns_before_sections));
    for (std::size_t i = 0; i < layout.size(); ++i) {
        const inspect::LayoutRow& row = layout[i];
        out += fmt::format("    {:>2}  {} {:<3} {:>#18x} {:>#11x} {:>#10x} {:>#10x}", i, padded(text::printable(row.segment), 13),
                           row.permissions, row.address, row.file_offset, row.file_size, row.memory_size);
        if (!row.sections.empty()) out += "  " + wrapped(text::join(row.sections, " "), room, columns_before_sections);
        out += '\n';
    }
    return out;
}

std::string findings_text(const Inspected& one, const Style& style) {
    std::string out;
    for (const finding::Finding& finding : one.findings)
        out += finding_text(finding, style, true, one.source ? one.source->view() : View());
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

// The end of a path says more than its start.
std::string end_of(std::string path, std::size_t width) {
    if (columns(path) <= width) return path;
    while (columns(path) + 3 > width) path.erase(0, 1);
    return "..." + path;
}

void end_line(std::string& out) {
    while (out.ends_with(' ')) out.pop_back();
    out += '\n';
}

}  // namespace

bool Selection::shows(const Row& row) const {
    if (brief && !is_essential(row.key)) return false;
    return groups.empty() || std::ranges::find(groups, row.group) != groups.end();
}

bool Selection::shows_layout() const { return !brief && (groups.empty() || std::ranges::find(groups, "layout") != groups.end()); }

namespace {

// One column for each card. `explained`: each row is followed by what it means in the formats present.
std::string table_of(const std::vector<inspect::Card>& cards, const Selection& selection, const Style& style, bool explained) {
    struct Line {
        std::string key, label, group;
        std::vector<std::string> values;
    };
    std::vector<Line> table;
    for (std::size_t i = 0; i < cards.size(); ++i) {
        std::size_t after = 0;
        for (Row& row : rows_of(cards[i])) {
            if (!selection.shows(row)) continue;
            auto found = std::ranges::find_if(table, [&](const Line& line) { return line.key == row.key; });
            if (found == table.end()) {
                // A row only this file has goes behind the last one it shares with the others.
                found = table.insert(table.begin() + static_cast<std::ptrdiff_t>(std::min(after, table.size())),
                                     Line{row.key, row.label, row.group, std::vector<std::string>(cards.size())});
            }
            found->values[i] = row.value;
            after = static_cast<std::size_t>(found - table.begin()) + 1;
        }
    }
    std::size_t total = static_cast<std::size_t>(std::max(60, style.width));
    std::size_t width = std::max<std::size_t>(16, (total - label_width - 2) / cards.size() - 2);
    std::string out = style.paint(Tone::faint, padded("", label_width + 2));
    for (const inspect::Card& card : cards)
        out += style.paint(Tone::strong, padded(end_of(text::printable(card.subject.path), width), width)) + "  ";
    end_line(out);
    std::vector<std::string> formats;
    for (const inspect::Card& card : cards) {
        if (explained && std::ranges::find(formats, card.subject.format) == formats.end()) formats.push_back(card.subject.format);
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
            end_line(out);
        }
        for (const std::string& format : formats) {
            std::string_view words = meaning(line.key, format);
            std::size_t indent = label_width + 6 + format.size() + 2;
            if (!words.empty())
                out += style.paint(Tone::faint,
                                   fmt::format("{:{}}in {}: {}", "", label_width + 3, format, wrapped(words, total - indent, indent))) +
                    "\n";
        }
    }
    return out;
}

}  // namespace

std::string inspect_text(const Inspected& one, const Selection& selection, const Style& style) {
    const inspect::Card& card = one.card;
    std::string out = fmt::format("{}: {}\n", style.paint(Tone::strong, text::printable(card.subject.path)), card.description);
    std::string group;
    for (const Row& row : rows_of(card)) {
        if (!selection.shows(row)) continue;
        if (row.group != group && !selection.brief) {
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
    if (selection.shows_layout()) out += layout_text(card.layout, style);
    for (const inspect::Card& part : card.parts) {
        out += fmt::format("  {} {}: {}\n", style.paint(Tone::accent, "*"), text::printable(part.subject.path), part.description);
    }
    bool slices = card.parts.size() >= 2 && card.parts.size() <= most_columns && card.parts.front().subject.format == "Mach-O";
    if (slices && !selection.brief) out += table_of(card.parts, selection, style, false);
    return out + findings_text(one, style);
}

std::string side_by_side(const std::vector<Inspected>& files, const Selection& selection, const Style& style) {
    std::vector<inspect::Card> cards;
    cards.reserve(files.size());
    for (const Inspected& file : files) cards.push_back(file.card);
    std::string out = table_of(cards, selection, style, !selection.brief);
    for (const Inspected& file : files) {
        if (!file.findings.empty()) out += fmt::format("\n{}:\n{}", text::printable(file.card.subject.path), findings_text(file, style));
    }
    return out;
}

}  // namespace abiscope::report
