// The x86 sweep over part of a section, in one straight run.
#pragma once

#include "disasm/lane.h"
#include "disasm/x86_fast.h"

namespace abiscope::disasm::x86 {

// `from`: where to start counting at once instead, because the piece before ended there. Reads nothing outside the section.
[[nodiscard]] LaneResult run_lane(const FastDecoder& decoder, const Section& section, const Piece& piece,
                                  std::size_t from = no_end);

}  // namespace abiscope::disasm::x86
