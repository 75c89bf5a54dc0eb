// A function of a Go program as the call engine takes it. No release records the dictionary of a generic function: where the parameters are
// at the first instruction shows that nothing is missing.
#pragma once

#include <optional>
#include <string>

#include "abi/call.h"
#include "abi/profile.h"
#include "abi/type.h"
#include "dwarf/functions.h"

namespace abiscope::source {

struct GoCall {
    abi::Signature signature;
    std::string refused;  // why no call of it can be placed; empty when there is nothing in the way
};

// `type` is that of `function`; `own` the profile of the program, where there is one.
[[nodiscard]] GoCall go_call(abi::TypeTable& types, const dwarf::FunctionSignature& function, const abi::Function& type,
                             const std::optional<abi::Profile>& own, std::string name);

}  // namespace abiscope::source
