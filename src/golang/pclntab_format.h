// Sizes and offsets of what pclntab holds, by format. Source: runtime/runtime2.go (_func), runtime/symtab.go (functab, inlinedCall) of
// Go 1.16, 1.18 and 1.20; tests/unit/golang holds them against data/go.
#pragma once

#include <cstdint>

#include "golang/pclntab.h"

namespace abiscope::golang {

inline constexpr std::uint32_t pcln_magic_1_2 = 0xfffffffb;    // up to 1.15
inline constexpr std::uint32_t pcln_magic_1_16 = 0xfffffffa;
inline constexpr std::uint32_t pcln_magic_1_18 = 0xfffffff0;
inline constexpr std::uint32_t pcln_magic_1_20 = 0xfffffff1;

inline constexpr std::int32_t args_unknown = -0x7fffffff - 1;
inline constexpr std::uint32_t no_offset = 0xffffffff;         // of funcdata, of a file

// Offsets in _func, after the entry and name, which all formats have in that order.
struct FuncLayout {
    std::uint8_t entry_size;   // bytes; 4 counts from the text
    std::uint8_t name, args, deferreturn, pcsp, pcfile, pcln, pcdata_count, unit;
    std::uint8_t start_line;   // 0: there is none
    std::uint8_t id, flags, funcdata_count;
    std::uint8_t size;
};

[[nodiscard]] constexpr FuncLayout func_layout(PclnFormat format, unsigned word) {
    auto at = static_cast<std::uint8_t>(format == PclnFormat::go1_16 ? word : 4);
    auto plus = [at](unsigned more) { return static_cast<std::uint8_t>(at + more); };
    unsigned line = format == PclnFormat::go1_20 ? 4 : 0;
    return {.entry_size = at,
            .name = at,
            .args = plus(4),
            .deferreturn = plus(8),
            .pcsp = plus(12),
            .pcfile = plus(16),
            .pcln = plus(20),
            .pcdata_count = plus(24),
            .unit = plus(28),
            .start_line = line != 0 ? plus(32) : std::uint8_t{0},
            .id = plus(32 + line),
            .flags = plus(33 + line),
            .funcdata_count = plus(35 + line),
            .size = plus(36 + line)};
}

// An entry of the list: where the function starts, and where its record lies.
[[nodiscard]] constexpr unsigned functab_field_size(const PclnHeader& header) {
    return header.format == PclnFormat::go1_16 ? header.word : 4;
}

[[nodiscard]] constexpr unsigned inlined_call_size(PclnFormat format) { return format == PclnFormat::go1_20 ? 16 : 20; }

}  // namespace abiscope::golang
