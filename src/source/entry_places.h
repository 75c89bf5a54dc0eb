// Where debug information puts a parameter at the first instruction of its function, held against where a computed call has it travel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abi/call.h"
#include "abi/profile.h"
#include "abi/type.h"
#include "dwarf/functions.h"

namespace abiscope::source {

enum class Evidence : std::uint8_t { none, agrees, against };

// What the parameters of one function say.
struct AtEntry {
    std::vector<std::string> agree;   // those that are where the call puts them
    std::string against;              // one that is elsewhere; empty: none
};

// By the names of the parameters. Nothing where the call cannot be placed.
[[nodiscard]] AtEntry held_against(const abi::TypeTable& types, const dwarf::FunctionSignature& function, const abi::Signature& signature,
                                   const abi::Profile& own);

// What nothing else records of a call, where the places settle it: the vector registers of its unit, ms_abi and sysv_abi of a function that
// others see. They are put into `signature` then. Else why the call cannot be placed; empty where nothing speaks against it.
[[nodiscard]] std::string settle_by_entry(const abi::TypeTable& types, const dwarf::FunctionSignature& function, abi::Signature& signature,
                                          const abi::Profile& own);

// Only registers tell: a value on the stack may be recorded where the function itself keeps it.
[[nodiscard]] Evidence held_against(const abi::Travels& computed, const dwarf::CodeParameter& recorded, const abi::Profile& own);

}  // namespace abiscope::source
