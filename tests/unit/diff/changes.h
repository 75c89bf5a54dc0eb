// What a comparison says, in words that tests can list.
#pragma once

#include <string>
#include <vector>

#include "diff/compare.h"
#include "support/small_surface.h"

namespace abiscope::diff {

// "breaking DIFF-SYMBOL-REMOVED draw"
inline std::vector<std::string> changes(const test::SmallSurface& old, const test::SmallSurface& now, const Options& options = {}) {
    std::vector<std::string> out;
    for (const Change& change : compare(old.surface, now.surface, options).changes)
        out.push_back(std::string(to_string(change.weight)) + " " + std::string(finding::rule(change.rule).name) + " " + change.subject);
    return out;
}

}  // namespace abiscope::diff
