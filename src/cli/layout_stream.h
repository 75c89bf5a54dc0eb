// The types of a whole program, laid out and printed a few at a time: a program of 150,000 types takes no more memory than one of a
// thousand.
#pragma once

#include <vector>

#include "cli/context.h"
#include "cli/layout_answer.h"
#include "report/layout_view.h"

namespace abiscope::cli {

struct StreamOptions {
    report::LayoutOptions view;
    bool summary = false;              // only the sums
};

struct StreamedLayouts {
    report::LayoutSums sums;           // of the types that are shown
    bool cannot_tell = false;
};

// As text, in the order of request.sort; profiles as for lay_out_all().
[[nodiscard]] StreamedLayouts stream_layouts(const LayoutRequest& request, source::ProgramSource& program,
                                             const std::vector<abi::Profile>& profiles, const StreamOptions& options, Output& output);

}  // namespace abiscope::cli
