#include "loader/exec_elsewhere.h"

#include <utility>

#include <fmt/format.h>

namespace abiscope::loader {

Outcome not_simulated(const Program& program, std::string what) {
    Outcome outcome;
    outcome.verdict = Verdict::unknown;
    outcome.stage = Stage::libraries;
    outcome.problems.push_back({.kind = ProblemKind::os_not_simulated,
                                .stage = Stage::libraries,
                                .object = program.path,
                                .reason = std::move(what),
                                .places = {{program.path, std::nullopt, 0, "file", "the headers are acceptable"}},
                                .trace = {}});
    return outcome;
}

KernelAnswer exec_elsewhere(const Program& program, const target::Target& target) {
    KernelAnswer answer;
    if (program.module == nullptr || program.module->description() != nullptr) {
        answer.outcome = not_simulated(program, fmt::format("the bytes of {} are not known", program.path));
    } else if (target.os == target::Os::windows) {
        answer.outcome = exec_windows(program, target);
    } else if (target.os == target::Os::macos) {
        answer.outcome = exec_macos(program, target);
    } else {
        answer.outcome = not_simulated(program, "the target's operating system is not known");
    }
    return answer;
}

}  // namespace abiscope::loader
