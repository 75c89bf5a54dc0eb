// How a program's function is called, where that is not its ABI's usual way: what the debug information says of it, the decoration of its
// symbol, the switches its unit was compiled with.
#pragma once

#include <optional>
#include <string>

#include "abi/profile.h"
#include "debuginfo/program_abi.h"
#include "dwarf/functions.h"

namespace abiscope::source {

struct ProgramConvention {
    std::optional<abi::Convention> convention;   // empty: the usual one
    std::string refused;                         // why no call can be placed; empty when there is nothing in the way
};

// `variadic`: a function with `...`, which no attribute of 32-bit x86 changes.
[[nodiscard]] ProgramConvention convention_of(const dwarf::FunctionSignature& function, bool variadic, const debuginfo::ProgramAbi& own);

}  // namespace abiscope::source
