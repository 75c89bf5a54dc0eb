// Instruction-set features: what a CPU must have to execute an instruction, and how the kernel and the compiler call it.
//
// A Feature is a promise of the CPU ("has AVX2"); a level (disasm/levels.h) is a named set of them.
#pragma once

#include <bitset>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "base/names.h"

namespace abiscope::disasm {

enum class Feature : std::uint8_t {
    none,   // every CPU of the architecture has it

    // x86: instructions that came with a CPU generation and have no CPUID bit of their own
    i486,
    i586,
    i686,
    // x86: the baseline of x86-64
    cmov,
    cx8,
    fpu,
    fxsr,
    mmx,
    sse,
    sse2,
    syscall,
    nopl,
    // x86-64-v2
    cx16,
    lahf,
    popcnt,
    sse3,
    ssse3,
    sse4_1,
    sse4_2,
    // x86-64-v3
    avx,
    avx2,
    bmi1,
    bmi2,
    f16c,
    fma,
    lzcnt,
    movbe,
    xsave,
    // x86-64-v4
    avx512f,
    avx512bw,
    avx512cd,
    avx512dq,
    avx512vl,
    // x86, in no level
    adx,
    aes,
    amx_bf16,
    amx_int8,
    amx_tile,
    avx512_4fmaps,
    avx512_4vnniw,
    avx512_bf16,
    avx512_bitalg,
    avx512er,
    avx512_fp16,
    avx512_ifma,
    avx512pf,
    avx512_vbmi,
    avx512_vbmi2,
    avx512_vnni,
    avx512_vp2intersect,
    avx512_vpopcntdq,
    avx_vnni,
    cldemote,
    clflush,
    clflushopt,
    clwb,
    clzero,
    enqcmd,
    fma4,
    fsgsbase,
    gfni,
    hreset,
    invpcid,
    keylocker,
    keylocker_wide,
    lwp,
    mcommit,
    monitor,
    monitorx,
    movdir,
    mpx,
    padlock_ace,
    padlock_phe,
    padlock_pmm,
    padlock_rng,
    pclmulqdq,
    pconfig,
    pku,
    prefetchwt1,
    ptwrite,
    rdpid,
    rdpru,
    rdrand,
    rdseed,
    rdtscp,
    rtm,
    serialize,
    sgx,
    sha,
    shstk,
    smap,
    smx,
    snp,
    sse4a,
    svm,
    tbm,
    tdx,
    three_d_now,
    tsx_ldtrk,
    uintr,
    vaes,
    vmx,
    vpclmulqdq,
    waitpkg,
    xeon_phi_knc,
    xop,
    xsavec,
    xsaveopt,
    xsaves,

    // arm64
    arm_aes,
    arm_bf16,
    arm_crc32,
    arm_dotprod,
    arm_fcma,
    arm_flagm,
    arm_flagm2,
    arm_fp16,
    arm_frint,
    arm_i8mm,
    arm_jscvt,
    arm_lrcpc,
    arm_lrcpc2,
    arm_ls64,
    arm_lse,
    arm_mops,
    arm_mte,
    arm_pauth,
    arm_rdm,
    arm_sb,
    arm_sha1,
    arm_sha2,
    arm_sha3,
    arm_sha512,
    arm_sm3,
    arm_sm4,
    arm_sme,
    arm_sve,
    arm_sve2,
};

inline constexpr std::size_t feature_count = static_cast<std::size_t>(Feature::arm_sve2) + 1;

// One feature as the world writes it. An empty name: that source has none.
struct FeatureInfo {
    Feature feature;
    std::string_view name;      // as the vendor's manual and the psABI write it: "SSE4.2", "CMPXCHG16B"
    std::string_view cpuinfo;   // as /proc/cpuinfo writes it: "sse4_2", "cx16"
    std::string_view compiler;  // gcc's and clang's -m (x86) or -march=...+ (arm64) name: "sse4.2", "cx16"
};

[[nodiscard]] std::span<const FeatureInfo> feature_table();
[[nodiscard]] const FeatureInfo& info(Feature feature);

// Every spelling of the table; the first of each feature is the vendor's name. x86 and arm64 share some words ("aes"), so there is
// one list for each.
[[nodiscard]] NameTable x86_feature_names();
[[nodiscard]] NameTable arm64_feature_names();

class FeatureSet {
public:
    FeatureSet() = default;
    FeatureSet(std::initializer_list<Feature> features) {
        for (Feature feature : features) insert(feature);
    }

    void insert(Feature feature) {
        if (feature != Feature::none) bits_.set(static_cast<std::size_t>(feature));
    }
    void insert(const FeatureSet& other) { bits_ |= other.bits_; }
    void erase(const FeatureSet& other) { bits_ &= ~other.bits_; }
    [[nodiscard]] bool contains(Feature feature) const { return feature == Feature::none || bits_.test(static_cast<std::size_t>(feature)); }
    [[nodiscard]] bool contains(const FeatureSet& other) const { return (other.bits_ & ~bits_).none(); }
    [[nodiscard]] bool meets(const FeatureSet& other) const { return (other.bits_ & bits_).any(); }
    [[nodiscard]] bool empty() const { return bits_.none(); }
    [[nodiscard]] std::size_t size() const { return bits_.count(); }
    [[nodiscard]] std::vector<Feature> list() const;

    friend bool operator==(const FeatureSet&, const FeatureSet&) = default;

private:
    std::bitset<feature_count> bits_;
};

// What happens when an instruction meets a CPU that lacks its feature.
enum class Absence : std::uint8_t {
    illegal,        // undefined-instruction exception: SIGILL
    wrong_result,   // executes as another instruction: LZCNT as BSR
    harmless,       // executes as a no-op, or with the result that the compiler relied on: ENDBR64, TZCNT as BSF, PREFETCHW
};

[[nodiscard]] std::string_view to_string(Absence absence);

// What one instruction needs: at most two features ("vaesenc xmm" needs AES and AVX).
struct Needs {
    Feature first = Feature::none;
    Feature second = Feature::none;
    Absence absence = Absence::illegal;

    [[nodiscard]] bool nothing() const { return first == Feature::none; }
    friend bool operator==(const Needs&, const Needs&) = default;
};

}  // namespace abiscope::disasm
