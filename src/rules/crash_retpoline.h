// Calls and jumps through a register that are made as a return, so that the processor does not guess where they lead (gcc
// -mindirect-branch=thunk, clang -mretpoline): the return address that was put on the stack is the pointer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/crash.h"

namespace abiscope::rules {

// The register that the return at this address goes to: it was stored over the return address just before.
[[nodiscard]] std::optional<std::string> returns_to_register(const core::Crash& crash, std::uint64_t address);

// The register that the thunk at this address goes to; nothing where there is none.
[[nodiscard]] std::optional<std::string> thunk_register(const core::Crash& crash, std::uint64_t address);

// The same of the thunk that the function which begins at this address jumps to.
[[nodiscard]] std::optional<std::string> jumps_to_thunk(const core::Crash& crash, std::uint64_t start);

// Whether the return at this address is that of gcc's -mfunction-return=thunk, which stands in a function of its own.
[[nodiscard]] bool is_return_thunk(core::Crash& crash, std::uint64_t address);

}  // namespace abiscope::rules
