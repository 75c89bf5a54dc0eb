// A function of a program as the call engine takes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "abi/call.h"
#include "abi/type.h"
#include "dwarf/functions.h"

namespace abiscope::source {

// `type` is that of `function`; the object of a member function becomes the receiver, `void` no result. `convention` is what
// convention_of() found out; empty: the usual one. `switches`: of UnitCalls.
[[nodiscard]] abi::Signature program_signature(const abi::TypeTable& types, const dwarf::FunctionSignature& function,
                                               const abi::Function& type, std::optional<abi::Convention> convention,
                                               const std::vector<std::string>& switches, std::string name);

// A constructor or destructor of a class with virtual bases takes other parameters for a whole object than for a base of one, or is told
// which it is: why that is not known of it, as nothing but its declaration is recorded. Empty where it is, or does not matter.
[[nodiscard]] std::string structor_unsaid(const abi::TypeTable& types, const dwarf::FunctionSignature& function,
                                          const abi::Signature& signature);

}  // namespace abiscope::source
