// The shape of the fast path's tables. tools/generate_x86_tables.cc fills them by asking Zydis about every opcode.
//
// An instruction is [prefixes][REX][escape] opcode [ModRM [SIB] [displacement]] [immediate] (Intel SDM volume 2, section 2.1). For
// one combination of prefixes, escape and opcode an entry says how long opcode and immediate are, and for which ModRM bytes that is
// known to hold and what the instruction then needs. Whatever an entry does not vouch for is decoded by Zydis.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace abiscope::disasm::x86 {

// How the prefixes of an instruction select an entry. Segment overrides and (in 64-bit mode) the address size change nothing.
enum PrefixClass : std::uint8_t { no_prefix, operand_size, repeat, repeat_not, lock, prefix_classes };

inline constexpr std::size_t modes = 2;                         // 32-bit, 64-bit
inline constexpr std::size_t contexts = std::size_t{2} * prefix_classes;     // PrefixClass * 2 + REX.W
inline constexpr std::size_t maps = 4;                          // one byte, 0F, 0F 38, 0F 3A
inline constexpr std::size_t fast_contexts = std::size_t{6} * 3 * 2;          // see FastContext
inline constexpr std::size_t vex_contexts = 48;                 // ((map - 1) * 4 + pp) * 4 + W * 2 + L

// What follows the opcode.
enum Tail : std::uint8_t {
    no_modrm,
    modrm,
    modrm_imm8_if_test,     // groups 3: an immediate of 1, 2 or 4 bytes when ModRM.reg is 0 or 1
    modrm_imm16_if_test,
    modrm_imm32_if_test,
    tails,
};

// The bytes of ModRM, SIB and displacement, and the conditional immediate, by Tail and ModRM. `sib_base_bit` is set where a SIB byte
// whose base is 5 brings four bytes more.
inline constexpr std::uint8_t sib_base_bit = 0x80;

constexpr std::uint8_t tail_length(Tail tail, unsigned byte) {
    if (tail == no_modrm) return 0;
    unsigned mod = byte >> 6;
    unsigned reg = (byte >> 3) & 7;
    unsigned rm = byte & 7;
    unsigned length = 1;
    if (mod != 3 && rm == 4) length += 1;
    if (mod == 1) length += 1;
    if (mod == 2 || (mod == 0 && rm == 5)) length += 4;
    if (reg < 2 && tail == modrm_imm8_if_test) length += 1;
    if (reg < 2 && tail == modrm_imm16_if_test) length += 2;
    if (reg < 2 && tail == modrm_imm32_if_test) length += 4;
    if (mod == 0 && rm == 4) length |= sib_base_bit;
    return static_cast<std::uint8_t>(length);
}

constexpr auto make_tail_lengths() {
    std::array<std::array<std::uint8_t, 256>, 8> table{};
    for (std::size_t tail = 0; tail < tails; ++tail) {
        for (unsigned byte = 0; byte < 256; ++byte) table[tail][byte] = tail_length(static_cast<Tail>(tail), byte);
    }
    return table;
}

inline constexpr auto tail_lengths = make_tail_lengths();

// The ModRM bytes an entry vouches for. Set 0 is empty.
using ModrmSet = std::array<std::uint64_t, 4>;

// Entry of the innermost loop, for each combination of at most one prefix, one REX and the escape 0F: bits 0-3 length of everything but
// what the Tail says, 4-6 Tail, 7-15 index of the ModRM bytes for which the instruction needs nothing and is no landmark.
using FastEntry = std::uint16_t;

// The combination, as the sum of what each byte adds.
struct FastContext {
    static constexpr std::size_t escape = 1;
    static constexpr std::size_t rex = 2;           // without W; twice that with W
    static constexpr std::size_t neutral = 6;       // a prefix of the class no_prefix
    static constexpr std::size_t classed = 6;       // times 1 + PrefixClass, for a prefix of another class
};

struct KnownEntry {
    std::uint8_t length;        // of opcode and immediate
    std::uint8_t tail;          // Tail; for VEX | 0x80 when vvvv has to be 1111
    std::uint16_t modrm_set;
    std::uint8_t needs_memory;  // NeedsCode where ModRM names memory
    std::uint8_t needs_register;
};

inline constexpr std::uint8_t vvvv_must_be_ones = 0x80;

extern const FastEntry fast_entries[modes][fast_contexts][256];
extern const KnownEntry known_entries[modes][contexts][maps][256];
extern const KnownEntry vex_entries[modes][vex_contexts][256];
extern const ModrmSet modrm_sets[];

}  // namespace abiscope::disasm::x86
