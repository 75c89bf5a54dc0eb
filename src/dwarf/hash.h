// Hashes that tell structures apart: 64 bits, not against an adversary. A file made to collide hides one of its own types.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace abiscope::dwarf {

[[nodiscard]] inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    // The multiply-and-fold step of wyhash (Wang Yi, public domain); its constants.
    __extension__ using Wide = unsigned __int128;
    Wide product = static_cast<Wide>(a ^ 0xa0761d6478bd642f) * (b ^ 0xe7037ed1a0b428db);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <typename... T>
[[nodiscard]] inline std::uint64_t mix(std::uint64_t a, std::uint64_t b, T... rest) {
    return mix(mix(a, b), static_cast<std::uint64_t>(rest)...);
}

[[nodiscard]] inline std::uint64_t hash_text(std::string_view text) {
    std::uint64_t hash = text.size();
    for (; text.size() >= 8; text.remove_prefix(8)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), 8);
        hash = mix(hash, word);
    }
    std::uint64_t word = 0;
    if (!text.empty()) std::memcpy(&word, text.data(), text.size());
    return mix(hash, word);
}

}  // namespace abiscope::dwarf
