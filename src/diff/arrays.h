// Arrays by what they hold, however the source counts it.
#pragma once

#include <cstdint>
#include <optional>

#include "abi/type.h"

namespace abiscope::diff {

struct Elements {
    abi::TypeId element = abi::TypeId::none;   // of arrays of arrays the innermost; of what is no array the type itself
    std::optional<std::uint64_t> count = 1;    // none where the source states none
};

[[nodiscard]] Elements elements_of(const abi::TypeTable& types, abi::TypeId id);

// Whether one is an array of one element and the other one of an unstated number: as the last member of a struct the same (C99 rationale,
// 6.7.2.1: the "struct hack").
[[nodiscard]] bool is_open_end(const abi::TypeTable& old_types, abi::TypeId old, const abi::TypeTable& new_types, abi::TypeId now);

}  // namespace abiscope::diff
