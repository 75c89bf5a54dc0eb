#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "abi/type_name.h"
#include "base/text.h"
#include "report/demangle.h"
#include "report/layout_rows.h"
#include "report/layout_view.h"

namespace abiscope::report {

namespace {

std::string bytes(std::uint64_t count) { return fmt::format("{} byte{}", count, count == 1 ? "" : "s"); }

// "4", or "4:3" where bits count.
std::string offset_text(const LayoutItem& item) {
    return item.bits ? fmt::format("{}:{}", item.bit_offset / 8, item.bit_offset % 8) : std::to_string(item.bit_offset / 8);
}

std::string size_text(const LayoutItem& item) { return item.bits ? fmt::format("{}b", item.bit_size) : std::to_string(item.bit_size / 8); }

// A, B, ... Z, AA
std::string letter(std::size_t index) {
    std::string out;
    for (++index; index != 0; index = (index - 1) / 26) out.insert(out.begin(), static_cast<char>('A' + (index - 1) % 26));
    return out;
}

std::string names(const LayoutGroup& group) {
    std::string out;
    for (const ProfileLayout* profile : group.profiles)
        out += (out.empty() ? "" : ", ") + profile->profile->name + (profile->recorded ? " (recorded in the file)" : "");
    return out;
}

std::string size_line(const ProfileLayout& profile) {
    std::string out = bytes(profile.layout->size);
    if (profile.layout->alignment != 0) out += fmt::format(", aligned to {}", profile.layout->alignment);
    if (std::uint64_t padding = profile.padding_bytes(); padding != 0) out += fmt::format(", {} of padding", padding);
    return out;
}

void append_right(std::string& out, std::string_view text, std::size_t width) {
    if (text.size() < width) out.append(width - text.size(), ' ');
    out += text;
}

class Table {
public:
    Table(const std::vector<LayoutGroup>& groups, const Style& style)
        : groups_(groups), rows_(join_rows(groups)), style_(style), offsets_(groups.size(), 6), sizes_(groups.size(), 4) {
        figures_.reserve(rows_.size() * groups.size());
        for (const JoinedRow& row : rows_) {
            for (std::size_t i = 0; i < groups.size(); ++i) {
                const LayoutItem* cell = row.cells[i];
                const Figures& figures =
                    figures_.emplace_back(cell == nullptr ? Figures{} : Figures{.offset = offset_text(*cell), .size = size_text(*cell)});
                offsets_[i] = std::max(offsets_[i], figures.offset.size());
                sizes_[i] = std::max(sizes_[i], figures.size.size());
            }
        }
    }

    [[nodiscard]] std::string text() const {
        std::string out = heading();
        for (std::size_t row = 0; row < rows_.size(); ++row) add_line(out, row);
        return out;
    }

private:
    struct Figures {
        std::string offset = "-", size = "-";
    };

    [[nodiscard]] std::string heading() const {
        std::string letters = "  ", titles = "  ";
        for (std::size_t i = 0; i < groups_.size(); ++i) {
            letters += padded("", offsets_[i] + 1) + padded(letter(i), sizes_[i] + 4);
            titles += fmt::format("  {:>{}}  {:>{}} ", "offset", offsets_[i], "size", sizes_[i]);
        }
        while (letters.ends_with(' ')) letters.pop_back();
        while (titles.ends_with(' ')) titles.pop_back();
        return (groups_.size() > 1 ? style_.paint(Tone::strong, letters) + "\n" : "") + style_.paint(Tone::faint, titles) + "\n";
    }

    void add_line(std::string& out, std::size_t number) const {
        const JoinedRow& row = rows_[number];
        out += "  ";
        const LayoutItem* reference = row.cells.front();
        std::string words;
        for (std::size_t i = 0; i < groups_.size(); ++i) {
            const LayoutItem* cell = row.cells[i];
            bool same = (cell == nullptr) == (reference == nullptr) &&
                (cell == nullptr || (cell->bit_offset == reference->bit_offset && cell->bit_size == reference->bit_size));
            const Figures& figures = figures_[number * groups_.size() + i];
            words = "  ";
            append_right(words, figures.offset, offsets_[i]);
            words += "  ";
            append_right(words, figures.size, sizes_[i]);
            words += same ? ' ' : '*';
            out += style_.paint(same ? Tone::plain : Tone::warning, words);
        }
        const LayoutItem& item = row.any();
        out.append(1 + 4 * std::size_t{item.depth}, ' ');
        out += item.padding ? style_.paint(Tone::faint, "padding: " + reasons(row)) : item.label;
        out += '\n';
    }

