// What a small function of the crashed program would return, by its code and the memory of the dump. Nothing is executed.
#pragma once

#include <cstdint>
#include <optional>

#include "core/process.h"

namespace abiscope::rules {

// Of a function that is handed one pointer, as what() is. Nothing where an instruction, a branch or a value is not known for certain, the
// function writes elsewhere than on its own stack, or takes long. x86-64 only.
[[nodiscard]] std::optional<std::uint64_t> evaluate_call(const core::Process& process, std::uint64_t function, std::uint64_t argument);

}  // namespace abiscope::rules
