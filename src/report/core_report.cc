#include "report/core_report.h"

#include <fmt/format.h>

#include "base/text.h"
#include "report/core_view.h"

namespace abiscope::report {

namespace {

std::string_view text_of(const Json& object, const char* name) {
    auto found = object.find(name);
    return found != object.end() && found->is_string() ? std::string_view(found->get_ref<const std::string&>()) : std::string_view();
}

// "0x1f", or nothing.
std::optional<std::uint64_t> number_of(const Json& object, const char* name) {
    std::string_view written = text_of(object, name);
    return written.starts_with("0x") ? text::parse_unsigned(written) : std::nullopt;
}

std::optional<rules::FactKind> kind_named(std::string_view name) {
    using rules::FactKind;
    for (FactKind kind : {FactKind::signal, FactKind::reg, FactKind::memory, FactKind::mapping, FactKind::unmapped, FactKind::derived}) {
        if (rules::to_string(kind) == name) return kind;
    }
    return std::nullopt;
}

// The members that facts_json() wrote for its kind; without one of them it is redacted.
std::optional<rules::ReportedCause::Line> read_fact(const Json& json) {
    if (!json.is_object()) return std::nullopt;
    auto kind = kind_named(text_of(json, "kind"));
    if (!kind) return std::nullopt;
    rules::ReportedCause::Line out;
    rules::Fact& fact = out.fact;
    fact.kind = *kind;
    fact.name = text_of(json, "name");
    fact.source = text_of(json, "source");
    fact.reading = text_of(json, "reading");
    fact.context = number_of(json, "context").value_or(0);
    out.redacted = json.contains("context") && fact.context == 0;
    bool has_value = fact.kind == rules::FactKind::signal || fact.kind == rules::FactKind::reg;
    bool has_address = !has_value && fact.kind != rules::FactKind::derived;
    if (auto value = number_of(json, "value")) fact.value = *value;
    else if (has_value) out.redacted = true;
    if (auto address = number_of(json, "address")) fact.address = *address;
    else if (has_address) out.redacted = true;
    if (fact.kind == rules::FactKind::memory) fact.text = text_of(json, "bytes");
    if (fact.kind == rules::FactKind::mapping) fact.text = text_of(json, "permissions");
    if (has_address && fact.kind != rules::FactKind::unmapped && fact.text.empty()) out.redacted = true;
    if (text_of(json, "redacted") == "yes") out.redacted = true;
    return out;
}

}  // namespace

Result<rules::ReportedCause> read_core_report(std::string_view text, std::string_view name) {
    auto refuse = [&](std::string what) {
        return fail(Error{.code = ErrorCode::bad_value,
                          .what = std::move(what),
                          .file = std::string(name),
                          .offset = Error::no_offset,
                          .wanted = {},
                          .had = {}});
    };
    Json document = Json::parse(text, nullptr, false);
    if (document.is_discarded() || !document.is_object()) return refuse("is not JSON as `abiscope core --json` writes it");
    const Json* result = &document;
    if (auto results = document.find("results"); results != document.end() && results->is_array()) {
        for (const Json& one : *results) {
            if (one.is_object() && one.contains("cause")) {
                result = &one;
                break;
            }
        }
    }
    auto cause = result->find("cause");
    if (cause == result->end() || !cause->is_object()) return refuse("names no cause: there is nothing to verify");
    rules::ReportedCause out;
    out.rule = text_of(*cause, "id");
    if (out.rule.empty()) return refuse("has a cause without an id");
    auto facts = cause->find("facts");
    if (facts == cause->end() || !facts->is_array()) return refuse("has a cause without facts");
    for (const Json& one : *facts) {
        auto fact = read_fact(one);
        if (!fact) return refuse("has a fact of a kind that this version does not know");
        out.facts.push_back(*std::move(fact));
    }
    if (auto process = result->find("process"); process != result->end() && process->is_object()) {
        auto pid = process->find("pid");
        if (pid != process->end() && pid->is_number_unsigned()) out.pid = pid->get<std::uint32_t>();
    }
    return out;
}

std::string verification_text(const rules::Verification& verification, const Style& style) {
    using rules::FactState;
    std::string out;
    if (verification.holds() && verification.complete())
        out += fmt::format("{} {}: every fact is in the dump, and the rules come to the same cause\n", style.paint(Tone::good, "holds:"),
                           style.rule(verification.reported));
    else if (verification.holds())
        out += fmt::format("{} {}: nothing contradicts the report, and not all of it could be looked up\n",
                           style.paint(Tone::warning, "cannot tell:"), style.rule(verification.reported));
    else
        out += fmt::format("{} {}: the report is not of this dump, or was changed\n", style.paint(Tone::bad, "does not hold:"),
                           text::printable(verification.reported));
    if (!verification.same_process())
        out += fmt::format("  {} it is of process {}, and the dump of process {}\n", style.paint(Tone::bad, "differs"),
                           verification.reported_pid, verification.pid);
    for (const rules::CheckedFact& one : verification.facts) {
        bool good = one.state == FactState::holds || one.state == FactState::concluded;
        Tone tone = good ? Tone::good : one.state == FactState::differs ? Tone::bad : Tone::warning;
        out +=
            fmt::format("  {} {}", style.paint(tone, fmt::format("{:13}", rules::to_string(one.state))), text::printable(one.fact.reading));
        if (!one.found.empty()) out += fmt::format(": the dump has {}", text::printable(one.found));
        out += "\n";
    }
    if (verification.found != verification.reported)
        out += fmt::format("  {} the rules come to {}\n", style.paint(Tone::bad, "differs"),
                           verification.found.empty() ? "no cause" : verification.found);
    return out;
}

Json verification_json(const rules::Verification& verification) {
    Json facts = Json::array();
    for (const rules::CheckedFact& one : verification.facts) {
        Json json = facts_json({one.fact}).front();
        json["state"] = rules::to_string(one.state);
        if (!one.found.empty()) json["found"] = one.found;
        facts.push_back(std::move(json));
    }
    std::string_view verdict = !verification.holds() ? "contradicted" : verification.complete() ? "holds" : "unknown";
    Json json{{"verdict", verdict}, {"reported", verification.reported}, {"facts", std::move(facts)}};
    if (!verification.found.empty()) json["found"] = verification.found;
    if (!verification.same_process()) json["process"] = {{"reported", verification.reported_pid}, {"found", verification.pid}};
    return json;
}

}  // namespace abiscope::report
