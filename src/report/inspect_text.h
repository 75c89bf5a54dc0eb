// Identity cards for people.
#pragma once

#include <string>
#include <vector>

#include "bytes/source.h"
#include "finding/finding.h"
#include "inspect/card.h"
#include "report/rows.h"
#include "report/style.h"

namespace abiscope::report {

struct Inspected {
    inspect::Card card;
    SourcePtr source;
    std::vector<finding::Finding> findings;
    std::uint64_t findings_dropped = 0;
};

// What of a card is shown.
struct Selection {
    std::vector<std::string> groups;   // of rows.h; empty: all
    bool brief = false;                // the essential rows only, and no layout

    [[nodiscard]] bool shows(const Row& row) const;
    [[nodiscard]] bool shows_layout() const;
};

[[nodiscard]] std::string inspect_text(const Inspected& one, const Selection& selection, const Style& style);

// More columns than this are easier to read one card below the other.
inline constexpr std::size_t most_columns = 4;

// Field by field, one column per file, each row followed by what the field means in each format present.
[[nodiscard]] std::string side_by_side(const std::vector<Inspected>& files, const Selection& selection, const Style& style);

}  // namespace abiscope::report
