#include "rules/go_start.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "disasm/levels.h"
#include "loader/isa_check.h"

namespace abiscope::rules {

using loader::Verdict;

namespace {

loader::Problem problem_of(loader::ProblemKind kind, loader::Stage stage, const golang::BuildInfo& go, const loader::Program& program,
                           std::string setting) {
    loader::Problem out;
    out.kind = kind;
    out.stage = stage;
    out.object = program.path;
    out.places.push_back(
        {.file = program.path, .offset = go.file_offset, .size = 16, .path = "go/build information", .reading = std::move(setting)});
    return out;
}

void stop(loader::Outcome& outcome, loader::Problem problem, Verdict verdict) {
    outcome.verdict = verdict;
    outcome.stage = problem.stage;
    outcome.problems.push_back(std::move(problem));
}

// Its system calls mean other things to Linux, from the first one on (GOOS=freebsd: arch_prctl's number is sysarch's).
void for_another_system(const std::string& system, const golang::BuildInfo& go, const loader::Program& program,
                        const target::Target& target, loader::Outcome& outcome) {
    // Tried with Go 1.27 on Linux 6.18.
    constexpr std::array<std::string_view, 3> die{"freebsd", "netbsd", "dragonfly"};
    using target::Architecture;
    bool known = std::ranges::find(die, system) != die.end() &&
        (target.architecture == Architecture::amd64 || target.architecture == Architecture::i386);
    auto problem = problem_of(known ? loader::ProblemKind::killed_at_exec : loader::ProblemKind::evidence_missing, loader::Stage::runtime,
                              go, program, "GOOS=" + system);
    problem.reason = known ? fmt::format("it is a Go program for {}, whose system calls mean other things to Linux", system)
                           : fmt::format("what a Go program for {} does on Linux, to which its system calls mean other things", system);
    if (known) {
        outcome.message = {.text = "Segmentation fault", .exit_code = 139, .signal = "SIGSEGV", .error_name = {}};
    }
    stop(outcome, std::move(problem), known ? Verdict::fails : Verdict::unknown);
}

// runtime/asm_amd64.s, runtime·rt0_go: with GOAMD64=v2 and above.
void for_newer_processor(const golang::BuildInfo& go, const loader::Program& program, const target::Target& target,
                         loader::Outcome& outcome) {
    std::string setting = go.setting("GOAMD64");
    auto features = loader::cpu_features(target);
    if (setting.size() != 2 || setting[0] != 'v' || setting[1] < '2' || setting[1] > '4' || !features) return;
    const disasm::Level* level = disasm::find_level(disasm::Architecture::x86_64, "x86-64-" + setting);
    if (level == nullptr || features->contains(level->features)) return;
    auto problem = problem_of(loader::ProblemKind::isa_needed, loader::Stage::isa, go, program, "GOAMD64=" + setting);
    problem.subject = std::string(level->name);
    problem.certain = target.cpu.exact;
    problem.reason = fmt::format("This program can only be run on AMD64 processors with {} microarchitecture support.", setting);
    if (target.cpu.exact) {
        outcome.message = {.text = problem.reason, .exit_code = 1, .signal = {}, .error_name = {}};
    }
    stop(outcome, std::move(problem), target.cpu.exact ? Verdict::fails : Verdict::conditional);
}

}  // namespace

void check_go_start(const golang::BuildInfo& go, const loader::Program& program, const target::Target& target, loader::Outcome& outcome) {
    std::string system = go.setting("GOOS");
    if (!system.empty() && system != "linux" && system != "android") {
        for_another_system(text::printable(system), go, program, target, outcome);
        return;
    }
    if (target.architecture == target::Architecture::amd64) for_newer_processor(go, program, target, outcome);
}

}  // namespace abiscope::rules
