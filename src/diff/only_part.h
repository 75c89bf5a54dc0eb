// Classes that are nothing but one thing in a wrapper.
#pragma once

#include "abi/type.h"

namespace abiscope::diff {

// What such a record consists of: the one member or base of its size, or the first of a union's pointers. TypeId::none for others.
[[nodiscard]] abi::TypeId only_part(const abi::TypeTable& types, abi::TypeId id);

// Whether such a record is bytes of no type of their own: room for something that is made there.
[[nodiscard]] bool is_room(const abi::TypeTable& types, abi::TypeId id);

}  // namespace abiscope::diff
