#include "disasm/cpuid_bits.h"

#include <array>
#include <cstddef>

namespace abiscope::disasm {

namespace {

// Intel SDM volume 2, CPUID; AMD64 APM volume 3, appendix E (leaf 0x80000001).
constexpr CpuidBit table[] = {
    {Feature::sse3, 0, 2, 0, "CPUID leaf 1 ECX bit 0"},
    {Feature::pclmulqdq, 0, 2, 1, "CPUID leaf 1 ECX bit 1"},
    {Feature::ssse3, 0, 2, 9, "CPUID leaf 1 ECX bit 9"},
    {Feature::fma, 0, 2, 12, "CPUID leaf 1 ECX bit 12"},
    {Feature::cx16, 0, 2, 13, "CPUID leaf 1 ECX bit 13"},
    {Feature::sse4_1, 0, 2, 19, "CPUID leaf 1 ECX bit 19"},
    {Feature::sse4_2, 0, 2, 20, "CPUID leaf 1 ECX bit 20"},
    {Feature::movbe, 0, 2, 22, "CPUID leaf 1 ECX bit 22"},
    {Feature::popcnt, 0, 2, 23, "CPUID leaf 1 ECX bit 23"},
    {Feature::aes, 0, 2, 25, "CPUID leaf 1 ECX bit 25"},
    {Feature::xsave, 0, 2, 26, "CPUID leaf 1 ECX bit 26"},
    {Feature::xsave, 0, 2, 27, "CPUID leaf 1 ECX bit 27"},
    {Feature::avx, 0, 2, 28, "CPUID leaf 1 ECX bit 28"},
    {Feature::f16c, 0, 2, 29, "CPUID leaf 1 ECX bit 29"},
    {Feature::rdrand, 0, 2, 30, "CPUID leaf 1 ECX bit 30"},
    {Feature::fsgsbase, 1, 1, 0, "CPUID leaf 7 EBX bit 0"},
    {Feature::bmi1, 1, 1, 3, "CPUID leaf 7 EBX bit 3"},
    {Feature::avx2, 1, 1, 5, "CPUID leaf 7 EBX bit 5"},
    {Feature::bmi2, 1, 1, 8, "CPUID leaf 7 EBX bit 8"},
    {Feature::rtm, 1, 1, 11, "CPUID leaf 7 EBX bit 11"},
    {Feature::avx512f, 1, 1, 16, "CPUID leaf 7 EBX bit 16"},
    {Feature::avx512dq, 1, 1, 17, "CPUID leaf 7 EBX bit 17"},
    {Feature::rdseed, 1, 1, 18, "CPUID leaf 7 EBX bit 18"},
    {Feature::adx, 1, 1, 19, "CPUID leaf 7 EBX bit 19"},
    {Feature::avx512_ifma, 1, 1, 21, "CPUID leaf 7 EBX bit 21"},
    {Feature::clflushopt, 1, 1, 23, "CPUID leaf 7 EBX bit 23"},
    {Feature::clwb, 1, 1, 24, "CPUID leaf 7 EBX bit 24"},
    {Feature::avx512pf, 1, 1, 26, "CPUID leaf 7 EBX bit 26"},
    {Feature::avx512er, 1, 1, 27, "CPUID leaf 7 EBX bit 27"},
    {Feature::avx512cd, 1, 1, 28, "CPUID leaf 7 EBX bit 28"},
    {Feature::sha, 1, 1, 29, "CPUID leaf 7 EBX bit 29"},
    {Feature::avx512bw, 1, 1, 30, "CPUID leaf 7 EBX bit 30"},
    {Feature::avx512vl, 1, 1, 31, "CPUID leaf 7 EBX bit 31"},
    {Feature::avx512_vbmi, 1, 2, 1, "CPUID leaf 7 ECX bit 1"},
    {Feature::waitpkg, 1, 2, 5, "CPUID leaf 7 ECX bit 5"},
    {Feature::avx512_vbmi2, 1, 2, 6, "CPUID leaf 7 ECX bit 6"},
    {Feature::gfni, 1, 2, 8, "CPUID leaf 7 ECX bit 8"},
    {Feature::vaes, 1, 2, 9, "CPUID leaf 7 ECX bit 9"},
    {Feature::vpclmulqdq, 1, 2, 10, "CPUID leaf 7 ECX bit 10"},
    {Feature::avx512_vnni, 1, 2, 11, "CPUID leaf 7 ECX bit 11"},
    {Feature::avx512_bitalg, 1, 2, 12, "CPUID leaf 7 ECX bit 12"},
    {Feature::avx512_vpopcntdq, 1, 2, 14, "CPUID leaf 7 ECX bit 14"},
    {Feature::rdpid, 1, 2, 22, "CPUID leaf 7 ECX bit 22"},
    {Feature::avx512_4vnniw, 1, 3, 2, "CPUID leaf 7 EDX bit 2"},
    {Feature::avx512_4fmaps, 1, 3, 3, "CPUID leaf 7 EDX bit 3"},
    {Feature::avx512_vp2intersect, 1, 3, 8, "CPUID leaf 7 EDX bit 8"},
    {Feature::serialize, 1, 3, 14, "CPUID leaf 7 EDX bit 14"},
    {Feature::amx_bf16, 1, 3, 22, "CPUID leaf 7 EDX bit 22"},
    {Feature::avx512_fp16, 1, 3, 23, "CPUID leaf 7 EDX bit 23"},
    {Feature::amx_tile, 1, 3, 24, "CPUID leaf 7 EDX bit 24"},
    {Feature::amx_int8, 1, 3, 25, "CPUID leaf 7 EDX bit 25"},
    {Feature::shstk, 1, 2, 7, "CPUID leaf 7 ECX bit 7"},
    {Feature::lzcnt, 2, 2, 5, "CPUID leaf 0x80000001 ECX bit 5"},
    {Feature::sse4a, 2, 2, 6, "CPUID leaf 0x80000001 ECX bit 6"},
    {Feature::xop, 2, 2, 11, "CPUID leaf 0x80000001 ECX bit 11"},
    {Feature::fma4, 2, 2, 16, "CPUID leaf 0x80000001 ECX bit 16"},
    {Feature::tbm, 2, 2, 21, "CPUID leaf 0x80000001 ECX bit 21"},
    {Feature::three_d_now, 2, 3, 31, "CPUID leaf 0x80000001 EDX bit 31"},
    {Feature::rdtscp, 2, 3, 27, "CPUID leaf 0x80000001 EDX bit 27"},
    {Feature::xsaveopt, 3, 0, 0, "CPUID leaf 0xd/1 EAX bit 0"},
    {Feature::xsavec, 3, 0, 1, "CPUID leaf 0xd/1 EAX bit 1"},
    {Feature::avx_vnni, 6, 0, 4, "CPUID leaf 7/1 EAX bit 4"},
    {Feature::avx512_bf16, 6, 0, 5, "CPUID leaf 7/1 EAX bit 5"},
};

// gcc/common/config/i386/i386-cpuinfo.h, enum processor_features; compiler-rt/lib/builtins/cpu_model/x86.c has the same numbers. `none`:
// not a feature of an instruction, or one that disasm/ has no name for.
constexpr std::array model_features = {
    Feature::cmov,
    Feature::mmx,
    Feature::popcnt,
    Feature::sse,
    Feature::sse2,          // 0
    Feature::sse3,
    Feature::ssse3,
    Feature::sse4_1,
    Feature::sse4_2,
    Feature::avx,           // 5
    Feature::avx2,
    Feature::sse4a,
    Feature::fma4,
    Feature::xop,
    Feature::fma,           // 10
    Feature::avx512f,
    Feature::bmi1,
    Feature::bmi2,
    Feature::aes,
    Feature::pclmulqdq,     // 15
    Feature::avx512vl,
    Feature::avx512bw,
    Feature::avx512dq,
    Feature::avx512cd,
    Feature::avx512er,      // 20
    Feature::avx512pf,
    Feature::avx512_vbmi,
    Feature::avx512_ifma,
    Feature::avx512_4vnniw,
    Feature::avx512_4fmaps,    // 25
    Feature::avx512_vpopcntdq,
    Feature::avx512_vbmi2,
    Feature::gfni,
    Feature::vpclmulqdq,
    Feature::avx512_vnni,   // 30
    Feature::avx512_bitalg,
    Feature::avx512_bf16,
    Feature::avx512_vp2intersect,
    Feature::three_d_now,
    Feature::none,    // 35
    Feature::adx,
    Feature::none,
    Feature::cldemote,
    Feature::clflushopt,
    Feature::clwb,          // 40
    Feature::clzero,
    Feature::cx16,
    Feature::cx8,
    Feature::enqcmd,
    Feature::f16c,          // 45
    Feature::fsgsbase,
    Feature::fxsr,
    Feature::none,
    Feature::none,
    Feature::lahf,          // 50
    Feature::none,
    Feature::lwp,
    Feature::lzcnt,
    Feature::movbe,
    Feature::movdir,        // 55
    Feature::movdir,
    Feature::monitorx,
    Feature::xsave,
    Feature::pconfig,
    Feature::pku,           // 60
    Feature::prefetchwt1,
    Feature::none,
    Feature::ptwrite,
    Feature::rdpid,
    Feature::rdrand,        // 65
    Feature::rdseed,
    Feature::rtm,
    Feature::serialize,
    Feature::sgx,
    Feature::sha,           // 70
    Feature::shstk,
    Feature::tbm,
    Feature::tsx_ldtrk,
    Feature::vaes,
    Feature::waitpkg,       // 75
    Feature::none,
    Feature::xsave,
    Feature::xsavec,
    Feature::xsaveopt,
    Feature::xsaves,        // 80
    Feature::amx_tile,
    Feature::amx_int8,
    Feature::amx_bf16,
    Feature::uintr,
    Feature::hreset,        // 85
    Feature::keylocker,
    Feature::none,
    Feature::keylocker_wide,
    Feature::avx_vnni,
    Feature::avx512_fp16,   // 90
};

// FEATURE_X86_64_V2 to _V4: set where the CPU has all of the level.
constexpr std::size_t first_level = 96;
constexpr std::array level_features = {Feature::sse4_2, Feature::avx2, Feature::avx512f};

bool is_lacking(Feature feature, const FeatureSet& lacking) { return feature != Feature::none && lacking.contains(feature); }

}  // namespace

std::span<const CpuidBit> cpuid_bits() { return table; }

std::optional<unsigned> cpuid_leaf_index(std::uint32_t eax, std::uint32_t ecx) {
    switch (eax) {
        case 1: return 0;
        case 7: return ecx == 1 ? 6 : 1;
        case 0x80000001: return 2;
        case 0xd: return ecx == 1 ? std::optional(3U) : std::nullopt;
        case 0x80000007: return 4;
        case 0x80000008: return 5;
        default: return std::nullopt;
    }
}

std::uint32_t cpuid_zero_bits(unsigned leaf, unsigned reg, const FeatureSet& lacking) {
    std::uint32_t bits = 0;
    for (const CpuidBit& each : table) {
        if (each.leaf == leaf && each.reg == reg && is_lacking(each.feature, lacking)) bits |= std::uint32_t{1} << each.bit;
    }
    return bits;
}

std::uint32_t cpu_model_zero_bits(unsigned index, const FeatureSet& lacking) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        std::size_t number = std::size_t{index} * 32 + i;
        bool zero = number < model_features.size() && is_lacking(model_features[number], lacking);
        if (number >= first_level && number - first_level < level_features.size())
            zero = is_lacking(level_features[number - first_level], lacking);
        if (zero) bits |= std::uint32_t{1} << i;
    }
    return bits;
}

}  // namespace abiscope::disasm
