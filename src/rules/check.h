// Will this program run on that machine: the simulation, the instruction sweep, and the findings with fixes that were tried.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "finding/finding.h"
#include "golang/buildinfo.h"
#include "loader/simulate.h"

namespace abiscope::rules {

struct CheckRequest {
    loader::Program program;
    std::string name;                          // what the user calls it
    loader::Options options;
    bool sweep = true;                         // read all executable code; loader::sweep_worthwhile tells when it can be left out
    bool fixes = true;
    // The build information of a Go program. Asked when a fix is looked for, of static programs, and where the processor matters.
    std::function<std::optional<golang::BuildInfo>()> go_of;
};

struct Checked {
    loader::Outcome outcome;
    std::vector<finding::Finding> findings;    // fatal ones first
};

[[nodiscard]] Checked check(const CheckRequest& request, const target::Target& target, loader::ModuleCache& cache);

}  // namespace abiscope::rules
