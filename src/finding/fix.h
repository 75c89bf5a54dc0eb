// What cures a finding, and whether that was tried.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace abiscope::finding {

enum class FixKind : std::uint8_t { link_flag, command, environment, package, byte_patch, source };

enum class Applicability : std::uint8_t {
    safe,       // paste it: it cures this and changes nothing else
    likely,     // it cures this; read the side effects first
    applies_template,   // has a place to fill in, written <LIKE THIS>
    advice,     // a direction, not a command
};

enum class Verified : std::uint8_t {
    not_tried,     // cannot be simulated (a source change, a rebuild)
    cures,         // applied to the simulated target: the finding went away and the program runs
    advances,      // the finding went away, a later stage fails
    fails,         // the finding stayed
};

struct Fix {
    FixKind kind = FixKind::command;
    Applicability applicability = Applicability::advice;
    std::string text;            // the command, flag or advice, ready to paste where it is a command
    std::string side_effects;    // empty when there are none
    Verified verified = Verified::not_tried;
    std::string outcome;         // what the simulation said after the fix, one line; empty when not tried
};

[[nodiscard]] std::string_view to_string(FixKind kind);
[[nodiscard]] std::string_view to_string(Applicability applicability);
[[nodiscard]] std::string_view to_string(Verified verified);

}  // namespace abiscope::finding
