// A value of which some bits are known.
#pragma once

#include <cstdint>
#include <optional>

namespace abiscope::disasm {

// Bits that are known to be 0 and known to be 1; the others may be either.
struct KnownBits {
    std::uint64_t zero = 0;
    std::uint64_t one = 0;

    [[nodiscard]] static KnownBits of(std::uint64_t value) { return {~value, value}; }
    [[nodiscard]] std::optional<std::uint64_t> value() const {
        return (zero | one) == ~std::uint64_t{0} ? std::optional(one) : std::nullopt;
    }
    [[nodiscard]] KnownBits met(const KnownBits& other) const { return {zero & other.zero, one & other.one}; }
    friend bool operator==(const KnownBits&, const KnownBits&) = default;
};

}  // namespace abiscope::disasm
