#include "diff/change.h"

namespace abiscope::diff {

std::string_view to_string(Class value) {
    switch (value) {
        case Class::harmless: return "harmless";
        case Class::risky: return "risky";
        case Class::unknown: return "unknown";
        case Class::breaking: return "breaking";
    }
    return "unknown";
}

std::string_view to_string(About value) {
    switch (value) {
        case About::file: return "file";
        case About::symbol: return "symbol";
        case About::type: return "type";
    }
    return "file";
}

Class class_of(finding::RuleId rule) {
    using finding::RuleId;
    switch (rule) {
        case RuleId::DIFF_NO_DEBUG_INFORMATION:
        case RuleId::DIFF_SYMBOL_NOT_DESCRIBED:
        case RuleId::DIFF_TYPE_NOT_DESCRIBED:
        case RuleId::DIFF_DEBUG_INFORMATION_DAMAGED:
        case RuleId::DIFF_CALL_NOT_PLACED: return Class::unknown;
        default: break;
    }
    switch (finding::rule(rule).severity) {
        case finding::Severity::error: return Class::breaking;
        case finding::Severity::warning: return Class::risky;
        case finding::Severity::info: return Class::harmless;
    }
    return Class::breaking;
}

}  // namespace abiscope::diff
