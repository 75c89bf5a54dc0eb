#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "report/demangle.h"
#include "report/diff_view.h"
#include "report/finding_words.h"

namespace abiscope::report {

using diff::Change;
using diff::Class;

DiffCounts count(const diff::Comparison& comparison) {
    DiffCounts out;
    for (const Change& change : comparison.changes) {
        if (change.suppression) ++out.suppressed;
        else if (change.weight == Class::breaking) ++out.breaking;
        else if (change.weight == Class::risky) ++out.risky;
        else if (change.weight == Class::unknown) ++out.unknown;
        else ++out.harmless;
    }
    return out;
}

std::string_view verdict(const DiffCounts& counts) {
    return counts.breaking != 0 ? "breaking" : counts.unknown != 0 ? "unknown" : "compatible";
}

namespace {

Tone tone_of(Class weight) {
    switch (weight) {
        case Class::breaking: return Tone::bad;
        case Class::unknown:
        case Class::risky: return Tone::warning;
        case Class::harmless: return Tone::faint;
    }
    return Tone::plain;
}

std::string file_line(const surface::Surface& surface) {
    const inspect::Subject& subject = surface.subject;
    std::string out = fmt::format("{} ({} {}", text::printable(subject.path), subject.format, subject.arch);
    if (!subject.kind.empty()) out += " " + subject.kind;
    out += surface.symbols.empty() ? "; no symbols" : fmt::format("; {}: {}", surface.compared, surface.symbols.size());
    out += surface.missing.types.empty() ? "; types by " + (surface.profile.empty() ? std::string("no known ABI") : surface.profile)
                                         : "; no types";
    return out + ")\n";
}

class Writer {
public:
    Writer(const DiffView& view, const DiffOptions& options, const Style& style) : view_(view), options_(options), style_(style) {}

    std::string text() {
        out_ += style_.paint(Tone::strong, "OLD") + " " + file_line(view_.old);
        out_ += style_.paint(Tone::strong, "NEW") + " " + file_line(view_.now);
        for (Class weight : {Class::breaking, Class::unknown, Class::risky, Class::harmless}) {
            if (weight != Class::harmless || options_.harmless) changes(weight);
        }
        if (options_.suppressed) suppressed();
        not_compared();
        suppressions();
        sum();
        return std::move(out_);
    }

private:
    void changes(Class weight) {
        std::size_t shown = 0, all = 0;
        for (const Change& change : view_.comparison.changes) {
            if (change.weight != weight || change.suppression) continue;
            if (++all > options_.most && options_.most != 0) continue;
            ++shown;
            one(change);
        }
        if (shown < all) out_ += fmt::format("{}: {} more; --all prints them\n", to_string(weight), all - shown);
    }

    void line(std::string_view word, const std::string& text) {
        std::string start = fmt::format("  {} ", word);
        out_ += fmt::format("  {} {}\n", style_.paint(Tone::accent, word),
                            wrapped(text, static_cast<std::size_t>(std::max(style_.width, 60)) - start.size(), start.size()));
    }

    void one(const Change& change) {
        const finding::Rule& rule = finding::rule(change.rule);
        out_ += fmt::format("{} {}\n",
                            style_.paint(tone_of(change.weight), fmt::format("{}[{}]:", to_string(change.weight), style_.rule(rule.name))),
                            style_.paint(Tone::strong, filled_for_people(rule.title, change.arguments)));
        line("because", filled(rule.reason, change.arguments));
        if (!change.lowered.empty()) line("but", text::printable(change.lowered));
        if (change.reached_count != 0) {
            std::string names;
            for (const std::string& name : change.reached_by) names += (names.empty() ? "" : ", ") + demangled(name);
            if (change.reached_count > change.reached_by.size())
                names += fmt::format(" and {} more", change.reached_count - change.reached_by.size());
            line("reached by", names);
        }
    }