    [[nodiscard]] std::string reasons(const JoinedRow& row) const {
        std::vector<std::pair<std::string, std::string>> all;   // reason, the letters it holds for
        for (std::size_t i = 0; i < groups_.size(); ++i) {
            if (row.cells[i] == nullptr) continue;
            std::string why = row.cells[i]->label;
            auto at = std::ranges::find(all, why, &std::pair<std::string, std::string>::first);
            if (at == all.end()) all.emplace_back(why, letter(i));
            else at->second += ", " + letter(i);
        }
        if (all.size() == 1) return all.front().first;
        std::string out;
        for (const auto& [why, letters] : all) out += fmt::format("{}{} ({})", out.empty() ? "" : "; ", why, letters);
        return out;
    }

    const std::vector<LayoutGroup>& groups_;
    std::vector<JoinedRow> rows_;
    const Style& style_;
    std::vector<Figures> figures_;   // of each row, one for each group
    std::vector<std::size_t> offsets_, sizes_;
};

// The documents that ask for the padding, each with the profiles it speaks for.
std::string rules_text(const std::vector<LayoutGroup>& groups, const Style& style) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const LayoutGroup& group : groups) {
        for (const ProfileLayout* profile : group.profiles) {
            for (const LayoutItem& item : profile->items) {
                if (!item.padding || item.padding->rule.empty()) continue;
                auto at = std::ranges::find(all, item.padding->rule, &std::pair<std::string, std::string>::first);
                if (at == all.end()) at = all.insert(all.end(), {item.padding->rule, {}});
                if (!at->second.ends_with(profile->profile->abi)) at->second += (at->second.empty() ? "" : ", ") + profile->profile->abi;
            }
        }
    }
    std::string out;
    for (const auto& [rule, abis] : all)
        out += style.paint(Tone::faint,
                           "    rule: " + wrapped(fmt::format("{} ({})", rule, abis), static_cast<std::size_t>(style.width) - 10, 10)) +
            "\n";
    return out;
}

std::string cache_lines(const LayoutGroup& group, std::uint32_t line) {
    std::uint64_t size = group.layout().size;
    if (line == 0 || size <= line) return {};
    std::string starts, across;
    std::uint64_t bits = std::uint64_t{line} * 8;
    for (const LayoutItem& item : group.items()) {
        if (item.padding || item.depth != 0 || item.bit_size == 0) continue;
        std::uint64_t from = item.bit_offset / bits, to = (item.bit_offset + item.bit_size - 1) / bits;
        std::string name = item.placed.name.empty() ? item.label : item.placed.name;
        if (item.bit_offset != 0 && item.bit_offset % bits == 0) starts += fmt::format("; line {} starts with `{}`", from, name);
        else if (from != to) across += fmt::format("; `{}` lies in lines {} to {}", name, from, to);
    }
    return fmt::format("{} cache lines of {}{}{}", (size + line - 1) / line, bytes(line), starts, across);
}

// What the collector looks at, and what an object takes on the heap.
std::string memory_text(const ProfileLayout& profile) {
    if (!profile.pointers) return {};
    const abi::GoPointers& pointers = *profile.pointers;
    std::string out = "the garbage collector looks at none of it";
    if (pointers.bytes != 0) out = fmt::format("the garbage collector looks at the first {}", bytes(pointers.bytes));
    constexpr std::size_t most = 64;
    if (!pointers.mask.empty() && pointers.mask.size() <= most) out += ", pointer mask " + mask_text(pointers.mask);
    abi::GoAllocation heap = abi::go_allocation(profile.layout->size, pointers.bytes != 0, *profile.profile);
    if (heap.size_class == 0) return out;
    out += fmt::format("; an object takes {} on the heap", bytes(heap.size_class));
    if (heap.header != 0) out += fmt::format(", {} of them a header", heap.header);
    if (heap.tiny) out += ", shared with others as small";
    if (heap.objects_per_span > 1) out += fmt::format(", {} to a span", heap.objects_per_span);
    return out;
}

std::string order_text(const ProfileLayout& profile) {
    const abi::BetterOrder& better = profile.better;
    if (better.saved == 0) return {};
    const abi::TypeTable& types = *profile.types;
    const abi::Record& record = *types.record(types.resolve(profile.type));
    std::string order;
    for (std::uint32_t index : better.fields) {
        const abi::Field& field = record.fields[index];
        order += (order.empty() ? "" : ", ") + text::printable(field.name.empty() ? abi::declaration(types, field.type, {}) : field.name);
    }
    std::string out = fmt::format("{} in the order {}: saves {}", bytes(better.size), order, better.saved);
    if (!profile.pointers) return out;
    bool has_pointers = profile.pointers->bytes != 0;
    std::uint64_t now = abi::go_allocation(profile.layout->size, has_pointers, *profile.profile).size_class;
    std::uint64_t then = abi::go_allocation(better.size, has_pointers, *profile.profile).size_class;
    return out + (then < now ? fmt::format(", on the heap {}", now - then) : std::string(", and nothing on the heap"));
}

