// Length and needs of x86 instructions at memory speed. Agrees with Zydis on every input (tests/unit/disasm/x86_fast_test.cc,
// tests/fuzz/disasm_fuzz.cc); what the tables do not vouch for is given to Zydis.
#pragma once

#include <cstddef>
#include <cstring>

#include "disasm/x86_isa.h"
#include "disasm/x86_tables.h"

namespace abiscope::disasm::x86 {

// The innermost loop may read this many bytes from where an instruction starts.
inline constexpr std::size_t fast_read_ahead = 16;

struct Step {
    std::size_t length;
    bool plain;     // needs nothing, no landmark: `length` is its length. Otherwise `length` means nothing
};

namespace detail {

// PrefixClass in bits 0-2; bit 3 set for a prefix byte.
constexpr auto make_prefix_bytes(bool wide) {
    std::array<std::uint8_t, 256> table{};
    for (unsigned byte : {0x26U, 0x2eU, 0x36U, 0x3eU, 0x64U, 0x65U}) table[byte] = 8 | no_prefix;
    if (wide) table[0x67] = 8 | no_prefix;
    table[0x66] = 8 | operand_size;
    table[0xf3] = 8 | repeat;
    table[0xf2] = 8 | repeat_not;
    table[0xf0] = 8 | lock;
    return table;
}

inline constexpr std::array prefix_bytes{make_prefix_bytes(false), make_prefix_bytes(true)};

// What the first bytes add to the index of a FastEntry (bits 8 and up: FastContext times 256), and by how many bits to shift them out
// (the low six bits).
using Selectors = std::array<std::uint16_t, 256>;

constexpr Selectors make_prefix_selectors(bool wide) {
    Selectors table{};
    for (std::size_t byte = 0; byte < 256; ++byte) {
        std::uint8_t prefix = make_prefix_bytes(wide)[byte];
        if ((prefix & 8) == 0) continue;
        std::size_t found = prefix & 7;
        std::size_t adds = found == no_prefix ? FastContext::neutral : FastContext::classed * (1 + found);
        table[byte] = static_cast<std::uint16_t>(adds << 8 | 8);
    }
    return table;
}

constexpr Selectors make_rex_selectors() {
    Selectors table{};
    for (std::size_t byte = 0x40; byte < 0x50; ++byte) {
        table[byte] = static_cast<std::uint16_t>((byte < 0x48 ? FastContext::rex : 2 * FastContext::rex) << 8 | 8);
    }
    return table;
}

constexpr auto make_sib_lengths() {
    std::array<std::uint8_t, 256> table{};
    for (std::size_t byte = 5; byte < 256; byte += 8) table[byte] = 4;
    return table;
}

inline constexpr std::array prefix_selectors{make_prefix_selectors(false), make_prefix_selectors(true)};
inline constexpr Selectors rex_selectors = make_rex_selectors();
inline constexpr auto sib_lengths = make_sib_lengths();

}  // namespace detail

// One instruction, free of branches.
template <bool Wide>
[[nodiscard]] inline Step plain_step(const std::byte* at) {
    std::uint64_t bytes;
    std::memcpy(&bytes, at, sizeof(bytes));
    std::size_t selector = detail::prefix_selectors[Wide][bytes & 0xff];
    bytes >>= selector & 63;
    if constexpr (Wide) {
        std::size_t rex = detail::rex_selectors[bytes & 0xff];
        bytes >>= rex & 63;
        selector += rex;
    }
    std::size_t escape = (bytes & 0xff) == 0x0f ? 1 : 0;
    bytes >>= escape * 8;
    std::size_t index = (selector & ~std::size_t{0xff}) + escape * (FastContext::escape << 8) + (bytes & 0xff);
    std::size_t entry = (&fast_entries[Wide][0][0])[index];
    std::size_t modrm_byte = (bytes >> 8) & 0xff;
    std::size_t tail = (&tail_lengths[0][0])[(entry & 0x70) * 16 + modrm_byte];
    std::size_t displacement = (tail >> 5) & detail::sib_lengths[(bytes >> 16) & 0xff];
    std::size_t length = (entry & 15) + (tail & 0x7f) + displacement;
    std::uint64_t known = modrm_sets[entry >> 7][modrm_byte >> 6] >> (modrm_byte & 63);
    return {length, (known & 1) != 0};
}

class FastDecoder {
public:
    explicit FastDecoder(Architecture architecture) : plain_(architecture) {}

    // The same answer as PlainDecoder::measure, sooner.
    [[nodiscard]] Measure measure(const std::byte* bytes, std::size_t size) const;

    [[nodiscard]] const PlainDecoder& plain() const { return plain_; }
    [[nodiscard]] bool wide() const { return plain_.architecture() == Architecture::x86_64; }

private:
    [[nodiscard]] Measure measure_known(const std::byte* bytes, std::size_t size) const;
    [[nodiscard]] Measure measure_vex(const std::byte* bytes, std::size_t size, std::size_t start) const;
    [[nodiscard]] Measure finish(const KnownEntry& entry, const std::byte* bytes, std::size_t size, std::size_t opcode) const;

    PlainDecoder plain_;
};

}  // namespace abiscope::disasm::x86