    void suppressed() {
        for (const Change& change : view_.comparison.changes) {
            if (!change.suppression) continue;
            const diff::Suppression& by = view_.suppressions[*change.suppression];
            const finding::Rule& rule = finding::rule(change.rule);
            out_ += fmt::format("suppressed {}[{}]: {}\n", to_string(change.weight), style_.rule(rule.name),
                                filled_for_people(rule.title, change.arguments));
            line("by", fmt::format("{} until {}: {}", text::printable(by.owner), diff::to_string(by.expires), text::printable(by.reason)));
        }
    }

    void not_compared() {
        std::vector<diff::NotCompared> types, of_others;
        for (const diff::NotCompared& one : view_.comparison.not_compared) (one.in_old && one.in_new ? of_others : types).push_back(one);
        if (!of_others.empty()) {
            std::string names;
            for (std::size_t i = 0; i < std::min<std::size_t>(of_others.size(), 5); ++i)
                names += fmt::format("{}{}", i == 0 ? "" : ", ", text::printable(of_others[i].type));
            if (of_others.size() > 5) names += fmt::format(" and {} more", of_others.size() - 5);
            out_ += fmt::format("not compared: {} of other libraries, which both files only declare: {}\n",
                                inspect::counted(of_others.size(), "type"), names);
        }
        if (types.empty()) return;
        std::string names;
        for (std::size_t i = 0; i < std::min<std::size_t>(types.size(), 5); ++i)
            names += fmt::format("{}{} (in {})", i == 0 ? "" : ", ", text::printable(types[i].type), types[i].in_old ? "OLD" : "NEW");
        if (types.size() > 5) names += fmt::format(" and {} more", types.size() - 5);
        out_ +=
            fmt::format("not compared: {} only one of the files knows the members of: {}\n", inspect::counted(types.size(), "type"), names);
    }

    void suppressions() {
        for (const diff::Suppression& one : view_.suppressions) {
            std::string where = fmt::format("{}: line {}", text::printable(view_.suppression_file), one.line);
            if (one.expired) {
                out_ += fmt::format("{} {}: it ended on {} and hides nothing any more (owner: {})\n",
                                    style_.paint(Tone::warning, "expired suppression"), where, diff::to_string(one.expires),
                                    text::printable(one.owner));
            } else if (one.hidden == 0) {
                out_ += fmt::format("{} {}: it hides nothing (owner: {})\n", style_.paint(Tone::warning, "unused suppression"), where,
                                    text::printable(one.owner));
            }
        }
    }

    void sum() {
        DiffCounts counts = count(view_.comparison);
        std::string line = fmt::format("{} and {} compared: ", inspect::counted(view_.comparison.symbols, "symbol"),
                                       inspect::counted(view_.comparison.types, "type"));
        std::string parts;
        auto add = [&](std::size_t number, std::string_view word) {
            if (number != 0) parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", number, word);
        };
        add(counts.breaking, "breaking");
        add(counts.unknown, "unknown");
        add(counts.risky, "risky");
        add(counts.harmless, "harmless");
        add(counts.suppressed, "suppressed");
        out_ += line + (parts.empty() ? std::string("no change") : parts) +
            (view_.comparison.same_bytes ? "; the files are the same, byte for byte\n" : "\n");
        if (counts.breaking != 0) out_ += style_.paint(Tone::bad, "NEW breaks programs built against OLD") + "\n";
        else if (counts.unknown != 0) out_ += style_.paint(Tone::warning, "cannot tell whether NEW can take the place of OLD") + "\n";
        else if (counts.risky != 0)
            out_ += style_.paint(Tone::warning, "NEW can take the place of OLD where the risky changes are acceptable") + "\n";
        else out_ += style_.paint(Tone::good, "NEW can take the place of OLD") + "\n";
    }

    const DiffView& view_;
    const DiffOptions& options_;
    const Style& style_;
    std::string out_;
};

}  // namespace

std::string diff_text(const DiffView& view, const DiffOptions& options, const Style& style) { return Writer(view, options, style).text(); }

}  // namespace abiscope::report
