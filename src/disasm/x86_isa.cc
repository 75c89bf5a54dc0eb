#include "disasm/x86_isa.h"

#include <algorithm>
#include <array>

namespace abiscope::disasm::x86 {

namespace {

using enum Feature;

struct Row {
    ZydisISASet isa_set;
    Needs needs;
};

constexpr Needs hint(Feature feature) { return {feature, none, Absence::harmless}; }

// Zydis' ISA sets follow Intel XED's; the features are those of the CPUID column of the Intel SDM and AMD APM.
constexpr std::array rows{
    Row{ZYDIS_ISA_SET_ADOX_ADCX, {adx}},
    Row{ZYDIS_ISA_SET_AES, {aes}},
    Row{ZYDIS_ISA_SET_AMD, {syscall}},
    Row{ZYDIS_ISA_SET_AMD3DNOW, {three_d_now}},
    Row{ZYDIS_ISA_SET_AMD_INVLPGB, {svm}},
    Row{ZYDIS_ISA_SET_AMX_BF16, {amx_bf16, amx_tile}},
    Row{ZYDIS_ISA_SET_AMX_INT8, {amx_int8, amx_tile}},
    Row{ZYDIS_ISA_SET_AMX_TILE, {amx_tile}},
    Row{ZYDIS_ISA_SET_AVX, {avx}},
    Row{ZYDIS_ISA_SET_AVX2, {avx2}},
    Row{ZYDIS_ISA_SET_AVX2GATHER, {avx2}},
    Row{ZYDIS_ISA_SET_AVX512BW_128, {avx512bw, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512BW_128N, {avx512bw}},
    Row{ZYDIS_ISA_SET_AVX512BW_256, {avx512bw, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512BW_512, {avx512bw}},
    Row{ZYDIS_ISA_SET_AVX512BW_KOP, {avx512bw}},
    Row{ZYDIS_ISA_SET_AVX512CD_128, {avx512cd, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512CD_256, {avx512cd, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512CD_512, {avx512cd}},
    Row{ZYDIS_ISA_SET_AVX512DQ_128, {avx512dq, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512DQ_128N, {avx512dq}},
    Row{ZYDIS_ISA_SET_AVX512DQ_256, {avx512dq, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512DQ_512, {avx512dq}},
    Row{ZYDIS_ISA_SET_AVX512DQ_KOP, {avx512dq}},
    Row{ZYDIS_ISA_SET_AVX512DQ_SCALAR, {avx512dq}},
    Row{ZYDIS_ISA_SET_AVX512ER_512, {avx512er}},
    Row{ZYDIS_ISA_SET_AVX512ER_SCALAR, {avx512er}},
    Row{ZYDIS_ISA_SET_AVX512F_128, {avx512f, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512F_128N, {avx512f}},
    Row{ZYDIS_ISA_SET_AVX512F_256, {avx512f, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512F_512, {avx512f}},
    Row{ZYDIS_ISA_SET_AVX512F_KOP, {avx512f}},
    Row{ZYDIS_ISA_SET_AVX512F_SCALAR, {avx512f}},
    Row{ZYDIS_ISA_SET_AVX512PF_512, {avx512pf}},
    Row{ZYDIS_ISA_SET_AVX512_4FMAPS_512, {avx512_4fmaps}},
    Row{ZYDIS_ISA_SET_AVX512_4FMAPS_SCALAR, {avx512_4fmaps}},
    Row{ZYDIS_ISA_SET_AVX512_4VNNIW_512, {avx512_4vnniw}},
    Row{ZYDIS_ISA_SET_AVX512_BF16_128, {avx512_bf16, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_BF16_256, {avx512_bf16, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_BF16_512, {avx512_bf16}},
    Row{ZYDIS_ISA_SET_AVX512_BITALG_128, {avx512_bitalg, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_BITALG_256, {avx512_bitalg, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_BITALG_512, {avx512_bitalg}},
    Row{ZYDIS_ISA_SET_AVX512_FP16_128, {avx512_fp16, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_FP16_128N, {avx512_fp16}},
    Row{ZYDIS_ISA_SET_AVX512_FP16_256, {avx512_fp16, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_FP16_512, {avx512_fp16}},
    Row{ZYDIS_ISA_SET_AVX512_FP16_SCALAR, {avx512_fp16}},
    Row{ZYDIS_ISA_SET_AVX512_GFNI_128, {gfni, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_GFNI_256, {gfni, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_GFNI_512, {gfni, avx512f}},
    Row{ZYDIS_ISA_SET_AVX512_IFMA_128, {avx512_ifma, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_IFMA_256, {avx512_ifma, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_IFMA_512, {avx512_ifma}},
    Row{ZYDIS_ISA_SET_AVX512_VAES_128, {vaes, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VAES_256, {vaes, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VAES_512, {vaes, avx512f}},
    Row{ZYDIS_ISA_SET_AVX512_VBMI2_128, {avx512_vbmi2, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VBMI2_256, {avx512_vbmi2, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VBMI2_512, {avx512_vbmi2}},
    Row{ZYDIS_ISA_SET_AVX512_VBMI_128, {avx512_vbmi, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VBMI_256, {avx512_vbmi, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VBMI_512, {avx512_vbmi}},
    Row{ZYDIS_ISA_SET_AVX512_VNNI_128, {avx512_vnni, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VNNI_256, {avx512_vnni, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VNNI_512, {avx512_vnni}},
    Row{ZYDIS_ISA_SET_AVX512_VP2INTERSECT_128, {avx512_vp2intersect, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VP2INTERSECT_256, {avx512_vp2intersect, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VP2INTERSECT_512, {avx512_vp2intersect}},
    Row{ZYDIS_ISA_SET_AVX512_VPCLMULQDQ_128, {vpclmulqdq, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VPCLMULQDQ_256, {vpclmulqdq, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VPCLMULQDQ_512, {vpclmulqdq, avx512f}},
    Row{ZYDIS_ISA_SET_AVX512_VPOPCNTDQ_128, {avx512_vpopcntdq, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VPOPCNTDQ_256, {avx512_vpopcntdq, avx512vl}},
    Row{ZYDIS_ISA_SET_AVX512_VPOPCNTDQ_512, {avx512_vpopcntdq}},
    Row{ZYDIS_ISA_SET_AVXAES, {aes, avx}},
    Row{ZYDIS_ISA_SET_AVX_GFNI, {gfni, avx}},
    Row{ZYDIS_ISA_SET_AVX_VNNI, {avx_vnni}},
    Row{ZYDIS_ISA_SET_BMI1, {bmi1}},
    Row{ZYDIS_ISA_SET_BMI2, {bmi2}},
    Row{ZYDIS_ISA_SET_CET, {shstk}},
    Row{ZYDIS_ISA_SET_CLDEMOTE, hint(cldemote)},
    Row{ZYDIS_ISA_SET_CLFLUSHOPT, {clflushopt}},
    Row{ZYDIS_ISA_SET_CLFSH, {clflush}},
    Row{ZYDIS_ISA_SET_CLWB, {clwb}},
    Row{ZYDIS_ISA_SET_CLZERO, {clzero}},
    Row{ZYDIS_ISA_SET_CMOV, {cmov}},
    Row{ZYDIS_ISA_SET_CMPXCHG16B, {cx16}},
    Row{ZYDIS_ISA_SET_ENQCMD, {enqcmd}},
    Row{ZYDIS_ISA_SET_F16C, {f16c}},
    Row{ZYDIS_ISA_SET_FAT_NOP, {nopl}},
    Row{ZYDIS_ISA_SET_FCMOV, {cmov}},
    Row{ZYDIS_ISA_SET_FMA, {fma}},
    Row{ZYDIS_ISA_SET_FMA4, {fma4}},
    Row{ZYDIS_ISA_SET_FXSAVE, {fxsr}},
    Row{ZYDIS_ISA_SET_FXSAVE64, {fxsr}},
    Row{ZYDIS_ISA_SET_GFNI, {gfni}},
    Row{ZYDIS_ISA_SET_HRESET, {hreset}},
    Row{ZYDIS_ISA_SET_I486, {i486}},
    Row{ZYDIS_ISA_SET_I486REAL, {i486}},
    Row{ZYDIS_ISA_SET_INVPCID, {invpcid}},
    Row{ZYDIS_ISA_SET_KEYLOCKER, {keylocker}},
    Row{ZYDIS_ISA_SET_KEYLOCKER_WIDE, {keylocker_wide}},
    Row{ZYDIS_ISA_SET_KNCE, {xeon_phi_knc}},
    Row{ZYDIS_ISA_SET_KNCJKBR, {xeon_phi_knc}},
    Row{ZYDIS_ISA_SET_KNCSTREAM, {xeon_phi_knc}},
    Row{ZYDIS_ISA_SET_KNCV, {xeon_phi_knc}},
    Row{ZYDIS_ISA_SET_KNC_MISC, {xeon_phi_knc}},
    Row{ZYDIS_ISA_SET_KNC_PF_HINT, {xeon_phi_knc}},
    Row{ZYDIS_ISA_SET_LAHF, {lahf}},
    Row{ZYDIS_ISA_SET_LONGMODE, {syscall}},
    Row{ZYDIS_ISA_SET_LWP, {lwp}},
    Row{ZYDIS_ISA_SET_LZCNT, {lzcnt, none, Absence::wrong_result}},
    Row{ZYDIS_ISA_SET_MCOMMIT, {mcommit}},
    Row{ZYDIS_ISA_SET_MONITOR, {monitor}},
    Row{ZYDIS_ISA_SET_MONITORX, {monitorx}},
    Row{ZYDIS_ISA_SET_MOVBE, {movbe}},
    Row{ZYDIS_ISA_SET_MOVDIR, {movdir}},
    Row{ZYDIS_ISA_SET_MPX, hint(mpx)},
    Row{ZYDIS_ISA_SET_PADLOCK_ACE, {padlock_ace}},
    Row{ZYDIS_ISA_SET_PADLOCK_PHE, {padlock_phe}},
    Row{ZYDIS_ISA_SET_PADLOCK_PMM, {padlock_pmm}},
    Row{ZYDIS_ISA_SET_PADLOCK_RNG, {padlock_rng}},
    Row{ZYDIS_ISA_SET_PCLMULQDQ, {pclmulqdq}},
    Row{ZYDIS_ISA_SET_PCONFIG, {pconfig}},
    Row{ZYDIS_ISA_SET_PENTIUMMMX, {mmx}},
    Row{ZYDIS_ISA_SET_PENTIUMREAL, {i586}},
    Row{ZYDIS_ISA_SET_PKU, {pku}},
    Row{ZYDIS_ISA_SET_POPCNT, {popcnt}},
    Row{ZYDIS_ISA_SET_PPRO, {i686}},
    Row{ZYDIS_ISA_SET_PREFETCHWT1, hint(prefetchwt1)},
    Row{ZYDIS_ISA_SET_PT, {ptwrite}},
    Row{ZYDIS_ISA_SET_RDPID, {rdpid}},
    Row{ZYDIS_ISA_SET_RDPMC, {i686}},
    Row{ZYDIS_ISA_SET_RDPRU, {rdpru}},
    Row{ZYDIS_ISA_SET_RDRAND, {rdrand}},
    Row{ZYDIS_ISA_SET_RDSEED, {rdseed}},
    Row{ZYDIS_ISA_SET_RDTSCP, {rdtscp}},
    Row{ZYDIS_ISA_SET_RDWRFSGS, {fsgsbase}},
    Row{ZYDIS_ISA_SET_RTM, {rtm}},
    Row{ZYDIS_ISA_SET_SERIALIZE, {serialize}},
    Row{ZYDIS_ISA_SET_SGX, {sgx}},
    Row{ZYDIS_ISA_SET_SGX_ENCLV, {sgx}},
    Row{ZYDIS_ISA_SET_SHA, {sha}},
    Row{ZYDIS_ISA_SET_SMAP, {smap}},
    Row{ZYDIS_ISA_SET_SMX, {smx}},
    Row{ZYDIS_ISA_SET_SNP, {snp}},
    Row{ZYDIS_ISA_SET_SSE, {sse}},
    Row{ZYDIS_ISA_SET_SSE2, {sse2}},
    Row{ZYDIS_ISA_SET_SSE2MMX, {sse2}},
    Row{ZYDIS_ISA_SET_SSE3, {sse3}},
    Row{ZYDIS_ISA_SET_SSE3X87, {sse3}},
    Row{ZYDIS_ISA_SET_SSE4, {sse4_1}},
    Row{ZYDIS_ISA_SET_SSE42, {sse4_2}},
    Row{ZYDIS_ISA_SET_SSE4A, {sse4a}},
    Row{ZYDIS_ISA_SET_SSEMXCSR, {sse}},
    Row{ZYDIS_ISA_SET_SSE_PREFETCH, {sse}},
    Row{ZYDIS_ISA_SET_SSSE3, {ssse3}},
    Row{ZYDIS_ISA_SET_SSSE3MMX, {ssse3}},
    Row{ZYDIS_ISA_SET_SVM, {svm}},
    Row{ZYDIS_ISA_SET_TBM, {tbm}},
    Row{ZYDIS_ISA_SET_TDX, {tdx}},
    Row{ZYDIS_ISA_SET_TSX_LDTRK, {tsx_ldtrk}},
    Row{ZYDIS_ISA_SET_UINTR, {uintr}},
    Row{ZYDIS_ISA_SET_VAES, {vaes, avx}},
    Row{ZYDIS_ISA_SET_VMFUNC, {vmx}},
    Row{ZYDIS_ISA_SET_VPCLMULQDQ, {vpclmulqdq, avx}},
    Row{ZYDIS_ISA_SET_VTX, {vmx}},
    Row{ZYDIS_ISA_SET_WAITPKG, {waitpkg}},
    Row{ZYDIS_ISA_SET_XOP, {xop}},
    Row{ZYDIS_ISA_SET_XSAVE, {xsave}},
    Row{ZYDIS_ISA_SET_XSAVEC, {xsavec}},
    Row{ZYDIS_ISA_SET_XSAVEOPT, {xsaveopt}},
    Row{ZYDIS_ISA_SET_XSAVES, {xsaves}},
};

// Where the ISA set is not the whole truth. The codes follow the last ISA set.
enum class Exception : std::uint8_t {
    vpclmulqdq_vex128 = ZYDIS_ISA_SET_MAX_VALUE + 1,  // Zydis: AVX
    tzcnt,              // runs as BSF where BMI1 is missing: the same but for a zero operand, so compilers emit it for every CPU
    endbr,              // in the reserved no-op space since the Pentium Pro
    rdssp,              // likewise; leaves its register alone where there is no shadow stack
    mmx_of_sse,         // Zydis: PENTIUMMMX; came with SSE (Intel SDM)
    cmpxchg8b,          // Zydis: PENTIUMREAL; has a CPUID bit of its own
};

struct MnemonicException {
    ZydisMnemonic mnemonic;
    ZydisISASet isa_set;
    Exception code;
};

constexpr std::array exceptions{
    MnemonicException{ZYDIS_MNEMONIC_VPCLMULQDQ, ZYDIS_ISA_SET_AVX, Exception::vpclmulqdq_vex128},
    MnemonicException{ZYDIS_MNEMONIC_TZCNT, ZYDIS_ISA_SET_BMI1, Exception::tzcnt},
    MnemonicException{ZYDIS_MNEMONIC_ENDBR32, ZYDIS_ISA_SET_CET, Exception::endbr},
    MnemonicException{ZYDIS_MNEMONIC_ENDBR64, ZYDIS_ISA_SET_CET, Exception::endbr},
    MnemonicException{ZYDIS_MNEMONIC_RDSSPD, ZYDIS_ISA_SET_CET, Exception::rdssp},
    MnemonicException{ZYDIS_MNEMONIC_RDSSPQ, ZYDIS_ISA_SET_CET, Exception::rdssp},
    MnemonicException{ZYDIS_MNEMONIC_CMPXCHG8B, ZYDIS_ISA_SET_PENTIUMREAL, Exception::cmpxchg8b},
    MnemonicException{ZYDIS_MNEMONIC_MASKMOVQ, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
    MnemonicException{ZYDIS_MNEMONIC_MOVNTQ, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
    MnemonicException{ZYDIS_MNEMONIC_PAVGB, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
    MnemonicException{ZYDIS_MNEMONIC_PAVGW, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
    MnemonicException{ZYDIS_MNEMONIC_PEXTRW, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
    MnemonicException{ZYDIS_MNEMONIC_PINSRW, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
    MnemonicException{ZYDIS_MNEMONIC_PMAXSW, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
    MnemonicException{ZYDIS_MNEMONIC_PMAXUB, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
    MnemonicException{ZYDIS_MNEMONIC_PMINSW, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
    MnemonicException{ZYDIS_MNEMONIC_PMINUB, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
    MnemonicException{ZYDIS_MNEMONIC_PMOVMSKB, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
    MnemonicException{ZYDIS_MNEMONIC_PMULHUW, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
    MnemonicException{ZYDIS_MNEMONIC_PSADBW, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
    MnemonicException{ZYDIS_MNEMONIC_PSHUFW, ZYDIS_ISA_SET_PENTIUMMMX, Exception::mmx_of_sse},
};

// ISA sets that hold an exception: all others need no look at the mnemonic.
constexpr bool has_exception(ZydisISASet isa_set) {
    return isa_set == ZYDIS_ISA_SET_AVX || isa_set == ZYDIS_ISA_SET_BMI1 || isa_set == ZYDIS_ISA_SET_CET ||
        isa_set == ZYDIS_ISA_SET_PENTIUMREAL || isa_set == ZYDIS_ISA_SET_PENTIUMMMX;
}

static_assert(std::ranges::all_of(exceptions, [](const MnemonicException& e) { return has_exception(e.isa_set); }));

// What every x86-64 CPU has: psABI x86-64-v1.
constexpr bool in_x86_64_baseline(Feature feature) {
    switch (feature) {
        case i486:
        case i586:
        case i686:
        case cmov:
        case cx8:
        case fpu:
        case fxsr:
        case mmx:
        case sse:
        case sse2:
        case syscall:
        case nopl:
        case clflush: return true;
        default: return false;
    }
}

using NeedsTable = std::array<Needs, 256>;

constexpr NeedsTable make_table(bool wide) {
    NeedsTable table{};
    for (const Row& row : rows) table[row.isa_set] = row.needs;
    auto exception = [&table](Exception code) -> Needs& { return table[static_cast<std::size_t>(code)]; };
    exception(Exception::vpclmulqdq_vex128) = {pclmulqdq, avx};
    exception(Exception::tzcnt) = hint(bmi1);
    exception(Exception::endbr) = {nopl};
    exception(Exception::rdssp) = {nopl};
    exception(Exception::mmx_of_sse) = {sse};
    exception(Exception::cmpxchg8b) = {cx8};
    for (Needs& entry : table) {
        if (wide && in_x86_64_baseline(entry.first)) entry = Needs{};
    }
    return table;
}

constexpr NeedsTable table_32 = make_table(false);
constexpr NeedsTable table_64 = make_table(true);

bool implausible(const ZydisDecodedInstruction& instruction) {
    if ((instruction.attributes & ZYDIS_ATTRIB_IS_PRIVILEGED) != 0) return true;
    if (instruction.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR) return true;
    switch (instruction.mnemonic) {
        case ZYDIS_MNEMONIC_IN:
        case ZYDIS_MNEMONIC_OUT:
        case ZYDIS_MNEMONIC_INSB:
        case ZYDIS_MNEMONIC_INSW:
        case ZYDIS_MNEMONIC_INSD:
        case ZYDIS_MNEMONIC_OUTSB:
        case ZYDIS_MNEMONIC_OUTSW:
        case ZYDIS_MNEMONIC_OUTSD:
        case ZYDIS_MNEMONIC_IRET:
        case ZYDIS_MNEMONIC_IRETD:
        case ZYDIS_MNEMONIC_IRETQ:
        case ZYDIS_MNEMONIC_INT1:
        case ZYDIS_MNEMONIC_INTO:
        case ZYDIS_MNEMONIC_CLI:
        case ZYDIS_MNEMONIC_STI:
        case ZYDIS_MNEMONIC_LDS:
        case ZYDIS_MNEMONIC_LES:
        case ZYDIS_MNEMONIC_LFS:
        case ZYDIS_MNEMONIC_LGS:
        case ZYDIS_MNEMONIC_LSS:
        case ZYDIS_MNEMONIC_ARPL:
        case ZYDIS_MNEMONIC_BOUND:
        case ZYDIS_MNEMONIC_XLAT:
        case ZYDIS_MNEMONIC_LOOP:
        case ZYDIS_MNEMONIC_LOOPE:
        case ZYDIS_MNEMONIC_LOOPNE:
        case ZYDIS_MNEMONIC_AAA:
        case ZYDIS_MNEMONIC_AAD:
        case ZYDIS_MNEMONIC_AAM:
        case ZYDIS_MNEMONIC_AAS:
        case ZYDIS_MNEMONIC_DAA:
        case ZYDIS_MNEMONIC_DAS:
        case ZYDIS_MNEMONIC_SALC: return true;
        // Zeros.
        case ZYDIS_MNEMONIC_ADD:
            return instruction.opcode == 0 && instruction.length == 2 && instruction.raw.modrm.mod == 0 && instruction.raw.modrm.reg == 0 &&
                instruction.raw.modrm.rm == 0;
        default: return false;
    }
}

}  // namespace

NeedsCode needs_code(ZydisISASet isa_set, ZydisMnemonic mnemonic) {
    if (has_exception(isa_set)) {
        for (const MnemonicException& entry : exceptions) {
            if (entry.mnemonic == mnemonic && entry.isa_set == isa_set) return static_cast<NeedsCode>(entry.code);
        }
    }
    return static_cast<NeedsCode>(isa_set);
}

Needs needs(NeedsCode code, Architecture architecture) { return architecture == Architecture::x86_64 ? table_64[code] : table_32[code]; }

Landmark landmark(const ZydisDecodedInstruction& instruction) {
    switch (instruction.mnemonic) {
        case ZYDIS_MNEMONIC_CPUID: return Landmark::cpuid;
        case ZYDIS_MNEMONIC_XGETBV: return Landmark::xgetbv;
        case ZYDIS_MNEMONIC_RDSSPD:
        case ZYDIS_MNEMONIC_RDSSPQ: return Landmark::rdssp;
        default: return implausible(instruction) ? Landmark::implausible : Landmark::none;
    }
}

PlainDecoder::PlainDecoder(Architecture architecture) : decoder_{}, architecture_(architecture) {
    if (architecture == Architecture::x86_64) {
        ZydisDecoderInit(&decoder_, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    } else {
        ZydisDecoderInit(&decoder_, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
    }
}

Measure PlainDecoder::measure(const ZydisDecodedInstruction& instruction) const {
    NeedsCode code = needs_code(instruction.meta.isa_set, instruction.mnemonic);
    if (needs(code, architecture_).nothing()) code = 0;
    return {.length = instruction.length, .code = code, .landmark = landmark(instruction)};
}

Measure PlainDecoder::measure(const std::byte* bytes, std::size_t size) const {
    ZydisDecodedInstruction instruction;
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder_, nullptr, bytes, size, &instruction))) return {};
    return measure(instruction);
}

}  // namespace abiscope::disasm::x86
