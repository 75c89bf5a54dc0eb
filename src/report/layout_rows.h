// Layouts side by side: equal ones as one column, the rows of different ones joined.
#pragma once

#include <string_view>
#include <vector>

#include "report/layout_view.h"

namespace abiscope::report {

// Profiles whose rows are the same.
struct LayoutGroup {
    std::vector<const ProfileLayout*> profiles;   // never empty
    [[nodiscard]] const std::vector<LayoutItem>& items() const { return profiles.front()->items; }
    [[nodiscard]] const abi::Layout& layout() const { return *profiles.front()->layout; }
};

[[nodiscard]] std::vector<LayoutGroup> layout_groups(const TypeLayouts& type);

// For each row of all groups, the item of each group, null where it has none. It looks into the groups' items.
struct JoinedRow {
    std::string_view key;
    std::vector<const LayoutItem*> cells;

    [[nodiscard]] const LayoutItem& any() const;
};

[[nodiscard]] std::vector<JoinedRow> join_rows(const std::vector<LayoutGroup>& groups);

}  // namespace abiscope::report
