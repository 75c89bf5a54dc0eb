// What the chunks of malloc's arenas say, after malloc ended the program or met a fault.
#pragma once

#include <string_view>

#include "rules/crash_builder.h"

namespace abiscope::rules {

enum class HeapWords {
    sound,      // the headers of all chunks are consistent, to the end of every arena
    unsound,    // one is not, or that is not known of all
    no_heap,    // no arena was found
};

// Adds to a cause which chunk is damaged and which block lies in front of it; or that all are consistent; or why that is not known.
HeapWords tell_chunks(CauseBuilder& builder, core::Crash& crash);

// The same, and what is to be said of `text`, which malloc printed.
HeapWords tell_heap(CauseBuilder& builder, core::Crash& crash, std::string_view text);

// Of a fault within malloc's own code: that its records are damaged, and which.
void tell_own_records(CauseBuilder& builder, core::Crash& crash);

}  // namespace abiscope::rules
