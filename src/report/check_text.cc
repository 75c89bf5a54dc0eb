#include "report/check_text.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "loader/isa_check.h"
#include "report/demangle.h"
#include "report/finding_text.h"

namespace abiscope::report {

namespace {

constexpr std::size_t most_findings = 12;

Tone tone_of(loader::Verdict verdict) {
    switch (verdict) {
        case loader::Verdict::runs: return Tone::good;
        case loader::Verdict::fails: return Tone::bad;
        case loader::Verdict::conditional:
        case loader::Verdict::unknown: return Tone::warning;
    }
    return Tone::plain;
}

std::string message_text(const loader::Outcome& outcome, const Style& style) {
    const loader::Message& message = outcome.message;
    bool by_execve = outcome.stage == loader::Stage::kernel || outcome.stage == loader::Stage::interpreter;
    std::string_view caller = message.error_name.starts_with("ERROR_") ? "CreateProcess" : "execve";
    bool nothing_known = message.text.empty() && !message.exit_code && message.signal.empty();
    if (nothing_known && by_execve && outcome.verdict == loader::Verdict::fails && !message.error_name.empty()) {
        return fmt::format("  {} says {}; what the shell makes of it is not known for this target\n", caller, message.error_name);
    }
    if (nothing_known) return {};
    bool still_runs = outcome.verdict == loader::Verdict::runs ||
        (!message.exit_code && message.signal.empty() && std::ranges::none_of(outcome.problems, &loader::Problem::fatal));
    std::string how = still_runs ? "on standard error"
        : outcome.verdict == loader::Verdict::conditional
        ? fmt::format("what the user sees if it does not {}", outcome.as_library ? "load" : "run")
        : "what the user sees";
    if (!still_runs && message.exit_code) how += fmt::format(", exit code {}", *message.exit_code);
    if (!message.signal.empty()) how += fmt::format(", killed by {}", message.signal);
    if (!message.error_name.empty() && by_execve) how += fmt::format(", {} says {}", caller, message.error_name);
    std::string out = fmt::format("  {}:\n", how);
    if (message.text.empty()) return out + style.paint(Tone::faint, "    (nothing is printed)") + "\n";
    for (std::string_view line : text::split(message.text, "\n"))
        out += fmt::format("    {} {}\n", style.paint(Tone::accent, "|"), text::printable(line));
    return out;
}

std::string found_words(const loader::LoadedLibrary& library) {
    // The detail of these two says it all.
    bool detail_is_enough = library.found_by == loader::FoundBy::default_directory || library.found_by == loader::FoundBy::cache;
    if (detail_is_enough && !library.found_detail.empty()) return text::printable(library.found_detail);
    std::string out(to_string(library.found_by));
    std::ranges::replace(out, '_', ' ');
    if (!library.found_detail.empty()) out += ": " + text::printable(library.found_detail);
    return out;
}

std::string arrow(const loader::LoadedLibrary& library) {
    std::string name = text::printable(library.name);
    return library.name == library.path ? name : name + " => " + text::printable(library.path);
}

// A library that is nowhere has its search in the problem.
const finding::Trace& search_of(const loader::LoadedLibrary& library, const loader::Outcome& outcome) {
    if (!library.trace.empty() || !library.path.empty()) return library.trace;
    auto problem = std::ranges::find_if(outcome.problems, [&](const loader::Problem& one) {
        return one.kind == loader::ProblemKind::library_missing && one.subject == library.name;
    });
    return problem == outcome.problems.end() ? library.trace : problem->trace;
}

void tree(const loader::Outcome& outcome, const std::string& parent, const std::string& indent, const Style& style, bool all_traces,
          std::vector<bool>& shown, std::string& out) {
    for (std::size_t i = 0; i < outcome.libraries.size(); ++i) {
        const loader::LoadedLibrary& library = outcome.libraries[i];
        if (shown[i] || library.requester != parent || library.found_by == loader::FoundBy::program) continue;
        shown[i] = true;
        if (library.path.empty()) {
            out += fmt::format("{}{} {}\n", indent, text::printable(library.name), style.paint(Tone::bad, "not found"));
        } else {
            out += fmt::format("{}{} {}\n", indent, arrow(library), style.paint(Tone::faint, "(" + found_words(library) + ")"));
        }
        if (all_traces || library.path.empty()) out += trace_text(search_of(library, outcome), style, indent.size() + 4);
        if (!library.path.empty()) tree(outcome, library.path, indent + "  ", style, all_traces, shown, out);
    }
}

}  // namespace

std::string verdict_words(const loader::Outcome& outcome) {
    bool library = outcome.as_library;
    switch (outcome.verdict) {
        case loader::Verdict::runs: return library ? "will load" : "will run";
        case loader::Verdict::fails:
            return fmt::format("will not {}: stops at the {} stage", library ? "load" : "run", to_string(outcome.stage));
        case loader::Verdict::conditional:
            return fmt::format("{} on a condition: {}", library ? "loads" : "runs", to_string(outcome.stage));
        case loader::Verdict::unknown: return fmt::format("cannot tell: {}", to_string(outcome.stage));
    }
    return "cannot tell";
}

std::string check_text(const CheckedFile& one, const Style& style, bool verbose) {
    std::string out = fmt::format("{} on {}: {}\n", style.paint(Tone::strong, text::printable(one.subject.path)), one.target,
                                  style.paint(tone_of(one.outcome.verdict), verdict_words(one.outcome)));
    out += message_text(one.outcome, style);
    std::size_t shown = 0;
    for (const finding::Finding& finding : one.findings) {
        if (!verbose && ++shown > most_findings) break;
        out += finding_text(finding, style, verbose || finding.severity() == finding::Severity::error,
                            one.source ? one.source->view() : View());
    }
    if (!verbose && one.findings.size() > most_findings)
        out += fmt::format("  and {} more findings like these (--verbose shows them)\n", one.findings.size() - most_findings);
    // A verdict that rests on tests of the CPU is never given without saying so.
    bool explain = verbose || one.outcome.verdict != loader::Verdict::runs;
    for (const std::string& assumption : one.outcome.assumptions) {
        if (explain || loader::is_about_instructions(assumption))
            out += fmt::format("  {} {}\n", style.paint(Tone::faint, "assumed:"), text::printable(assumption));
    }
    return out;
}

std::string matrix_text(const std::vector<MatrixCell>& answers, const Style& style) {
    std::vector<std::string> targets;
    for (const MatrixCell& answer : answers) {
        if (std::ranges::find(targets, answer.target) == targets.end()) targets.push_back(answer.target);
    }
    if (targets.size() < 2) return {};
    // A file asked about twice has one row, and the last answer.
    std::vector<std::string_view> files;
    std::unordered_map<std::string_view, std::vector<const MatrixCell*>> rows;
    for (const MatrixCell& answer : answers) {
        auto [row, is_new] = rows.try_emplace(answer.file, targets.size());
        if (is_new) files.push_back(answer.file);
        row->second[static_cast<std::size_t>(std::ranges::find(targets, answer.target) - targets.begin())] = &answer;
    }
    std::size_t first = 4;
    for (std::string_view file : files) first = std::max(first, columns(text::printable(file)));
    std::string out = "\n" + style.paint(Tone::faint, padded("", first));
    std::vector<std::size_t> widths;
    for (const std::string& target : targets) {
        widths.push_back(std::max<std::size_t>(columns(target), 18));
        out += "  " + style.paint(Tone::strong, padded(target, widths.back()));
    }
    while (out.ends_with(' ')) out.pop_back();
    out += '\n';
    for (std::string_view file : files) {
        out += padded(text::printable(file), first);
        const std::vector<const MatrixCell*>& row = rows.at(file);
        for (std::size_t i = 0; i < targets.size(); ++i) {
            std::string word = "-";
            Tone tone = Tone::faint;
            if (const MatrixCell* answer = row[i]; answer != nullptr) {
                word = answer->verdict == loader::Verdict::runs
                    ? "runs"
                    : fmt::format("{}: {}", to_string(answer->verdict), to_string(answer->stage));
                tone = tone_of(answer->verdict);
            }
            out += "  " + style.paint(tone, padded(word, widths[i]));
        }
        while (out.ends_with(' ')) out.pop_back();
        out += '\n';
    }
    return out;
}

std::string resolve_text(const CheckedFile& one, const Style& style, bool all_traces, bool symbols) {
    std::string out = fmt::format("{} on {}: {}\n", style.paint(Tone::strong, text::printable(one.subject.path)), one.target,
                                  style.paint(tone_of(one.outcome.verdict), verdict_words(one.outcome)));
    std::vector<bool> shown(one.outcome.libraries.size(), false);
    std::string root;
    for (const loader::LoadedLibrary& library : one.outcome.libraries) {
        if (library.found_by == loader::FoundBy::program) root = library.path;
    }
    tree(one.outcome, root, "  ", style, all_traces, shown, out);
    for (std::size_t i = 0; i < shown.size(); ++i) {
        // What nobody in the tree asked for: preloads, the loader itself, the vDSO.
        const loader::LoadedLibrary& library = one.outcome.libraries[i];
        if (shown[i] || library.found_by == loader::FoundBy::program) continue;
        out += fmt::format("  {} {}\n", arrow(library), style.paint(Tone::faint, "(" + found_words(library) + ")"));
    }
    if (symbols) {
        for (const loader::Binding& binding : one.outcome.bindings) {
            std::string name = demangled(binding.symbol) + (binding.version.empty() ? "" : "@" + text::printable(binding.version));
            out += fmt::format("  {}: {} -> {} {}\n", text::printable(binding.from), name,
                               binding.to.empty() ? style.paint(Tone::bad, binding.kind == "weak" ? "nobody (weak)" : "nobody")
                                                  : text::printable(binding.to),
                               style.paint(Tone::faint, "(" + binding.kind + ")"));
        }
    }
    out += message_text(one.outcome, style);
    // The tree shows the search already, and cures are what `check` is for.
    for (const finding::Finding& finding : one.findings) {
        bool wanted = finding.severity() == finding::Severity::error || one.outcome.verdict == loader::Verdict::unknown;
        if (wanted) out += finding_text(finding, style, false, one.source ? one.source->view() : View());
    }
    return out;
}

}  // namespace abiscope::report
