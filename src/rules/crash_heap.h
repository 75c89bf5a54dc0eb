// What the chunks of malloc's arenas say, after malloc ended the program.
#pragma once

#include <string_view>

#include "rules/crash_builder.h"

namespace abiscope::rules {

// Adds to a cause which chunk is damaged and which block lies in front of it; or that all are consistent; or why that is not known. `text`
// is what malloc printed. Whether all of them are consistent, to the end of every arena.
bool tell_heap(CauseBuilder& builder, core::Crash& crash, std::string_view text);

}  // namespace abiscope::rules
