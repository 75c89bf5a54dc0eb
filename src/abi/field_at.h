// Which members lie at a byte of a record, by the places a file records of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abi/type.h"

namespace abiscope::abi {

struct FieldAt {
    std::string path;                  // "header.length", "values[3]"; those of anonymous members and bases stand for themselves
    TypeId type = TypeId::none;        // of the innermost
    std::uint64_t into = 0;            // how many of its bytes lie before the byte that was asked for
};

// Bytes of a type as recorded; nothing where that is not. `pointer` is the size of one.
[[nodiscard]] std::optional<std::uint64_t> recorded_size(const TypeTable& types, TypeId type, std::uint64_t pointer);

// Every innermost member that holds the byte at `offset`, and the bit-fields that share one of the `size` bytes from there on: several in a
// union. Empty in padding, beyond the end, and where the places are not recorded.
[[nodiscard]] std::vector<FieldAt> fields_at(const TypeTable& types, TypeId record, std::uint64_t offset, std::uint64_t size,
                                             std::uint64_t pointer);

}  // namespace abiscope::abi
