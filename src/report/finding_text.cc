#include "report/finding_text.h"

#include <fmt/format.h>

#include "base/text.h"
#include "report/finding_words.h"

namespace abiscope::report {

namespace {

Tone tone_of(finding::Severity severity) {
    switch (severity) {
        case finding::Severity::error: return Tone::bad;
        case finding::Severity::warning: return Tone::warning;
        case finding::Severity::info: return Tone::accent;
    }
    return Tone::plain;
}

std::string_view verified_words(finding::Verified verified) {
    switch (verified) {
        case finding::Verified::cures: return "tried by simulation: cures it";
        case finding::Verified::advances: return "tried by simulation: cures this, a later stage fails";
        case finding::Verified::fails: return "tried by simulation: does not cure it";
        case finding::Verified::not_tried: return "not tried";
    }
    return "not tried";
}

Tone tone_of(finding::StepAction action) {
    switch (action) {
        case finding::StepAction::chosen: return Tone::good;
        case finding::StepAction::failed: return Tone::bad;
        case finding::StepAction::skipped: return Tone::faint;
        case finding::StepAction::tried: return Tone::plain;
    }
    return Tone::plain;
}

}  // namespace

std::string trace_text(const finding::Trace& trace, const Style& style, std::size_t indent) {
    std::string out;
    for (std::size_t i = 0; i < trace.size(); ++i) {
        const finding::Step& step = trace[i];
        out += fmt::format("{:{}}{:>2}. {} {}{}\n", "", indent, i + 1, style.paint(tone_of(step.action), padded(to_string(step.action), 7)), text::printable(step.what),
                           step.reason.empty() ? std::string() : style.paint(Tone::faint, "  (" + text::printable(step.reason) + ")"));
    }
    return out;
}

std::string finding_text(const finding::Finding& finding, const Style& style, bool trace) {
    const finding::Rule& rule = finding::rule(finding.rule());
    std::string out = fmt::format("{} {}\n", style.paint(tone_of(rule.severity), fmt::format("{}[{}]:", to_string(rule.severity), rule.name)), style.paint(Tone::strong, title(finding)));
    for (const finding::Evidence& evidence : finding.evidence()) {
        out += fmt::format("  {} {}\n", style.paint(Tone::accent, evidence.role == finding::EvidenceRole::contradicts ? "but" : "-->"), describe(evidence));
    }
    if (finding.confidence() != finding::Confidence::proven) {
        out += fmt::format("  {} {}: {}\n", style.paint(Tone::accent, "  ="), to_string(finding.confidence()), text::printable(finding.confidence_reason()));
    }
    for (const auto& rejected : finding.rejected()) {
        out += fmt::format("  {} not {} because {}\n", style.paint(Tone::accent, "  ="), text::printable(rejected.lookalike), text::printable(rejected.because));
    }
    if (trace && !finding.trace().empty()) out += "  looked at, in order:\n" + trace_text(finding.trace(), style, 4);
    for (const finding::Fix& fix : finding.fixes()) {
        out += fmt::format("  {} {}\n", style.paint(Tone::good, "help:"), fix.text);
        std::string note;
        if (fix.verified != finding::Verified::not_tried) note = verified_words(fix.verified);
        if (!fix.outcome.empty()) note += (note.empty() ? "" : "; ") + fix.outcome;
        if (!fix.side_effects.empty()) note += (note.empty() ? "" : "; ") + fix.side_effects;
        if (!note.empty()) out += fmt::format("        {}\n", style.paint(Tone::faint, fmt::format("({})", note)));
    }
    return out;
}

}  // namespace abiscope::report
