// Numbers of the baseline format.
#pragma once

#include <cstdint>
#include <type_traits>

#include "abi/profile.h"
#include "bytes/packed.h"
#include "surface/surface.h"

namespace abiscope::surface::baseline_format {

inline constexpr PackedFormat packed{.magic = "abiscope-surface",
                                     .version = 3,
                                     .header = "baseline header",
                                     .other_version = "is a baseline of another format: save it again with this version of abiscope"};

// The last value of each enumeration that is kept.
template <typename Enum>
inline constexpr Enum greatest = Enum{};
template <>
inline constexpr SymbolKind greatest<SymbolKind> = SymbolKind::other;
template <>
inline constexpr Binding greatest<Binding> = Binding::unique;
template <>
inline constexpr Visibility greatest<Visibility> = Visibility::protected_;
template <>
inline constexpr abi::Language greatest<abi::Language> = abi::Language::go;
template <>
inline constexpr abi::Kind greatest<abi::Kind> = abi::Kind::unknown;
template <>
inline constexpr abi::StorageOrder greatest<abi::StorageOrder> = abi::StorageOrder::little;
template <>
inline constexpr abi::Scalar greatest<abi::Scalar> = abi::Scalar::unsigned_word;
template <>
inline constexpr abi::RecordKind greatest<abi::RecordKind> = abi::RecordKind::union_;
template <>
inline constexpr abi::Access greatest<abi::Access> = abi::Access::private_;
template <>
inline constexpr abi::Declared greatest<abi::Declared> = abi::Declared::user_provided;

template <>
inline constexpr abi::Convention greatest<abi::Convention> = abi::Convention::go_register;

template <typename T>
concept Enumerated = std::is_enum_v<T> && !std::is_same_v<T, abi::TypeId>;

}  // namespace abiscope::surface::baseline_format
