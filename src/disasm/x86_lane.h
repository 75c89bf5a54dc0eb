// The x86 sweep over parts of sections, each in one straight run.
#pragma once

#include <span>

#include "disasm/lane.h"
#include "disasm/x86_fast.h"

namespace abiscope::disasm::x86 {

struct LaneTask {
    const Section* section = nullptr;
    Piece piece;
    LaneResult result;
};

// Each task's result; several at a time. Reads nothing outside the sections.
void run_lanes(const FastDecoder& decoder, std::span<LaneTask> tasks);

// One task once more, from where the lane before it ended instead of a guess.
void run_again(const FastDecoder& decoder, LaneTask& task, const Carry& from);

}  // namespace abiscope::disasm::x86