std::string notes(const std::vector<LayoutGroup>& groups, const LayoutOptions& options, const Style& style) {
    std::string out;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        std::string mark = groups.size() > 1 ? letter(i) + ": " : std::string();
        std::size_t width = static_cast<std::size_t>(style.width) - 10;
        if (std::string lines = cache_lines(groups[i], options.cache_line); !lines.empty())
            out += "    " + wrapped(mark + lines, width, 6) + "\n";
        if (std::string memory = memory_text(*groups[i].profiles.front()); !memory.empty())
            out += "    " + wrapped(mark + memory, width, 6) + "\n";
        if (std::string order = order_text(*groups[i].profiles.front()); !order.empty())
            out += style.paint(Tone::good, "    help: ") + wrapped(mark + order, width, 10) + "\n";
        const ProfileLayout& profile = *groups[i].profiles.front();
        if (!profile.better.fixed_because.empty() && profile.padding_bytes() != 0 && i == 0)
            out += style.paint(Tone::faint, "    the order stays: " + profile.better.fixed_because) + "\n";
    }
    return out;
}

}  // namespace

std::string layout_text(const TypeLayouts& type, const LayoutOptions& options, const Style& style) {
    std::vector<LayoutGroup> groups = layout_groups(type);
    const ProfileLayout* first = type.first();
    std::string title = first == nullptr ? type.name : abi::title(*first->types, first->type);
    std::string out = style.paint(Tone::strong, text::printable(title));
    if (first != nullptr) {
        const abi::SourceLine& line = first->types->at(first->type).declared;
        if (line.line != 0) out += style.paint(Tone::faint, fmt::format(" ({}:{})", text::printable(line.file), line.line));
    }
    std::size_t width = static_cast<std::size_t>(style.width);
    if (groups.size() == 1) {
        out +=
            fmt::format(": {}\n    {}\n", size_line(*groups.front().profiles.front()),
                        wrapped((groups.front().profiles.size() > 1 ? "the same under " : "under ") + names(groups.front()), width - 6, 6));
    } else if (!groups.empty()) {
        // The same places may have other reasons: a bit-field's unit ends elsewhere, and nothing follows it.
        out += type.differs() ? fmt::format(": {} layouts\n", groups.size()) : ": the same places, not for the same reasons\n";
        for (std::size_t i = 0; i < groups.size(); ++i)
            out += fmt::format("    {}  {}\n", style.paint(Tone::strong, letter(i)),
                               wrapped(fmt::format("{}: {}", size_line(*groups[i].profiles.front()), names(groups[i])), width - 9, 10));
    } else {
        out += "\n";
    }
    if (!type.crosses_in.empty()) {
        std::string symbols;
        for (const std::string& symbol : type.crosses_in) symbols += (symbols.empty() ? "" : ", ") + demangled(symbol);
        out += "    " + wrapped("crosses in " + symbols + (type.crosses_in_more ? " and others" : ""), width - 6, 6) + "\n";
    }
    if (!groups.empty()) {
        out += Table(groups, style).text();
        out += notes(groups, options, style);
        if (options.why) out += rules_text(groups, style);
    }
    for (const ProfileLayout& profile : type.profiles) {
        if (profile.differs.empty()) continue;
        std::string words =
            fmt::format("what the file records is not what {} comes to: {}; the ABIs beside it may be wrong about this type too",
                        profile.profile->name, text::printable(profile.differs));
        out += style.paint(Tone::warning, "    note: ") + wrapped(words, width - 10, 10) + "\n";
    }
    std::map<std::string, std::string> refused;
    for (const ProfileLayout& profile : type.profiles) {
        if (!profile.error) continue;
        std::string& who = refused[profile.error->describe()];
        who += (who.empty() ? "" : ", ") + profile.profile->name;
    }
    for (const auto& [why, who] : refused)
        out += style.paint(Tone::bad, "    cannot tell") + fmt::format(" under {}: {}\n", who, wrapped(why, width - 10, 10));
    return out;
}

std::string layout_summary(const LayoutSums& sums, const Style& style) {
    return style.paint(Tone::strong, fmt::format("{} type{}", sums.types, sums.types == 1 ? "" : "s")) +
        fmt::format(": {} of them, {} of padding at most, {} differ between the ABIs, {} could be smaller by {} in another order\n",
                    bytes(sums.size), bytes(sums.waste), sums.differ, sums.better, bytes(sums.saved));
}

}  // namespace abiscope::report
