#include "report/unified_diff.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

namespace abiscope::report {

namespace {

constexpr std::size_t context = 3;
constexpr std::ptrdiff_t most_edits = 4000;   // looked for; beyond that the whole middle is one change

using Lines = std::vector<std::string_view>;

// With their ends.
Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        std::size_t end = text.find('\n');
        std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
        lines.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return lines;
}

// Lines [from, from + count) of one side stand for as many of the other side.
struct Change {
    std::size_t before = 0, before_count = 0;
    std::size_t after = 0, after_count = 0;
};

// E. W. Myers, "An O(ND) Difference Algorithm and Its Variations": the furthest point of each diagonal, by the number of edits.
class Myers {
public:
    Myers(const Lines& before, const Lines& after) : before_(before), after_(after) {}

    std::vector<Change> changes() {
        std::size_t begin = 0, end_before = before_.size(), end_after = after_.size();
        while (begin < end_before && begin < end_after && before_[begin] == after_[begin]) ++begin;
        while (end_before > begin && end_after > begin && before_[end_before - 1] == after_[end_after - 1]) --end_before, --end_after;
        offset_ = begin;
        rows_ = static_cast<std::ptrdiff_t>(end_before - begin);
        columns_ = static_cast<std::ptrdiff_t>(end_after - begin);
        if (!search()) return {{begin, end_before - begin, begin, end_after - begin}};
        trace();
        std::ranges::reverse(out_);
        return std::move(out_);
    }

private:
    [[nodiscard]] std::ptrdiff_t slide(std::ptrdiff_t x, std::ptrdiff_t y) const {
        while (x < rows_ && y < columns_ && before_[offset_ + static_cast<std::size_t>(x)] == after_[offset_ + static_cast<std::size_t>(y)])
            ++x, ++y;
        return x;
    }
    static std::ptrdiff_t at(const std::vector<std::ptrdiff_t>& row, std::ptrdiff_t edits, std::ptrdiff_t diagonal) {
        return row[static_cast<std::size_t>(diagonal + edits)];
    }
    // Where a path of `edits` edits enters its diagonal: from above, or from the left.
    [[nodiscard]] bool from_above(std::ptrdiff_t edits, std::ptrdiff_t diagonal) const {
        const auto& row = rows_by_edits_[static_cast<std::size_t>(edits - 1)];
        return diagonal == -edits || (diagonal != edits && inner(row, edits - 1, diagonal - 1) < inner(row, edits - 1, diagonal + 1));
    }
    static std::ptrdiff_t inner(const std::vector<std::ptrdiff_t>& row, std::ptrdiff_t edits, std::ptrdiff_t diagonal) {
        return diagonal < -edits || diagonal > edits ? -1 : at(row, edits, diagonal);
    }

    bool search() {
        for (std::ptrdiff_t edits = 0; edits <= std::min(most_edits, rows_ + columns_); ++edits) {
            std::vector<std::ptrdiff_t> row(static_cast<std::size_t>(2 * edits + 1), -1);
            for (std::ptrdiff_t diagonal = -edits; diagonal <= edits; diagonal += 2) {
                std::ptrdiff_t x = 0;
                if (edits != 0) {
                    const auto& last = rows_by_edits_.back();
                    x = from_above(edits, diagonal) ? inner(last, edits - 1, diagonal + 1) : inner(last, edits - 1, diagonal - 1) + 1;
                }
                x = slide(x, x - diagonal);
                row[static_cast<std::size_t>(diagonal + edits)] = x;
                if (x >= rows_ && x - diagonal >= columns_) {
                    rows_by_edits_.push_back(std::move(row));
                    return true;
                }
            }
            rows_by_edits_.push_back(std::move(row));
        }
        return false;
    }

    // Backwards, one edit after the other.
    void trace() {
        std::ptrdiff_t x = rows_, y = columns_;
        for (auto edits = static_cast<std::ptrdiff_t>(rows_by_edits_.size()) - 1; edits > 0; --edits) {
            const auto& row = rows_by_edits_[static_cast<std::size_t>(edits - 1)];
            std::ptrdiff_t diagonal = x - y;
            bool above = from_above(edits, diagonal);
            diagonal += above ? 1 : -1;
            x = inner(row, edits - 1, diagonal);
            y = x - diagonal;
            add(offset_ + static_cast<std::size_t>(x), offset_ + static_cast<std::size_t>(y), above);
        }
    }
    void add(std::size_t before, std::size_t after, bool insertion) {
        Change one{before, insertion ? std::size_t{0} : std::size_t{1}, after, insertion ? std::size_t{1} : std::size_t{0}};
        if (!out_.empty() && one.before + one.before_count == out_.back().before && one.after + one.after_count == out_.back().after) {
            out_.back() = {one.before, one.before_count + out_.back().before_count, one.after, one.after_count + out_.back().after_count};
        } else {
            out_.push_back(one);
        }
    }

    const Lines& before_;
    const Lines& after_;
    std::size_t offset_ = 0;
    std::ptrdiff_t rows_ = 0, columns_ = 0;
    std::vector<std::vector<std::ptrdiff_t>> rows_by_edits_;
    std::vector<Change> out_;
};

std::string range_text(std::size_t from, std::size_t count) {
    return count == 1 ? fmt::format("{}", from + 1) : fmt::format("{},{}", count == 0 ? from : from + 1, count);
}

void put(std::string& out, char mark, std::string_view line) {
    out += mark;
    out += line;
    if (!line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

}  // namespace

std::string unified_diff(std::string_view name, std::string_view before, std::string_view after) {
    if (before == after) return {};
    Lines old_lines = lines_of(before), new_lines = lines_of(after);
    std::vector<Change> changes = Myers(old_lines, new_lines).changes();
    // A name with blanks ends at a tab.
    std::string_view end = name.find(' ') == std::string_view::npos ? "\n" : "\t\n";
    std::string out = fmt::format("--- {}{}+++ {}{}", name, end, name, end);
    for (std::size_t first = 0; first < changes.size();) {
        std::size_t last = first;
        while (last + 1 < changes.size() && changes[last + 1].before - (changes[last].before + changes[last].before_count) <= 2 * context)
            ++last;
        std::size_t lead = std::min(context, changes[first].before);
        std::size_t behind = changes[last].before + changes[last].before_count;
        std::size_t tail = std::min(context, old_lines.size() - behind);
        std::size_t from_old = changes[first].before - lead, from_new = changes[first].after - lead;
        out += fmt::format("@@ -{} +{} @@\n", range_text(from_old, behind + tail - from_old),
                           range_text(from_new, changes[last].after + changes[last].after_count + tail - from_new));
        std::size_t at = from_old;
        for (std::size_t i = first; i <= last; ++i) {
            const Change& change = changes[i];
            for (; at < change.before; ++at) put(out, ' ', old_lines[at]);
            for (; at < change.before + change.before_count; ++at) put(out, '-', old_lines[at]);
            for (std::size_t n = 0; n < change.after_count; ++n) put(out, '+', new_lines[change.after + n]);
        }
        for (; at < behind + tail; ++at) put(out, ' ', old_lines[at]);
        first = last + 1;
    }
    return out;
}

}  // namespace abiscope::report
