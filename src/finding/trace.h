// The way a decision was reached: every place tried, every one skipped and why, and the one chosen.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace abiscope::finding {

enum class StepAction : std::uint8_t { tried, skipped, chosen, failed };

struct Step {
    StepAction action = StepAction::tried;
    std::string what;      // usually a path
    std::string reason;    // "DT_RUNPATH of /app/bin/x", "wrong ELF class: ELFCLASS32"
};

using Trace = std::vector<Step>;

[[nodiscard]] std::string_view to_string(StepAction action);

}  // namespace abiscope::finding
