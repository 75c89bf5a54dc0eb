#include "rules/check.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/limits.h"
#include "loader/isa_check.h"
#include "rules/fixes.h"
#include "rules/go_start.h"
#include "rules/problem_rules.h"

namespace abiscope::rules {

namespace {

// A program may lack a hundred symbols: the first few are explained in full, the rest would say the same again.
constexpr std::size_t most_fixes_per_rule = 1;

// A version is asked for by a record; people want to know which calls are behind it.
void add_symbols_that_ask(const loader::Problem& problem, const Situation& situation, finding::Finding& finding) {
    constexpr std::size_t most_names = 8;
    loader::ModulePtr module = situation.program.module;
    bool by_program = problem.object == situation.program.path;
    if (!by_program) {
        auto opened = situation.cache.open(problem.object, {});
        module = opened ? opened->module : nullptr;
    }
    if (!module || module->image() == nullptr) return;
    std::vector<std::string> names;
    std::optional<std::uint64_t> first;
    for (const elf::Import& import : module->imports()) {
        if (import.version != problem.version || import.library != problem.subject) continue;
        names.push_back(text::printable(import.symbol.name));
        if (!first) first = import.index;
    }
    if (names.empty()) return;
    std::ranges::sort(names);
    std::string reading = fmt::format("{} of {}, asked for by {}", problem.version, problem.subject,
                                      text::join(std::span(names).first(std::min(names.size(), most_names)), ", "));
    if (names.size() > most_names) reading += fmt::format(" and {} more", names.size() - most_names);
    constexpr std::uint64_t entry = 2;   // Elf64_Half and Elf32_Half
    finding::Evidence evidence = finding::Evidence::value(
        fmt::format("elf/versym[{}]", *first), module->versions().symbol_versions.file_offset(*first * entry), entry, std::move(reading));
    if (!by_program) evidence.file = problem.object;
    finding.add(std::move(evidence));
}

bool wants_sweep(const CheckRequest& request, const target::Target& target, const loader::Outcome& outcome) {
    if (!request.sweep || request.program.module->image() == nullptr || target.os != target::Os::linux) return false;
    return outcome.verdict == loader::Verdict::runs || outcome.verdict == loader::Verdict::conditional;
}

// Static programs are few, and of others the processor matters alone.
bool may_be_go(const CheckRequest& request, const target::Target& target, const loader::Outcome& outcome) {
    const elf::Image* image = request.program.module ? request.program.module->image() : nullptr;
    if (image == nullptr || !request.go_of || target.os != target::Os::linux) return false;
    bool starts = outcome.verdict == loader::Verdict::runs || outcome.verdict == loader::Verdict::conditional;
    return starts && (request.sweep || !image->interpreter());
}

// Such a library may have been built for another processor than those of the system, whose folder a run path may name as well.
bool came_with_program(const loader::LoadedLibrary& library, const target::Target& target) {
    using enum loader::FoundBy;
    bool named = library.found_by == rpath || library.found_by == runpath || library.found_by == library_path ||
        (library.found_by == path && library.name.contains('/'));
    std::string_view folder = std::string_view(library.path).substr(0, library.path.rfind('/'));
    return named && std::ranges::find(target.libc.directories, folder) == target.libc.directories.end();
}

void sweep(const CheckRequest& request, const target::Target& target, loader::ModuleCache& cache, loader::Outcome& outcome) {
    const elf::Image& image = *request.program.module->image();
    loader::check_instructions(image, request.program.path, target, outcome);
    std::size_t left = default_limits.libraries;
    for (const loader::LoadedLibrary& library : outcome.libraries) {
        if (!came_with_program(library, target) || left == 0) continue;
        --left;
        auto opened = cache.open(library.path, target.user);
        if (opened && opened->module && opened->module->image() != nullptr)
            loader::check_instructions(*opened->module->image(), library.path, target, outcome);
    }
}

}  // namespace

Checked check(const CheckRequest& request, const target::Target& target, loader::ModuleCache& cache) {
    Checked out;
    out.outcome = loader::simulate(request.program, target, cache, request.options);
    std::optional<golang::BuildInfo> go;
    if (may_be_go(request, target, out.outcome)) go = request.go_of();
    if (go) check_go_start(*go, request.program, target, out.outcome);
    if (wants_sweep(request, target, out.outcome)) sweep(request, target, cache, out.outcome);

    if (out.outcome.problems.empty()) return out;

    Situation situation{
        .program = request.program, .target = target, .cache = cache, .options = request.options, .name = request.name, .go = {}};
    if (request.fixes && request.go_of) situation.go = go ? std::move(go) : request.go_of();
    situation.options.keep_traces = false;
    situation.options.keep_bindings = false;
    std::vector<std::pair<finding::RuleId, std::size_t>> explained;
    std::vector<const loader::Problem*> order;
    order.reserve(out.outcome.problems.size());
    for (const loader::Problem& problem : out.outcome.problems) order.push_back(&problem);
    std::ranges::stable_sort(order, {}, [](const loader::Problem* problem) { return problem->fatal ? 0 : 1; });
    for (const loader::Problem* problem : order) {
        finding::Finding finding = finding_for(*problem, request.program.path);
        if (problem->kind == loader::ProblemKind::isa_used && !problem->certain && !target.cpu.exact) {
            finding.confidence(finding::Confidence::likely,
                               "of the processor only the least it can have is known; name a model with --cpu to be sure");
        }
        if (problem->kind == loader::ProblemKind::version_missing) add_symbols_that_ask(*problem, situation, finding);
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
