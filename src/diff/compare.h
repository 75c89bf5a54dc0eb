// Two surfaces to the list of what changed. Pure.
#pragma once

#include <string>
#include <vector>

#include "diff/change.h"
#include "surface/surface.h"

namespace abiscope::diff {

struct Options {
    std::vector<std::string> symbols;   // only symbols whose name matches one of these globs, and the types they lead to; empty: all
    std::vector<std::string> headers;   // globs of files whose types are public; empty: all types are
};

// A type of which one of the files knows only the name, so that its members could not be compared. No change.
struct NotCompared {
    std::string type;
    bool in_old = false;                // OLD only declares it
    bool in_new = false;                // NEW only declares it
};

struct Comparison {
    std::vector<Change> changes;        // by weight, the heaviest first; then files, symbols, types, each by name
    std::vector<NotCompared> not_compared;
    std::size_t symbols = 0;            // of OLD that were looked for in NEW
    std::size_t types = 0;              // pairs of types that were compared
    bool same_bytes = false;            // OLD and NEW are one file: nothing is left to doubt, whatever it does not describe
};

[[nodiscard]] Comparison compare(const surface::Surface& old, const surface::Surface& now, const Options& options);

}  // namespace abiscope::diff
