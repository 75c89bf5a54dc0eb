// The identity card as rows: the same list is printed for one file, side by side for several, and explained field by field.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspect/card.h"

namespace abiscope::report {

struct Row {
    std::string group;         // identity, entry, linkage, requires, hardening
    std::string key;           // joins the rows of several files
    std::string label;
    std::string value;         // may hold several lines
};

// In the order they are printed; "layout", the table of segments, is the one group that has no rows.
inline constexpr std::string_view groups[] = {"identity", "entry", "linkage", "requires", "hardening", "layout"};

// What is left of a card in a hurry.
[[nodiscard]] bool is_essential(std::string_view key);

[[nodiscard]] std::vector<Row> rows_of(const inspect::Card& card);

// What the field of that key means in that format ("ELF", "PE", "Mach-O"); empty when there is nothing to say.
[[nodiscard]] std::string_view meaning(std::string_view key, std::string_view format);

}  // namespace abiscope::report
