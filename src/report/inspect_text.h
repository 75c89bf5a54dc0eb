// Identity cards for people.
#pragma once

#include <string>
#include <vector>

#include "finding/finding.h"
#include "inspect/card.h"
#include "report/style.h"

namespace abiscope::report {

struct Inspected {
    inspect::Card card;
    std::vector<finding::Finding> findings;
    std::uint64_t findings_dropped = 0;
};

[[nodiscard]] std::string inspect_text(const Inspected& one, const Style& style);

// Field by field, one column per file, each row followed by what the field means in each format present.
[[nodiscard]] std::string side_by_side(const std::vector<Inspected>& files, const Style& style);

}  // namespace abiscope::report
