// A #! line as evidence.
#pragma once

#include <string>

#include "loader/outcome.h"
#include "loader/simulate.h"

namespace abiscope::loader {

// The interpreter and its argument, as they stand behind #!.
[[nodiscard]] std::string words_of(const ScriptLine& line);
[[nodiscard]] Place place_of(const ScriptLine& line);

}  // namespace abiscope::loader
