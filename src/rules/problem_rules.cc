#include "rules/problem_rules.h"

#include <fmt/format.h>

namespace abiscope::rules {

using finding::Confidence;
using finding::Evidence;
using finding::Finding;
using finding::RuleId;
using loader::ProblemKind;

RuleId rule_of(ProblemKind kind) {
    switch (kind) {
        case ProblemKind::not_executable: return RuleId::EXEC_PERMISSION_DENIED;
        case ProblemKind::format_refused: return RuleId::EXEC_FORMAT_REFUSED;
        case ProblemKind::interpreter_missing: return RuleId::EXEC_INTERPRETER_MISSING;
        case ProblemKind::interpreter_unusable: return RuleId::EXEC_INTERPRETER_UNUSABLE;
        case ProblemKind::other_exec_error: return RuleId::EXEC_OTHER_ERROR;
        case ProblemKind::killed_at_exec: return RuleId::EXEC_KILLED;
        case ProblemKind::library_missing: return RuleId::ELF_LIBRARY_MISSING;
        case ProblemKind::library_rejected: return RuleId::ELF_LIBRARY_REJECTED;
        case ProblemKind::version_missing: return RuleId::ELF_VERSION_MISSING;
        case ProblemKind::version_information_missing: return RuleId::ELF_VERSION_INFORMATION_MISSING;
        case ProblemKind::symbol_missing: return RuleId::ELF_SYMBOL_MISSING;
        case ProblemKind::symbol_size_differs: return RuleId::ELF_SYMBOL_SIZE_DIFFERS;
        case ProblemKind::relocation_unsupported: return RuleId::ELF_RELOCATION_UNSUPPORTED;
        case ProblemKind::relocation_failed: return RuleId::ELF_RELOCATION_FAILED;
        case ProblemKind::isa_needed: return RuleId::CPU_LEVEL_DECLARED;
        case ProblemKind::isa_used: return RuleId::CPU_FEATURE_USED;
        case ProblemKind::cpu_too_old_for_libc: return RuleId::CPU_TOO_OLD_FOR_LIBC;
        case ProblemKind::loader_assertion: return RuleId::LOADER_ASSERTION;
        case ProblemKind::crash: return RuleId::LOADER_CRASH;
        case ProblemKind::preload_ignored: return RuleId::LOADER_PRELOAD_IGNORED;
        case ProblemKind::os_not_simulated: return RuleId::TARGET_NOT_SIMULATED;
        case ProblemKind::evidence_missing: return RuleId::EVIDENCE_MISSING;
    }
    return RuleId::EVIDENCE_MISSING;
}

namespace {

Evidence evidence_for(const loader::Place& place, std::string_view subject_path) {
    Evidence evidence = place.offset ? Evidence::value(place.path, *place.offset, place.size, place.reading)
                                     : Evidence::environment(place.path, place.reading);
    if (place.file != subject_path) evidence.file = place.file;
    return evidence;
}

Evidence what_was_found(const loader::Problem& problem) {
    return Evidence::derived(problem.object.empty() ? std::string("simulation") : problem.object,
                             problem.reason.empty() ? std::string(to_string(problem.kind)) : problem.reason);
}

// What people take these for, because the message they see says so.
void reject_lookalikes(const loader::Problem& problem, Finding& finding) {
    switch (problem.kind) {
        case ProblemKind::format_refused:
            finding.rejecting("a crash", "execve refuses the file before any of its code runs: no signal, no core dump");
            break;
        case ProblemKind::interpreter_missing:
            finding.rejecting("a missing program", "the program was found and read; \"not found\" means the interpreter it names");
            break;
        case ProblemKind::version_missing:
            finding.rejecting("a missing library", problem.provider + " was found and opened; it is another release of it");
            break;
        default: break;
    }
}

}  // namespace

Finding finding_for(const loader::Problem& problem, std::string_view subject_path) {
    Finding finding(rule_of(problem.kind),
                    problem.places.empty() ? what_was_found(problem) : evidence_for(problem.places.front(), subject_path));
    for (std::size_t i = 1; i < problem.places.size(); ++i) finding.add(evidence_for(problem.places[i], subject_path));
    auto argument = [&](const char* name, const std::string& value) {
        // A name of the file may be empty; a title that has a place for it says so.
        if (!value.empty()) finding.with(name, value);
        else if (finding::rule(rule_of(problem.kind)).title.find(fmt::format("{{{}}}", name)) != std::string_view::npos)
            finding.with(name, std::string("\"\""));
    };
    argument("object", problem.object);
    argument("subject", problem.subject);
    argument("version", problem.version);
    argument("provider", problem.provider);
    argument("reason", problem.reason);
    argument("error", problem.error_name);
    finding.traced(problem.trace);
    reject_lookalikes(problem, finding);
    bool when_reached = problem.kind == ProblemKind::symbol_missing || problem.kind == ProblemKind::isa_used;
    bool about_processor = problem.kind == ProblemKind::isa_needed || problem.kind == ProblemKind::cpu_too_old_for_libc;
    // What the kernel decides from the file alone no other file of the target can change.
    bool by_header = problem.kind == ProblemKind::format_refused;
    std::string_view why = when_reached ? "happens only when the program gets there"
        : by_header                     ? "nobody asked such a system"
        : about_processor               ? "of the processor only the least it can have is known; name a model with --cpu to be sure"
                                        : "the target may hold more than is known of it";
    // What is known of a test before the instruction belongs to it.
    bool explained = problem.kind == ProblemKind::isa_used && !problem.reason.empty();
    if (!problem.certain) finding.confidence(Confidence::likely, explained ? fmt::format("{}; {}", why, problem.reason) : std::string(why));
    return finding;
}

}  // namespace abiscope::rules
