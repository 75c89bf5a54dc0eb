// Integers out of unaligned bytes in a stated byte order.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace abiscope {

enum class Endian : std::uint8_t { little, big };

inline constexpr Endian host_endian = std::endian::native == std::endian::little ? Endian::little : Endian::big;

template <std::integral T>
[[nodiscard]] constexpr T byte_swap(T value) {
    if constexpr (sizeof(T) == 1) return value;
    if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
    if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
    if constexpr (sizeof(T) == 8) return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
}

// The caller has proved that sizeof(T) bytes are there.
template <std::integral T>
[[nodiscard]] inline T load(const std::byte* at, Endian order) {
    T value{};
    std::memcpy(&value, at, sizeof(T));
    return order == host_endian ? value : byte_swap(value);
}

}  // namespace abiscope
