// What glibc's loader makes of the machine it runs on: instruction-set levels, the subdirectories it looks into, and the flags of the
// cache entries it takes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loader/glibc_cache.h"
#include "target/target.h"

namespace abiscope::loader {

// Bits of GNU_PROPERTY_X86_ISA_1_NEEDED
inline constexpr std::uint32_t isa_baseline = 1, isa_v2 = 2, isa_v3 = 4, isa_v4 = 8;

// The levels a processor has, by glibc's own test (sysdeps/x86/get-isa-level.h): it differs from the psABI's definition in BMI1, BMI2 and
// OSXSAVE, which it does not ask for.
[[nodiscard]] std::uint32_t x86_isa_level(const target::Cpu& cpu);

// Whether the loader of a machine (e_machine) is followed to the letter: which relocation types it takes, how its tables are laid out.
[[nodiscard]] bool exactly_known(std::uint16_t machine);

struct GlibcMachine {
    std::uint16_t machine = 0;                     // e_machine
    bool wide = true;
    bool big_endian = false;
    bool x86 = false;
    std::uint32_t isa_level = 0;                   // x86 only
    std::string platform;                          // AT_PLATFORM as the loader sees it; empty when there is none
    std::vector<std::string> subdirectories;       // looked into below each directory, in order, with a slash; the last is ""
    CacheQuery cache;
};

[[nodiscard]] GlibcMachine glibc_machine(const target::Target& target, const target::Libc& libc, target::ElfIdentity identity);

}  // namespace abiscope::loader
