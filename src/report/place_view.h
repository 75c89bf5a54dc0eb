// What lies at an address of a crashed process, and which words of a Go frame are alive, in text and JSON.
#pragma once

#include <string>

#include "core/go_heap.h"
#include "core/live_slots.h"
#include "core/where.h"
#include "report/json.h"
#include "report/style.h"

namespace abiscope::report {

// `heap` may be null.
[[nodiscard]] std::string place_text(core::Crash& crash, const core::Place& place, const core::GoHeap* heap, const Style& style);
[[nodiscard]] Json place_json(core::Crash& crash, const core::Place& place);

// A line for each slot, and one where there is no exact answer. `heap` may be null.
[[nodiscard]] std::string slots_text(core::Crash& crash, const core::FrameSlots& slots, const core::GoHeap* heap, const Style& style);
[[nodiscard]] Json slots_json(core::Crash& crash, const core::FrameSlots& slots, const core::GoHeap* heap);

}  // namespace abiscope::report
