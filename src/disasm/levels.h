// Named sets of features: what -march=x86-64-v3 lets a compiler use, and what glibc demands before it calls a CPU x86-64-v3.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "disasm/architecture.h"
#include "disasm/features.h"

namespace abiscope::disasm {

// Levels of one table are cumulative: each holds the features of those before it.
struct Level {
    std::string_view name;      // "x86-64-v3", "i686", "armv8.2-a"
    FeatureSet features;
};

// psABI x86-64, section "Micro-Architecture Levels" (v1 to v4), GCC's -march for i386 and arm64; lowest first. Empty for other
// architectures.
[[nodiscard]] std::span<const Level> levels(Architecture architecture);

// What glibc's dynamic loader tests when it decides which glibc-hwcaps directories and ISA notes a CPU satisfies: get_isa_level() in
// sysdeps/x86/get-isa-level.h. Its v1 and v3 ask for less than the psABI's (no SYSCALL, no OSXSAVE bit).
enum class GlibcTest : std::uint8_t {
    without_bmi,    // 2.33 to 2.36 as released: v3 without BMI1 and BMI2
    with_bmi,       // 2.37 on, and 2.36 with the stable branch's fixes (bug 29611), which is what Debian 12 ships
};

[[nodiscard]] std::span<const Level> glibc_levels(GlibcTest test);

// The lowest level that holds every feature of `used` that belongs to any level; features of no level are ignored. Nothing when the
// architecture has no levels.
[[nodiscard]] const Level* lowest_level(Architecture architecture, const FeatureSet& used);

// The highest level whose features a CPU has all of; nothing when it lacks even the lowest.
[[nodiscard]] const Level* highest_level(std::span<const Level> table, const FeatureSet& cpu);

[[nodiscard]] const Level* find_level(Architecture architecture, std::string_view name);

}  // namespace abiscope::disasm
