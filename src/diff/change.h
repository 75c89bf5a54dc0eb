// One thing that differs between two builds, and what it does to programs built against the old one. Typed data; prose is made in report/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "finding/finding.h"

namespace abiscope::diff {

// In the order of weight. `unknown`: a part of the question that could not be answered.
enum class Class : std::uint8_t { harmless, risky, unknown, breaking };
[[nodiscard]] std::string_view to_string(Class value);

enum class About : std::uint8_t { file, symbol, type };
[[nodiscard]] std::string_view to_string(About value);

// The class of a rule is its severity: error is breaking, warning risky, info harmless. The rules about missing evidence are `unknown`.
[[nodiscard]] Class class_of(finding::RuleId rule);

struct Change {
    finding::RuleId rule;
    Class weight = Class::harmless;                  // the rule's, or less
    std::string lowered;                             // why it is less; empty: it is the rule's
    About about = About::file;
    std::string subject;                             // symbol, name@version; type, as its language writes it
    std::vector<finding::NamedArgument> arguments;   // of the rule's title and reason
    std::vector<std::string> reached_by;             // of a type: exported symbols that lead to it, the first few
    std::size_t reached_count = 0;                   // all of them
    std::optional<std::size_t> suppression;          // which one hides it

    Change(finding::RuleId id, About what, std::string name) : rule(id), weight(class_of(id)), about(what), subject(std::move(name)) {
        arguments.push_back({"subject", subject});
    }

    template <typename T>
    Change&& with(std::string name, T&& value) && {
        arguments.push_back({std::move(name), finding::Argument(std::forward<T>(value))});
        return std::move(*this);
    }
};

inline constexpr std::size_t most_reached = 5;   // names in Change::reached_by

}  // namespace abiscope::diff
