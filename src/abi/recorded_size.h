// The size that a file records of a type.
#pragma once

#include <cstdint>
#include <optional>

#include "abi/type.h"

namespace abiscope::abi {

// Bytes, through what holds its target by value: typedefs, qualifiers, arrays.
[[nodiscard]] std::optional<std::uint64_t> recorded_size(const TypeTable& types, TypeId id);

}  // namespace abiscope::abi
