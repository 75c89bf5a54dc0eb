// Commands that build a program again in another way, by the language it was written in.
#pragma once

#include <optional>

#include "finding/fix.h"
#include "rules/situation.h"

namespace abiscope::rules {

// A build that needs no library of the target: tried by striking out the interpreter and the dynamic section.
[[nodiscard]] finding::Fix static_build(const loader::Problem& problem, const Situation& situation);

// Where a separate debug file was handed over in place of the program it was split from.
[[nodiscard]] std::optional<finding::Fix> take_whole_program(const Situation& situation);

// A build for the target's own system and architecture. Cannot be simulated: there is no such file yet.
[[nodiscard]] finding::Fix build_for_target(const Situation& situation);

}  // namespace abiscope::rules
