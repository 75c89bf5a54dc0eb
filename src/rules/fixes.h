// What cures each kind of problem, tried by simulation wherever a change can be simulated.
#pragma once

#include <vector>

#include "finding/finding.h"
#include "rules/situation.h"

namespace abiscope::rules {

[[nodiscard]] std::vector<finding::Fix> fixes_for(const loader::Problem& problem, const Situation& situation);

// One family each.
void fix_exec(const loader::Problem& problem, const Situation& situation, std::vector<finding::Fix>& out);
void fix_library(const loader::Problem& problem, const Situation& situation, std::vector<finding::Fix>& out);
void fix_version(const loader::Problem& problem, const Situation& situation, std::vector<finding::Fix>& out);
void fix_symbol(const loader::Problem& problem, const Situation& situation, std::vector<finding::Fix>& out);
void fix_cpu(const loader::Problem& problem, const Situation& situation, std::vector<finding::Fix>& out);

}  // namespace abiscope::rules
