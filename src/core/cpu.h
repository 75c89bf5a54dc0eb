// The processor a program crashed on, out of its core dump: the CPUID leaves that glibc's loader keeps, and the register state the kernel
// had enabled (XCR0).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/process.h"
#include "disasm/features.h"

namespace abiscope::core {

struct CpuidLeaf {
    std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

struct CrashedCpu {
    std::optional<std::uint64_t> xcr0;     // of NT_X86_XSTATE
    bool has_leaves = false;
    std::uint64_t address = 0;             // of glibc's record, in memory
    std::uint32_t family = 0;
    std::uint32_t model = 0;
    std::array<CpuidLeaf, 7> leaves{};     // 1, 7, 0x80000001, 0xd/1, 0x80000007, 0x80000008, 7/1
};

[[nodiscard]] CrashedCpu crashed_cpu(const Process& process);

enum class Has : std::uint8_t { yes, no, unknown };

// Whether the processor and the kernel offered a feature.
struct FeatureAnswer {
    Has has = Has::unknown;
    std::string_view source;               // "CPUID leaf 7 EBX bit 5", "XCR0 bits 17 and 18"
};
[[nodiscard]] FeatureAnswer has_feature(const CrashedCpu& cpu, disasm::Feature feature);

}  // namespace abiscope::core
