// Would the members of a record take less room in another order? Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abi/layout.h"

namespace abiscope::abi {

struct BetterOrder {
    std::vector<std::uint32_t> fields;   // indices in Record::fields; empty: the order there is cannot be improved, or must stay
    std::uint64_t size = 0;              // bytes of the record in that order
    std::uint64_t saved = 0;             // bytes
    std::string fixed_because;           // why the order must stay, where it must
};

// `layout` is lay_out()'s answer for the type under a profile of that language. The members are sorted by falling alignment, those of one
// alignment staying as they are; nothing is proposed that saves nothing.
[[nodiscard]] BetterOrder better_order(const TypeTable& types, TypeId type, const Layout& layout);

}  // namespace abiscope::abi
