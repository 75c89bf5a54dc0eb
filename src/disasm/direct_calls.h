// Who calls a few functions of an x86 program, read off its bytes without decoding them: every CALL rel32 (E8), wherever it stands.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "disasm/code.h"

namespace abiscope::disasm {

// Addresses of such calls, rising. `targets` is sorted. A few may be bytes of other instructions.
[[nodiscard]] std::vector<std::uint64_t> direct_calls(const Code& code, std::span<const std::uint64_t> targets);

}  // namespace abiscope::disasm
