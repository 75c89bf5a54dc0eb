// One type under one profile: laid out, or as debug information records it.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/layout_answer.h"
#include "report/layout_view.h"

namespace abiscope::cli {

// `place` says which type of which table under which profile; one with an error stays as it is.
[[nodiscard]] report::ProfileLayout lay_out_one(report::ProfileLayout place);

// What the program's debug information says, under its own ABI; and what that ABI comes to, where that is not the same. Of a machine that
// is not known what is recorded stands alone.
[[nodiscard]] std::vector<report::ProfileLayout> lay_out_recorded(const report::ProfileLayout& place, bool known_machine);

// Whether a profile has no answer for it, or another than what is recorded.
[[nodiscard]] bool leaves_open(const report::TypeLayouts& type);

[[nodiscard]] bool is_shown(const LayoutRequest& request, const report::TypeLayouts& type);

// What LayoutRequest::sort orders by: the greatest first, then by name. Equal ones stay in the order of the source.
struct SortKey {
    std::uint64_t below = 0;           // the greatest there is, less the figure
    std::string name;
    friend auto operator<=>(const SortKey&, const SortKey&) = default;
};
[[nodiscard]] SortKey sort_key(const LayoutRequest& request, const report::TypeLayouts& type);

}  // namespace abiscope::cli
