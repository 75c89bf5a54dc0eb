// Where programs read what an x86 CPU can do: the bits of CPUID, and those of the words that compilers' run-time checks keep.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "disasm/features.h"

namespace abiscope::disasm {

struct CpuidBit {
    Feature feature;
    std::uint8_t leaf;                 // index: leaves 1, 7, 0x80000001, 0xd/1, 0x80000007, 0x80000008, 7/1, as glibc keeps them
    std::uint8_t reg;                  // 0 EAX, 1 EBX, 2 ECX, 3 EDX
    std::uint8_t bit;
    std::string_view source;
};

// A feature that two bits tell has the one of the CPU first, then the one of the system.
[[nodiscard]] std::span<const CpuidBit> cpuid_bits();

// The index of a leaf in that order, by EAX and ECX; nothing for others.
[[nodiscard]] std::optional<unsigned> cpuid_leaf_index(std::uint32_t eax, std::uint32_t ecx);

// The bits of that register which are zero on a CPU without `lacking`.
[[nodiscard]] std::uint32_t cpuid_zero_bits(unsigned leaf, unsigned reg, const FeatureSet& lacking);

// The same of word `index` of __cpu_model.__cpu_features (0) and __cpu_features2 (1 and up): libgcc's and compiler-rt's.
[[nodiscard]] std::uint32_t cpu_model_zero_bits(unsigned index, const FeatureSet& lacking);

}  // namespace abiscope::disasm
