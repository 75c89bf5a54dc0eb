// Arithmetic on numbers that came from a file: never wraps, says so instead.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>

namespace abiscope {

template <std::unsigned_integral T>
[[nodiscard]] constexpr std::optional<T> checked_add(T a, T b) {
    T sum{};
    if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
    return sum;
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr std::optional<T> checked_mul(T a, T b) {
    T product{};
    if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
    return product;
}

// True when [offset, offset + size) lies within [0, total).
[[nodiscard]] constexpr bool range_fits(std::uint64_t offset, std::uint64_t size, std::uint64_t total) {
    return offset <= total && size <= total - offset;
}

// True when `value` lies within [start, start + size), also where the end does not fit 64 bits.
[[nodiscard]] constexpr bool range_contains(std::uint64_t start, std::uint64_t size, std::uint64_t value) {
    return value >= start && value - start < size;
}

// `alignment` is a power of two. Wraps to a small number only when `value` is within one alignment of 2^64.
[[nodiscard]] constexpr std::uint64_t align_down(std::uint64_t value, std::uint64_t alignment) { return value & ~(alignment - 1); }
[[nodiscard]] constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
    return align_down(value + (alignment - 1), alignment);
}

[[nodiscard]] constexpr bool is_power_of_two(std::uint64_t value) { return value != 0 && (value & (value - 1)) == 0; }

}  // namespace abiscope
