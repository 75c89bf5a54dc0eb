// Which scalar of the source a base type is. Producers spell the same type in many ways; how wide `long` is, an ABI profile says later, so
// the spelling counts and not the size, where the language lets the size vary.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "abi/type.h"

namespace abiscope::dwarf {

struct BaseType {
    std::string_view name;
    std::uint64_t encoding = 0;              // DW_ATE_*
    std::uint64_t bytes = 0;
    std::optional<std::uint64_t> bits;       // DW_AT_bit_size, of a type narrower than its bytes
    std::optional<std::uint64_t> go_kind;
};

struct ScalarReading {
    abi::Scalar scalar = abi::Scalar::void_;
    std::uint32_t bits = 0;                  // of fixed_* and bit_int*
    bool complex = false;                    // of two of them
    bool known = true;                       // false: a name and a size is all there is
};

// What a part of a complex number is called.
[[nodiscard]] std::string_view float_name(abi::Scalar scalar);

[[nodiscard]] ScalarReading read_scalar(abi::Language language, const BaseType& type);

}  // namespace abiscope::dwarf
