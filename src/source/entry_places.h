// Where debug information puts a parameter at the first instruction of its function, held against where a computed call has it travel.
#pragma once

#include <cstdint>

#include "abi/call.h"
#include "abi/profile.h"
#include "dwarf/functions.h"

namespace abiscope::source {

enum class Evidence : std::uint8_t { none, agrees, against };

// Only registers tell: a value on the stack may be recorded where the function itself keeps it.
[[nodiscard]] Evidence held_against(const abi::Travels& computed, const dwarf::CodeParameter& recorded, const abi::Profile& own);

}  // namespace abiscope::source
