// Changes that somebody answers for, with a reason and until a date. docs/diff.md describes the file.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "diff/change.h"

namespace abiscope::diff {

struct Suppression {
    std::string rule;                       // globs; empty: any
    std::string symbol;
    std::string type;
    std::string owner;
    std::string reason;
    std::chrono::year_month_day expires{};  // the last day on which it holds
    std::size_t line = 0;                   // in the file, from 1
    std::size_t hidden = 0;                 // changes it hides
    bool expired = false;
};

// Errors: bad_value with the line, for what is no such file, an entry that lacks an owner, a reason or a date or names nothing, and for a
// key that is not known. `name` is the file's, for the error.
[[nodiscard]] Result<std::vector<Suppression>> read_suppressions(std::string_view text, const std::string& name);

// Notes in each change which of them hides it, and in each of them how many it hides. One whose last day is before `today` hides nothing.
void apply_suppressions(std::vector<Suppression>& suppressions, std::chrono::year_month_day today, std::vector<Change>& changes);

// "2026-11-26"
[[nodiscard]] std::string to_string(std::chrono::year_month_day day);

}  // namespace abiscope::diff
