#include "rules/check.h"

#include <algorithm>

#include "loader/isa_check.h"
#include "rules/fixes.h"
#include "rules/problem_rules.h"

namespace abiscope::rules {

namespace {

// A program may lack a hundred symbols: the first few are explained in full, the rest would say the same again.
constexpr std::size_t most_fixes_per_rule = 1;

bool wants_sweep(const CheckRequest& request, const target::Target& target, const loader::Outcome& outcome) {
    if (!request.sweep || request.program.module->image() == nullptr || target.os != target::Os::linux) return false;
    return outcome.verdict == loader::Verdict::runs || outcome.verdict == loader::Verdict::conditional;
}

}  // namespace

Checked check(const CheckRequest& request, const target::Target& target, loader::ModuleCache& cache) {
    Checked out;
    out.outcome = loader::simulate(request.program, target, cache, request.options);
    if (wants_sweep(request, target, out.outcome)) loader::check_instructions(*request.program.module->image(), request.program.path, target, out.outcome);

    if (out.outcome.problems.empty()) return out;

    Situation situation{.program = request.program, .target = target, .cache = cache, .options = request.options, .name = request.name, .go = {}};
    if (request.fixes && request.go_of) situation.go = request.go_of();
    situation.options.keep_traces = false;
    situation.options.keep_bindings = false;
    std::vector<std::pair<finding::RuleId, std::size_t>> explained;
    std::vector<const loader::Problem*> order;
    for (const loader::Problem& problem : out.outcome.problems) order.push_back(&problem);
    std::ranges::stable_sort(order, {}, [](const loader::Problem* problem) { return problem->fatal ? 0 : 1; });
    for (const loader::Problem* problem : order) {
        finding::Finding finding = finding_for(*problem, request.program.path);
        auto known = std::ranges::find(explained, finding.rule(), &std::pair<finding::RuleId, std::size_t>::first);
        if (known == explained.end()) known = explained.insert(explained.end(), {finding.rule(), 0});
        if (request.fixes && known->second++ < most_fixes_per_rule) {
            for (finding::Fix& fix : fixes_for(*problem, situation)) finding.add(std::move(fix));
        }
        out.findings.push_back(std::move(finding));
    }
    return out;
}

}  // namespace abiscope::rules
