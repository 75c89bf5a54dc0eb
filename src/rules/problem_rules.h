// A problem of a simulated start as a finding: which rule it is, its arguments, and the places it is to be seen at.
#pragma once

#include "finding/finding.h"
#include "loader/outcome.h"

namespace abiscope::rules {

[[nodiscard]] finding::RuleId rule_of(loader::ProblemKind kind);

// `subject_path` is what the user calls the program: evidence in that file carries no file name of its own.
[[nodiscard]] finding::Finding finding_for(const loader::Problem& problem, std::string_view subject_path);

}  // namespace abiscope::rules
