#include "finding/rule.h"

#include <algorithm>

#include "base/text.h"

namespace abiscope::finding {

std::optional<RuleId> find_rule(std::string_view name) {
    std::string wanted = text::lower(name);
    for (const Rule& candidate : all_rules()) {
        if (text::lower(candidate.name) == wanted) return candidate.id;
    }
    return std::nullopt;
}

const Rule& rule(RuleId id) { return all_rules()[static_cast<std::size_t>(id)]; }

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::info: return "info";
        case Severity::warning: return "warning";
        case Severity::error: return "error";
    }
    return "error";
}

}  // namespace abiscope::finding
