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
        case finding::Verified::cures: return "tried by simulation";
        case finding::Verified::advances: return "tried by simulation: cures this";
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

constexpr std::uint64_t bytes_in_row = 16;
constexpr std::uint64_t most_guilty = 8;   // more than a field is a record, and a row of its bytes says nothing to anybody

std::string hex_digits(View bytes) {
    std::string out;
    for (std::byte byte : bytes.bytes()) out += fmt::format("{}{:02x}", out.empty() ? "" : " ", static_cast<unsigned>(byte));
    return out;
}

std::string letters(View bytes) {
    std::string out;
    for (std::byte byte : bytes.bytes()) {
        char c = static_cast<char>(byte);
        out += c >= ' ' && c <= '~' ? c : '.';
    }
    return out;
}

// The field in the row of the file that holds it, and what points at it.
std::string guilty_bytes(const finding::Evidence& evidence, View subject, const Style& style) {
    if (!evidence.file.empty() || !evidence.offset || !evidence.size || *evidence.size == 0 || *evidence.size > most_guilty) return {};
    if (evidence.path.ends_with(".d_val")) return {};   // an index into a table of strings: `reading` says which
    std::uint64_t start = *evidence.offset / most_guilty * most_guilty;
    View row = subject.clamped(start, bytes_in_row);
    if (*evidence.offset - start + *evidence.size > row.size()) return {};
    std::string place = fmt::format("{:#x}", start);
    std::string out = fmt::format("      {} {} {:<47}  {}\n", style.paint(Tone::faint, place), style.paint(Tone::accent, "|"),
                                  hex_digits(row), style.paint(Tone::faint, letters(row)));
    std::string carets(*evidence.size * 3 - 1, '^');
    return out +
        fmt::format("      {:{}} {} {:{}}{}\n", "", place.size(), style.paint(Tone::accent, "|"), "", (*evidence.offset - start) * 3,
                    style.paint(Tone::bad, carets));
}

}  // namespace

std::string trace_text(const finding::Trace& trace, const Style& style, std::size_t indent) {
    std::string out;
    for (std::size_t i = 0; i < trace.size(); ++i) {
        const finding::Step& step = trace[i];
        out += fmt::format("{:{}}{:>2}. {} {}{}\n", "", indent, i + 1, style.paint(tone_of(step.action), padded(to_string(step.action), 7)),
                           text::printable(step.what),
                           step.reason.empty() ? std::string() : style.paint(Tone::faint, "  (" + text::printable(step.reason) + ")"));
    }
    return out;
}

std::string finding_text(const finding::Finding& finding, const Style& style, bool trace, View subject) {
    const finding::Rule& rule = finding::rule(finding.rule());
    std::string out =
        fmt::format("{} {}\n", style.paint(tone_of(rule.severity), fmt::format("{}[{}]:", to_string(rule.severity), style.rule(rule.name))),
                    style.paint(Tone::strong, title_for_people(finding)));
    for (const finding::Evidence& evidence : finding.evidence()) {
        out += fmt::format("  {} {}\n", style.paint(Tone::accent, evidence.role == finding::EvidenceRole::contradicts ? "but" : "-->"),
                           describe(evidence));
        if (&evidence == &finding.evidence().front() && rule.severity == finding::Severity::error)
            out += guilty_bytes(evidence, subject, style);
    }
    if (finding.confidence() != finding::Confidence::proven) {
        out += fmt::format("  {} {}: {}\n", style.paint(Tone::accent, "  ="), to_string(finding.confidence()),
                           text::printable(finding.confidence_reason()));
    }
    for (const auto& rejected : finding.rejected()) {
        out += fmt::format("  {} not {} because {}\n", style.paint(Tone::accent, "  ="), text::printable(rejected.lookalike),
                           text::printable(rejected.because));
    }
    if (trace && !finding.trace().empty()) out += "  looked at, in order:\n" + trace_text(finding.trace(), style, 4);
    for (const finding::Fix& fix : finding.fixes()) {
        out += fmt::format("  {} {}\n", style.paint(Tone::good, "help:"), fix.text);
        std::string note;
        if (fix.verified != finding::Verified::not_tried) note = verified_words(fix.verified);
        if (!fix.outcome.empty()) note += (note.empty() ? "" : fix.verified == finding::Verified::cures ? ": " : ", ") + fix.outcome;
        if (!fix.side_effects.empty()) note += (note.empty() ? "" : "; ") + fix.side_effects;
        if (!note.empty()) out += fmt::format("        {}\n", style.paint(Tone::faint, fmt::format("({})", note)));
    }
    return out;
}

}  // namespace abiscope::report
