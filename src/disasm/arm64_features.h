// Which A64 instructions need more than Armv8.0-A, told from their encoding.
#pragma once

#include <cstdint>
#include <span>

#include "disasm/features.h"

namespace abiscope::disasm::arm64 {

// The instruction words with (word & mask) == value.
struct Encoding {
    std::uint32_t mask;
    std::uint32_t value;
    Feature feature;
    Feature second = Feature::none;
};

// The first row that fits decides.
[[nodiscard]] std::span<const Encoding> encodings();

// Index into encodings() plus one; 0: nothing is needed.
[[nodiscard]] std::uint8_t needs_code(std::uint32_t word);

// Encodings the architecture leaves free (Arm ARM, "Top-level A64 instruction set encoding"): no program has them, but for UDF #0, which
// is what zeros are.
[[nodiscard]] bool is_unallocated(std::uint32_t word);

}  // namespace abiscope::disasm::arm64
