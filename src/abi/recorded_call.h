// What a file records of the types that travel in a call, held against the layouts that place it.
#pragma once

#include <optional>
#include <string>

#include "abi/call.h"
#include "abi/profile.h"
#include "abi/type.h"

namespace abiscope::abi {

// Where a type that travels by value, or one that lies in it, is recorded otherwise than `own`, the ABI of the file, lays it out: what is
// computed of it then says nothing about the file. Empty where nothing is. Without `own`, whether it is recorded at all.
[[nodiscard]] std::string recorded_otherwise(const TypeTable& types, const Signature& signature, const std::optional<Profile>& own);

}  // namespace abiscope::abi
