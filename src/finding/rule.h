// The catalogue of everything abiscope can find. One page per rule in rules/NAME.md is the source; tools/generate_rules.py turns the
// pages into RuleId and the table behind rule(), so a rule without a page, or a page nobody can raise, does not build.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "finding/rule_ids.h"   // generated: enum class RuleId

namespace abiscope::finding {

enum class Severity : std::uint8_t { info, warning, error };

struct Rule {
    RuleId id;
    std::string_view name;          // ELF-VERSION-MISSING
    Severity severity;
    std::string_view applies_to;    // "elf", "pe", "macho", "any"
    std::string_view title;         // one line with {argument} places, filled from Finding::arguments by report/
    std::string_view reason;        // why it matters, in one clause with {argument} places; empty where the page alone says so
    std::string_view page;          // the whole page, Markdown
};

[[nodiscard]] const Rule& rule(RuleId id);
[[nodiscard]] std::span<const Rule> all_rules();                         // ordered by name
[[nodiscard]] std::optional<RuleId> find_rule(std::string_view name);    // case-insensitive

[[nodiscard]] std::string_view to_string(Severity severity);

}  // namespace abiscope::finding
