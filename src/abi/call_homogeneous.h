// Homogeneous aggregates: one to four members of one floating or vector type and nothing else. AAPCS64, AAPCS32 and __vectorcall pass them
// member by member.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "abi/call_placement.h"

namespace abiscope::abi {

struct Homogeneous {
    std::uint64_t element_size = 0;   // bytes
    std::uint64_t count = 0;
    bool vectors = false;             // a homogeneous vector aggregate
    std::string text;                 // "3 x float"
};

// `most_vector`: bytes of the widest vector that counts. Empty for anything else, scalars and vectors included.
[[nodiscard]] Result<std::optional<Homogeneous>> homogeneous(const CallPlacement& placement, const Value& value,
                                                             std::uint64_t most_vector = 16);

// Of __vectorcall on x86: vectors of up to 64 bytes, and no bit-field without a width in it (clang 19, CodeGen/ABIInfo.cpp,
// isZeroLengthBitfieldAllowedInHomogeneousAggregate, which x86 does not override).
[[nodiscard]] Result<std::optional<Homogeneous>> vectorcall_members(const CallPlacement& placement, const Value& value);

}  // namespace abiscope::abi
