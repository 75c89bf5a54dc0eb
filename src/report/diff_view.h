// A comparison as people and programs read it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "diff/compare.h"
#include "diff/suppressions.h"
#include "report/json.h"
#include "report/style.h"
#include "surface/surface.h"

namespace abiscope::report {

struct DiffView {
    const surface::Surface& old;
    const surface::Surface& now;
    const diff::Comparison& comparison;
    const std::vector<diff::Suppression>& suppressions;
    std::string suppression_file;
};

struct DiffOptions {
    std::size_t most = 30;          // changes of one class that are printed; 0: all
    bool harmless = false;          // print those too, not only their number
    bool suppressed = false;
};

// Changes that no suppression hides, by class.
struct DiffCounts {
    std::size_t breaking = 0, risky = 0, unknown = 0, harmless = 0, suppressed = 0;
};
[[nodiscard]] DiffCounts count(const diff::Comparison& comparison);

// "compatible", "breaking", "unknown": what the exit code says in a word.
[[nodiscard]] std::string_view verdict(const DiffCounts& counts);

[[nodiscard]] std::string diff_text(const DiffView& view, const DiffOptions& options, const Style& style);
[[nodiscard]] Json diff_json(const DiffView& view);

}  // namespace abiscope::report
