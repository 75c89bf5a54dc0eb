// The x86 sweep over part of a section, in one straight run.
#pragma once

#include <optional>

#include "disasm/lane.h"
#include "disasm/x86_fast.h"

namespace abiscope::disasm::x86 {

// `from`: where the lane before ended, to go on from there instead of guessing. Reads nothing outside the section.
[[nodiscard]] LaneResult run_lane(const FastDecoder& decoder, const Section& section, const Piece& piece,
                                  const std::optional<Carry>& from = {});

}  // namespace abiscope::disasm::x86
