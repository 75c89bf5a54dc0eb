// A report of a crash against the dump it was made of: every fact is looked up again where the report says it is, and the rules are asked
// again.
#pragma once

#include <string>
#include <vector>

#include "rules/crash.h"

namespace abiscope::rules {

enum class FactState : std::uint8_t {
    holds,
    reworded,       // it does, and the words about it are not those of the rules
    differs,        // the dump says something else
    not_there,      // the dump, or the files that are here, do not say
    concluded,      // derived, and the rules conclude it again
    not_concluded,  // derived, and they do not
    redacted,       // the report does not say what it was
};
[[nodiscard]] std::string_view to_string(FactState state);

struct CheckedFact {
    Fact fact;
    FactState state = FactState::not_there;
    std::string found;   // what there is instead
};

// What a report says.
struct ReportedCause {
    std::string rule;    // empty: it names no cause
    struct Line {
        Fact fact;
        bool redacted = false;
    };
    std::vector<Line> facts;
    std::uint32_t pid = 0;   // 0: it does not say
};

struct Verification {
    std::string reported;   // rule
    std::string found;      // rule that the dump leads to now; empty: none
    std::uint32_t reported_pid = 0, pid = 0;
    std::vector<CheckedFact> facts;

    [[nodiscard]] std::size_t count(FactState state) const;
    [[nodiscard]] bool same_process() const { return reported_pid == 0 || reported_pid == pid; }
    // Nothing contradicts the report.
    [[nodiscard]] bool holds() const { return same_process() && reported == found && count(FactState::differs) == 0; }
    // And nothing is left that could not be looked up.
    [[nodiscard]] bool complete() const {
        return count(FactState::reworded) + count(FactState::not_there) + count(FactState::not_concluded) + count(FactState::redacted) == 0;
    }
};

[[nodiscard]] Verification verify(core::Crash& crash, const ReportedCause& reported);

}  // namespace abiscope::rules
