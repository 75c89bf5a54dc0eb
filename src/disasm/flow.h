// Direct control flow inside one function.
#pragma once

#include <cstdint>

#include "disasm/code.h"
#include "disasm/decoder.h"

namespace abiscope::disasm {

// Instructions looked at before a question about flow is given up.
inline constexpr std::size_t flow_max_instructions = 20'000;

// Whether `address` is an instruction that can be reached from the start of function `index` by going on, past calls, and along direct
// jumps within the function. A table jump ends the search on its path, so "no" means "not shown".
[[nodiscard]] bool flows_to(const Code& code, const Decoder& decoder, std::size_t index, std::uint64_t address);

}  // namespace abiscope::disasm
