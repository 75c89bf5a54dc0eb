#include <fmt/format.h>

#include "rules/fixes.h"
#include "target/cpu_levels.h"

namespace abiscope::rules {

using finding::Applicability;
using finding::Fix;
using finding::FixKind;

void fix_cpu(const loader::Problem& problem, const Situation& situation, std::vector<Fix>& out) {
    if (problem.kind == loader::ProblemKind::cpu_too_old_for_libc) {
        out.push_back({.kind = FixKind::source,
                       .applicability = Applicability::advice,
                       .text = "use a release of the distribution that is built for this CPU, or a container image of one",
                       .side_effects = {}});
        return;
    }
    bool arm = situation.target.architecture == target::Architecture::arm64;
    std::string text = situation.go ? (arm ? "GOARM64=v8.0 go build" : "GOAMD64=v1 go build")
        : arm ? "build for the oldest CPU it must run on: `-march=armv8-a` (gcc, clang), `-C target-cpu=generic` (rustc)"
              : "build for the oldest CPU it must run on: `-march=x86-64` (gcc, clang), `-C target-cpu=x86-64` (rustc)";
    Fix rebuild{
        .kind = FixKind::command,
        .applicability = Applicability::likely,
        .text = text,
        .side_effects = "slower where the new instructions helped; keep them behind a CPU check (target_clones, IFUNC) where that matters"};
    out.push_back(rebuild);
    Fix machine{.kind = FixKind::source,
                .applicability = Applicability::advice,
                .text = fmt::format("run it on a CPU with {}", problem.subject),
                .side_effects = {}};
    auto newest = target::find_cpu("x86-64-v4");
    // Only what is declared is read again by the simulation; instructions found by the sweep are not.
    if (problem.kind == loader::ProblemKind::isa_needed && newest) {
        try_fix(machine, problem, situation, {.program = {}, .target = [&](target::Target& target) { target.cpu = *newest; }});
    }
    out.push_back(machine);
}

}  // namespace abiscope::rules
