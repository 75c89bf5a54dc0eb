// Source: Arm Architecture Reference Manual for A-profile (DDI 0487), chapter C4 "A64 Instruction Set Encoding"; checked against LLVM's
// disassembler by tests/differential/isa_sweep.py.
#include "disasm/arm64_features.h"

#include <array>

namespace abiscope::disasm::arm64 {

namespace {

using enum Feature;

constexpr std::array rows{
    // Loads, stores and atomics
    Encoding{0xffffec00, 0xf83f8000 | 0x1000, arm_ls64},            // ST64B
    Encoding{0xfffffc00, 0xf83fd000, arm_ls64},                     // LD64B
    Encoding{0xffe0ec00, 0xf820a000, arm_ls64},                     // ST64BV, ST64BV0
    Encoding{0x3ffffc00, 0x38bfc000, arm_lrcpc},                    // LDAPR
    Encoding{0x3f200c00, 0x38200000, arm_lse},                      // LDADD, LDCLR, LDEOR, LDSET, LDSMAX.., SWP
    Encoding{0x3fa07c00, 0x08a07c00, arm_lse},                      // CAS
    Encoding{0xbfa07c00, 0x08207c00, arm_lse},                      // CASP
    Encoding{0x3f200c00, 0x19000000, arm_lrcpc2},                   // LDAPUR, STLUR
    Encoding{0x3b200c00, 0x19000400, arm_mops},                     // CPY, SET
    Encoding{0xff200400, 0xf8200400, arm_pauth},                    // LDRAA, LDRAB
    Encoding{0xff200000, 0xd9200000, arm_mte},                      // LDG, STG, ST2G, STZG..
    Encoding{0xffc00000, 0x68800000, arm_mte},                      // STGP, post-index
    Encoding{0xff400000, 0x69000000, arm_mte},                      // STGP, offset and pre-index
    // Integer
    Encoding{0x7fe0f000, 0x1ac04000, arm_crc32},                    // CRC32
    Encoding{0x7fe0f000, 0x1ac05000, arm_crc32},                    // CRC32C
    Encoding{0xffc00000, 0x91800000, arm_mte},                      // ADDG; bits 15 and 14 should be zero and are not looked at
    Encoding{0xffc00000, 0xd1800000, arm_mte},                      // SUBG
    Encoding{0xffe0f800, 0x9ac01000, arm_mte},                      // IRG, GMI
    Encoding{0xdfe0fc00, 0x9ac00000, arm_mte},                      // SUBP, SUBPS
    Encoding{0xffe0fc00, 0x9ac03000, arm_pauth},                    // PACGA
    Encoding{0xffff8000, 0xdac10000, arm_pauth},                    // PACIA.. with registers, XPAC
    Encoding{0xffe07c10, 0xba000400, arm_flagm},                    // RMIF
    Encoding{0xffffbc1f, 0x3a00080d, arm_flagm},                    // SETF8, SETF16
    // Branches and system
    Encoding{0xfe1ff800, 0xd61f0800, arm_pauth},                    // BRAA, BLRAA, RETAA
    Encoding{0xfffff0ff, 0xd500401f, arm_flagm},                    // CFINV
    Encoding{0xfffff0ff, 0xd500403f, arm_flagm2},                   // XAFLAG
    Encoding{0xfffff0ff, 0xd500405f, arm_flagm2},                   // AXFLAG
    Encoding{0xfffff0ff, 0xd50330ff, arm_sb},                       // SB
    // Cryptography
    Encoding{0xffffcc00, 0x4e284800, arm_aes},                      // AESE, AESD, AESMC, AESIMC
    Encoding{0xbfe0fc00, 0x0ee0e000, arm_aes},                      // PMULL of 64-bit elements
    Encoding{0xffe0cc00, 0x5e000000, arm_sha1},                     // SHA1C, SHA1P, SHA1M, SHA1SU0
    Encoding{0xffffec00, 0x5e280800, arm_sha1},                     // SHA1H, SHA1SU1
    Encoding{0xffe0cc00, 0x5e004000, arm_sha2},                     // SHA256H, SHA256H2, SHA256SU1
    Encoding{0xfffffc00, 0x5e282800, arm_sha2},                     // SHA256SU0
    Encoding{0xffe08000, 0xce000000, arm_sha3},                     // EOR3
    Encoding{0xffe08000, 0xce200000, arm_sha3},                     // BCAX
    Encoding{0xffe00000, 0xce800000, arm_sha3},                     // XAR
    Encoding{0xffe0fc00, 0xce608c00, arm_sha3},                     // RAX1
    Encoding{0xffe0f000, 0xce608000, arm_sha512},                   // SHA512H, SHA512H2, SHA512SU1
    Encoding{0xfffffc00, 0xcec08000, arm_sha512},                   // SHA512SU0
    Encoding{0xffe08000, 0xce400000, arm_sm3},                      // SM3SS1
    Encoding{0xffe0c000, 0xce408000, arm_sm3},                      // SM3TT1A..
    Encoding{0xffe0f800, 0xce60c000, arm_sm3},                      // SM3PARTW1, SM3PARTW2
    Encoding{0xffe0fc00, 0xce60c800, arm_sm4},                      // SM4EKEY
    Encoding{0xfffffc00, 0xcec08400, arm_sm4},                      // SM4E
    // Vectors: three registers, extra
    Encoding{0xbf20f400, 0x2e008400, arm_rdm},                      // SQRDMLAH, SQRDMLSH
    Encoding{0xff20f400, 0x7e008400, arm_rdm},                      // the same, scalar
    Encoding{0x9fe0fc00, 0x0e809400, arm_dotprod},                  // SDOT, UDOT
    Encoding{0xbfe0fc00, 0x0e809c00, arm_i8mm},                     // USDOT
    Encoding{0xdfe0fc00, 0x4e80a400, arm_i8mm},                     // SMMLA, UMMLA
    Encoding{0xffe0fc00, 0x4e80ac00, arm_i8mm},                     // USMMLA
    Encoding{0xbfe0fc00, 0x2e40fc00, arm_bf16},                     // BFDOT
    Encoding{0xbfe0fc00, 0x2ec0fc00, arm_bf16},                     // BFMLALB, BFMLALT
    Encoding{0xffe0fc00, 0x6e40ec00, arm_bf16},                     // BFMMLA
    Encoding{0xbfe0e400, 0x2e40c400, arm_fcma, arm_fp16},           // FCMLA, half precision
    Encoding{0xbfe0ec00, 0x2e40e400, arm_fcma, arm_fp16},           // FCADD, half precision
    Encoding{0xbf20e400, 0x2e00c400, arm_fcma},                     // FCMLA
    Encoding{0xbf20ec00, 0x2e00e400, arm_fcma},                     // FCADD
    // Vectors: by element
    Encoding{0xbf00d400, 0x2f00d000, arm_rdm},                      // SQRDMLAH, SQRDMLSH
    Encoding{0xff00d400, 0x7f00d000, arm_rdm},                      // the same, scalar
    Encoding{0x9fc0f400, 0x0f80e000, arm_dotprod},                  // SDOT, UDOT
    Encoding{0xbfc0f400, 0x0f80f000, arm_i8mm},                     // USDOT
    Encoding{0xbfc0f400, 0x0f00f000, arm_i8mm},                     // SUDOT
    Encoding{0xbfc0f400, 0x0f40f000, arm_bf16},                     // BFDOT
    Encoding{0xbfc0f400, 0x0fc0f000, arm_bf16},                     // BFMLALB, BFMLALT
    Encoding{0xbfc09400, 0x2f401000, arm_fcma, arm_fp16},           // FCMLA, half precision
    Encoding{0xbfc09400, 0x2f801000, arm_fcma},                     // FCMLA
    Encoding{0xbfc0b400, 0x0f001000, arm_fp16},                     // FMLA, FMLS, half precision
    Encoding{0x9fc0f400, 0x0f009000, arm_fp16},                     // FMUL, FMULX, half precision
    Encoding{0xffc0b400, 0x5f001000, arm_fp16},                     // the same, scalar
    Encoding{0xdfc0f400, 0x5f009000, arm_fp16},
    // Vectors: half precision
    Encoding{0x9f60c400, 0x0e400400, arm_fp16},                     // three registers
    Encoding{0xdf60c400, 0x5e400400, arm_fp16},
    Encoding{0x9f7e0c00, 0x0e780800, arm_fp16},                     // two registers
    Encoding{0xdf7e0c00, 0x5e780800, arm_fp16},
    Encoding{0xbf7ffc00, 0x0e30c800, arm_fp16},                     // FMAXNMV, FMINNMV
    Encoding{0xbf7ffc00, 0x0e30f800, arm_fp16},                     // FMAXV, FMINV
    Encoding{0xbff8fc00, 0x0f00fc00, arm_fp16},                     // FMOV of an immediate
    Encoding{0x9ff0fc00, 0x0f10e400, arm_fp16},                     // SCVTF, UCVTF, fixed-point
    Encoding{0xdff0fc00, 0x5f10e400, arm_fp16},
    Encoding{0x9ff0fc00, 0x0f10fc00, arm_fp16},                     // FCVTZS, FCVTZU, fixed-point
    Encoding{0xdff0fc00, 0x5f10fc00, arm_fp16},
    // Vectors: rounding and conversion
    Encoding{0x9fbfec00, 0x0e21e800, arm_frint},                    // FRINT32Z, FRINT32X, FRINT64Z, FRINT64X
    Encoding{0xbffffc00, 0x0ea16800, arm_bf16},                     // BFCVTN
    // Scalar floating point
    Encoding{0xffbe7c00, 0x1e284000, arm_frint},
    Encoding{0xfffffc00, 0x1e634000, arm_bf16},                     // BFCVT
    Encoding{0xfffffc00, 0x1e7e0000, arm_jscvt},                    // FJCVTZS
    Encoding{0xffff7c00, 0x1ee24000, none},                         // FCVT from half precision: Armv8.0 has it
    Encoding{0x7fc00000, 0x1ec00000, arm_fp16},                     // everything else on half precision
    Encoding{0xffc00000, 0x1fc00000, arm_fp16},                     // FMADD..
    // Whole spaces; within SVE's, what tells or uses the streaming vector length is SME's
    Encoding{0xffa0f800, 0x04205800, arm_sme},                      // ADDSVL, ADDSPL
    Encoding{0xfffff800, 0x04bf5800, arm_sme},                      // RDSVL
    Encoding{0x1e000000, 0x04000000, arm_sve},
    Encoding{0x9e000000, 0x80000000, arm_sme},
};

static_assert(rows.size() < 256);

constexpr bool fits(const Encoding& row, std::uint32_t word) { return (word & row.mask) == row.value; }

// Which values of bits 28 to 21 no row can have: nearly all code is done with one look.
constexpr auto interesting = [] {
    std::array<bool, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        auto bits = static_cast<std::uint32_t>(i) << 21;
        for (const Encoding& row : rows) table[i] = table[i] || ((bits ^ row.value) & row.mask & 0x1fe00000U) == 0;
    }
    return table;
}();

}  // namespace

std::span<const Encoding> encodings() { return rows; }

std::uint8_t needs_code(std::uint32_t word) {
    if (!interesting[(word >> 21) & 0xff]) return 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (fits(rows[i], word)) return rows[i].feature == none ? std::uint8_t{0} : static_cast<std::uint8_t>(i + 1);
    }
    return 0;
}

bool is_unallocated(std::uint32_t word) {
    std::uint32_t group = (word >> 25) & 15;
    return group == 1 || group == 3 || (group == 0 && (word >> 31) == 0);
}

}  // namespace abiscope::disasm::arm64
