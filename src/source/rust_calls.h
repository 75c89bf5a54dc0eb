// A function of Rust, of which DWARF does not record whether it is declared extern "C": its call, given that it is.
#pragma once

#include <optional>
#include <string>

#include "abi/call.h"
#include "abi/profile.h"
#include "abi/type.h"
#include "dwarf/functions.h"
#include "source/declarations.h"

namespace abiscope::source {

struct RustCall {
    abi::Signature signature;
    Condition condition;
    std::string refused;   // why no call of it can be placed, not even so; empty when there is nothing in the way
};

// `signature`: of program_signature(). Types that are null pointers for None become what they hold, in `types` too.
[[nodiscard]] RustCall rust_call(abi::TypeTable& types, const dwarf::FunctionSignature& function, abi::Signature signature,
                                 const std::optional<abi::Profile>& own);

// Why `call`, of `signature` under the profile, is not the only one there may be on that condition; empty where it is: the condition's
// other reading, or another compiler of the profile's ABI, comes to the same.
[[nodiscard]] std::string left_open(const abi::TypeTable& types, const abi::Signature& signature, const Condition& condition,
                                    const abi::Call& call, const abi::Profile& profile);

}  // namespace abiscope::source
