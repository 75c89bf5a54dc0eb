// Typedefs of the standard library, whose meaning a system chooses: where debug information says `int64_t` is `long`, another ABI's int64_t
// has 64 bits all the same.
#pragma once

#include <cstdint>

#include "abi/type.h"

namespace abiscope::source {

// Of C and C++. A typedef whose size in the file is not the standard's stays as it is.
void translate_typedefs(abi::TypeTable& types, std::uint64_t address_size);

}  // namespace abiscope::source
