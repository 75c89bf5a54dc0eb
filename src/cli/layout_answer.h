// What `layout` answers of one source: each of its types under each profile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abi/profile.h"
#include "base/result.h"
#include "cli/declared_options.h"
#include "cli/layout_boundary.h"
#include "report/layout_view.h"

namespace abiscope::cli {

struct LayoutRequest {
    std::vector<std::string> types;   // patterns; empty: all that the source itself defines
    std::string sort = "source";
    std::uint64_t min_waste = 0;
    bool differs_only = false;
    const Boundary* boundary = nullptr;   // of a program: only what crosses it
};

struct LayoutAnswer {
    std::vector<report::TypeLayouts> types;
    std::vector<std::string> not_found;   // cross the boundary, and are no type of the program's
    bool cannot_tell = false;
};

// `profiles` outlive the answer. Of a program the first is its own: `machine_profile()` where its machine has none. The error of the
// source when no profile's compiler accepts it.
[[nodiscard]] Result<LayoutAnswer> lay_out_all(const LayoutRequest& request, const NamedSource& from,
                                               const std::vector<abi::Profile>& profiles);

// Stands for a machine without a profile: a name for what a program records, and nothing to lay out by.
[[nodiscard]] abi::Profile machine_profile(const debuginfo::ProgramAbi& own);

}  // namespace abiscope::cli
