// What an array is made of.
#pragma once

#include <cstddef>

#include "abi/type.h"

namespace abiscope::abi {

// What is left of a type when aliases and arrays are taken away, as TypeTable::resolve() leaves it; TypeId::none of an array that holds
// itself.
[[nodiscard]] inline TypeId element_type(const TypeTable& types, TypeId type) {
    for (std::size_t steps = 0; steps <= types.size(); ++steps) {
        type = types.resolve(type);
        if (!types.contains(type) || types.at(type).kind != Kind::array) return type;
        type = types.at(type).target;
    }
    return TypeId::none;
}

}  // namespace abiscope::abi
