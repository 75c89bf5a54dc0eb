#include "rules/fixes.h"

#include <utility>

#include "rules/rebuild.h"

namespace abiscope::rules {

using loader::ProblemKind;

std::vector<finding::Fix> fixes_for(const loader::Problem& problem, const Situation& situation) {
    std::vector<finding::Fix> out;
    if (problem.stage == loader::Stage::kernel || problem.stage == loader::Stage::interpreter) {
        if (auto whole = take_whole_program(situation)) return {*std::move(whole)};
    }
    switch (problem.kind) {
        case ProblemKind::not_executable:
        case ProblemKind::format_refused:
        case ProblemKind::interpreter_missing:
        case ProblemKind::interpreter_unusable: fix_exec(problem, situation, out); break;
        case ProblemKind::library_missing:
        case ProblemKind::library_rejected:
        case ProblemKind::preload_ignored: fix_library(problem, situation, out); break;
        case ProblemKind::version_missing: fix_version(problem, situation, out); break;
        case ProblemKind::symbol_missing: fix_symbol(problem, situation, out); break;
        case ProblemKind::isa_needed:
        case ProblemKind::isa_used:
        case ProblemKind::cpu_too_old_for_libc: fix_cpu(problem, situation, out); break;
        default: break;   // the rule's page has the advice
    }
    return out;
}

}  // namespace abiscope::rules
