// Sources: Linux arch/x86/include/asm/cpufeatures.h and Documentation/arch/x86/cpuinfo.rst, Documentation/arch/arm64/elf_hwcaps.rst
// (names in /proc/cpuinfo); GCC manual "x86 Options" and "AArch64 Options" (-m and -march extension names); Intel SDM volume 2 and
// AMD APM volume 3 (CPUID Feature Flag column); x86-64 psABI, table "Micro-Architecture Levels".
#include <array>

#include "disasm/features.h"

namespace abiscope::disasm {

namespace {

using enum Feature;

constexpr std::array table{
    FeatureInfo{none, "", "", ""},
    FeatureInfo{i486, "i486", "", ""},
    FeatureInfo{i586, "i586", "", ""},
    FeatureInfo{i686, "i686", "", ""},
    FeatureInfo{cmov, "CMOV", "cmov", ""},
    FeatureInfo{cx8, "CMPXCHG8B", "cx8", ""},
    FeatureInfo{fpu, "FPU", "fpu", "80387"},
    FeatureInfo{fxsr, "FXSR", "fxsr", "fxsr"},
    FeatureInfo{mmx, "MMX", "mmx", "mmx"},
    FeatureInfo{sse, "SSE", "sse", "sse"},
    FeatureInfo{sse2, "SSE2", "sse2", "sse2"},
    FeatureInfo{syscall, "SYSCALL", "syscall", ""},
    FeatureInfo{nopl, "NOPL", "nopl", ""},
    FeatureInfo{cx16, "CMPXCHG16B", "cx16", "cx16"},
    FeatureInfo{lahf, "LAHF-SAHF", "lahf_lm", "sahf"},
    FeatureInfo{popcnt, "POPCNT", "popcnt", "popcnt"},
    FeatureInfo{sse3, "SSE3", "pni", "sse3"},
    FeatureInfo{ssse3, "SSSE3", "ssse3", "ssse3"},
    FeatureInfo{sse4_1, "SSE4.1", "sse4_1", "sse4.1"},
    FeatureInfo{sse4_2, "SSE4.2", "sse4_2", "sse4.2"},
    FeatureInfo{avx, "AVX", "avx", "avx"},
    FeatureInfo{avx2, "AVX2", "avx2", "avx2"},
    FeatureInfo{bmi1, "BMI1", "bmi1", "bmi"},
    FeatureInfo{bmi2, "BMI2", "bmi2", "bmi2"},
    FeatureInfo{f16c, "F16C", "f16c", "f16c"},
    FeatureInfo{fma, "FMA", "fma", "fma"},
    FeatureInfo{lzcnt, "LZCNT", "abm", "lzcnt"},
    FeatureInfo{movbe, "MOVBE", "movbe", "movbe"},
    FeatureInfo{xsave, "OSXSAVE", "xsave", "xsave"},
    FeatureInfo{avx512f, "AVX512F", "avx512f", "avx512f"},
    FeatureInfo{avx512bw, "AVX512BW", "avx512bw", "avx512bw"},
    FeatureInfo{avx512cd, "AVX512CD", "avx512cd", "avx512cd"},
    FeatureInfo{avx512dq, "AVX512DQ", "avx512dq", "avx512dq"},
    FeatureInfo{avx512vl, "AVX512VL", "avx512vl", "avx512vl"},
    FeatureInfo{adx, "ADX", "adx", "adx"},
    FeatureInfo{aes, "AES", "aes", "aes"},
    FeatureInfo{amx_bf16, "AMX-BF16", "amx_bf16", "amx-bf16"},
    FeatureInfo{amx_int8, "AMX-INT8", "amx_int8", "amx-int8"},
    FeatureInfo{amx_tile, "AMX-TILE", "amx_tile", "amx-tile"},
    FeatureInfo{avx512_4fmaps, "AVX512_4FMAPS", "avx512_4fmaps", "avx5124fmaps"},
    FeatureInfo{avx512_4vnniw, "AVX512_4VNNIW", "avx512_4vnniw", "avx5124vnniw"},
    FeatureInfo{avx512_bf16, "AVX512_BF16", "avx512_bf16", "avx512bf16"},
    FeatureInfo{avx512_bitalg, "AVX512_BITALG", "avx512_bitalg", "avx512bitalg"},
    FeatureInfo{avx512er, "AVX512ER", "avx512er", "avx512er"},
    FeatureInfo{avx512_fp16, "AVX512_FP16", "avx512_fp16", "avx512fp16"},
    FeatureInfo{avx512_ifma, "AVX512_IFMA", "avx512ifma", "avx512ifma"},
    FeatureInfo{avx512pf, "AVX512PF", "avx512pf", "avx512pf"},
    FeatureInfo{avx512_vbmi, "AVX512_VBMI", "avx512vbmi", "avx512vbmi"},
    FeatureInfo{avx512_vbmi2, "AVX512_VBMI2", "avx512_vbmi2", "avx512vbmi2"},
    FeatureInfo{avx512_vnni, "AVX512_VNNI", "avx512_vnni", "avx512vnni"},
    FeatureInfo{avx512_vp2intersect, "AVX512_VP2INTERSECT", "avx512_vp2intersect", "avx512vp2intersect"},
    FeatureInfo{avx512_vpopcntdq, "AVX512_VPOPCNTDQ", "avx512_vpopcntdq", "avx512vpopcntdq"},
    FeatureInfo{avx_vnni, "AVX-VNNI", "avx_vnni", "avxvnni"},
    FeatureInfo{cldemote, "CLDEMOTE", "cldemote", "cldemote"},
    FeatureInfo{clflush, "CLFSH", "clflush", ""},
    FeatureInfo{clflushopt, "CLFLUSHOPT", "clflushopt", "clflushopt"},
    FeatureInfo{clwb, "CLWB", "clwb", "clwb"},
    FeatureInfo{clzero, "CLZERO", "clzero", "clzero"},
    FeatureInfo{enqcmd, "ENQCMD", "enqcmd", "enqcmd"},
    FeatureInfo{fma4, "FMA4", "fma4", "fma4"},
    FeatureInfo{fsgsbase, "FSGSBASE", "fsgsbase", "fsgsbase"},
    FeatureInfo{gfni, "GFNI", "gfni", "gfni"},
    FeatureInfo{hreset, "HRESET", "", "hreset"},
    FeatureInfo{invpcid, "INVPCID", "invpcid", ""},
    FeatureInfo{keylocker, "KL", "", "kl"},
    FeatureInfo{keylocker_wide, "WIDE_KL", "", "widekl"},
    FeatureInfo{lwp, "LWP", "lwp", "lwp"},
    FeatureInfo{mcommit, "MCOMMIT", "", ""},
    FeatureInfo{monitor, "MONITOR", "monitor", ""},
    FeatureInfo{monitorx, "MONITORX", "mwaitx", "mwaitx"},
    FeatureInfo{movdir, "MOVDIRI", "movdiri", "movdiri"},
    FeatureInfo{mpx, "MPX", "mpx", "mpx"},
    FeatureInfo{padlock_ace, "PADLOCK-ACE", "ace", ""},
    FeatureInfo{padlock_phe, "PADLOCK-PHE", "phe", ""},
    FeatureInfo{padlock_pmm, "PADLOCK-PMM", "pmm", ""},
    FeatureInfo{padlock_rng, "PADLOCK-RNG", "rng", ""},
    FeatureInfo{pclmulqdq, "PCLMULQDQ", "pclmulqdq", "pclmul"},
    FeatureInfo{pconfig, "PCONFIG", "pconfig", "pconfig"},
    FeatureInfo{pku, "PKU", "ospke", "pku"},
    FeatureInfo{prefetchwt1, "PREFETCHWT1", "", "prefetchwt1"},
    FeatureInfo{ptwrite, "PTWRITE", "", "ptwrite"},
    FeatureInfo{rdpid, "RDPID", "rdpid", "rdpid"},
    FeatureInfo{rdpru, "RDPRU", "rdpru", ""},
    FeatureInfo{rdrand, "RDRAND", "rdrand", "rdrnd"},
    FeatureInfo{rdseed, "RDSEED", "rdseed", "rdseed"},
    FeatureInfo{rdtscp, "RDTSCP", "rdtscp", ""},
    FeatureInfo{rtm, "RTM", "rtm", "rtm"},
    FeatureInfo{serialize, "SERIALIZE", "serialize", "serialize"},
    FeatureInfo{sgx, "SGX", "sgx", "sgx"},
    FeatureInfo{sha, "SHA", "sha_ni", "sha"},
    FeatureInfo{shstk, "CET_SS", "user_shstk", "shstk"},
    FeatureInfo{smap, "SMAP", "smap", ""},
    FeatureInfo{smx, "SMX", "smx", ""},
    FeatureInfo{snp, "SEV-SNP", "sev_snp", ""},
    FeatureInfo{sse4a, "SSE4A", "sse4a", "sse4a"},
    FeatureInfo{svm, "SVM", "svm", ""},
    FeatureInfo{tbm, "TBM", "tbm", "tbm"},
    FeatureInfo{tdx, "TDX", "tdx_guest", ""},
    FeatureInfo{three_d_now, "3DNow!", "3dnow", "3dnow"},
    FeatureInfo{tsx_ldtrk, "TSXLDTRK", "tsxldtrk", "tsxldtrk"},
    FeatureInfo{uintr, "UINTR", "uintr", "uintr"},
    FeatureInfo{vaes, "VAES", "vaes", "vaes"},
    FeatureInfo{vmx, "VMX", "vmx", ""},
    FeatureInfo{vpclmulqdq, "VPCLMULQDQ", "vpclmulqdq", "vpclmulqdq"},
    FeatureInfo{waitpkg, "WAITPKG", "waitpkg", "waitpkg"},
    FeatureInfo{xeon_phi_knc, "KNC", "", ""},
    FeatureInfo{xop, "XOP", "xop", "xop"},
    FeatureInfo{xsavec, "XSAVEC", "xsavec", "xsavec"},
    FeatureInfo{xsaveopt, "XSAVEOPT", "xsaveopt", "xsaveopt"},
    FeatureInfo{xsaves, "XSAVES", "xsaves", "xsaves"},
    FeatureInfo{arm_aes, "FEAT_AES", "aes", "aes"},
    FeatureInfo{arm_bf16, "FEAT_BF16", "bf16", "bf16"},
    FeatureInfo{arm_crc32, "FEAT_CRC32", "crc32", "crc"},
    FeatureInfo{arm_dotprod, "FEAT_DotProd", "asimddp", "dotprod"},
    FeatureInfo{arm_fcma, "FEAT_FCMA", "fcma", "fcma"},
    FeatureInfo{arm_flagm, "FEAT_FlagM", "flagm", "flagm"},
    FeatureInfo{arm_flagm2, "FEAT_FlagM2", "flagm2", "flagm2"},
    FeatureInfo{arm_fp16, "FEAT_FP16", "asimdhp", "fp16"},
    FeatureInfo{arm_frint, "FEAT_FRINTTS", "frint", "frintts"},
    FeatureInfo{arm_i8mm, "FEAT_I8MM", "i8mm", "i8mm"},
    FeatureInfo{arm_jscvt, "FEAT_JSCVT", "jscvt", "jscvt"},
    FeatureInfo{arm_lrcpc, "FEAT_LRCPC", "lrcpc", "rcpc"},
    FeatureInfo{arm_lrcpc2, "FEAT_LRCPC2", "ilrcpc", "rcpc2"},
    FeatureInfo{arm_ls64, "FEAT_LS64", "", "ls64"},
    FeatureInfo{arm_lse, "FEAT_LSE", "atomics", "lse"},
    FeatureInfo{arm_mops, "FEAT_MOPS", "mops", "mops"},
    FeatureInfo{arm_mte, "FEAT_MTE", "mte", "memtag"},
    FeatureInfo{arm_pauth, "FEAT_PAuth", "paca", "pauth"},
    FeatureInfo{arm_rdm, "FEAT_RDM", "asimdrdm", "rdma"},
    FeatureInfo{arm_sb, "FEAT_SB", "sb", "sb"},
    FeatureInfo{arm_sha1, "FEAT_SHA1", "sha1", "sha1"},
    FeatureInfo{arm_sha2, "FEAT_SHA256", "sha2", "sha2"},
    FeatureInfo{arm_sha3, "FEAT_SHA3", "sha3", "sha3"},
    FeatureInfo{arm_sha512, "FEAT_SHA512", "sha512", ""},
    FeatureInfo{arm_sm3, "FEAT_SM3", "sm3", "sm4"},
    FeatureInfo{arm_sm4, "FEAT_SM4", "sm4", "sm4"},
    FeatureInfo{arm_sme, "FEAT_SME", "sme", "sme"},
    FeatureInfo{arm_sve, "FEAT_SVE", "sve", "sve"},
    FeatureInfo{arm_sve2, "FEAT_SVE2", "sve2", "sve2"},
};

static_assert(table.size() == feature_count);
static_assert([] {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (table[i].feature != static_cast<Feature>(i)) return false;
    }
    return true;
}());

// All spellings of [from, to], each feature's own name first.
template <std::size_t From, std::size_t To>
constexpr auto spellings() {
    std::array<Name, 3 * (To - From + 1)> names{};
    std::size_t count = 0;
    for (int column = 0; column < 3; ++column) {
        for (std::size_t i = From; i <= To; ++i) {
            const FeatureInfo& row = table[i];
            std::string_view name = column == 0 ? row.name : column == 1 ? row.cpuinfo : row.compiler;
            if (!name.empty() && (column == 0 || name != row.name)) names[count++] = Name{i, name};
        }
    }
    return std::pair(names, count);
}

constexpr auto first_arm = static_cast<std::size_t>(arm_aes);
constexpr auto x86_names = spellings<1, first_arm - 1>();
constexpr auto arm64_names = spellings<first_arm, feature_count - 1>();

}  // namespace

std::span<const FeatureInfo> feature_table() { return std::span(table).subspan(1); }

const FeatureInfo& info(Feature feature) { return table[static_cast<std::size_t>(feature)]; }

NameTable x86_feature_names() { return NameTable(x86_names.first).first(x86_names.second); }

NameTable arm64_feature_names() { return NameTable(arm64_names.first).first(arm64_names.second); }

}  // namespace abiscope::disasm
