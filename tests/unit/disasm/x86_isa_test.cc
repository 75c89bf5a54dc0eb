#include "disasm/x86_isa.h"

#include <gtest/gtest.h>

#include "disasm/decoder.h"
#include "unit/disasm/bytes_of.h"

namespace abiscope::disasm {
namespace {

struct Known {
    std::string_view bytes;
    std::string_view mnemonic;
    Needs needs;
};

void PrintTo(const Known& known, std::ostream* out) { *out << known.bytes << " " << known.mnemonic; }

using enum Feature;

// What the CPUID column of the Intel SDM and the AMD APM says.
class NeedsOf64 : public testing::TestWithParam<Known> {};

INSTANTIATE_TEST_SUITE_P(
    Sdm, NeedsOf64,
    testing::Values(Known{"48 89 c3", "mov", {}}, Known{"0f 58 c1", "addps", {}}, Known{"66 0f fe c1", "paddd", {}},
                    Known{"c5 f9 fe c1", "vpaddd", {avx}},                              // the width decides
                    Known{"c5 fd fe c1", "vpaddd", {avx2}}, Known{"62 f1 7d 08 fe c1", "vpaddd", {avx512f, avx512vl}},
                    Known{"62 f1 7d 48 fe c1", "vpaddd", {avx512f}},
                    Known{"c4 e2 7d 18 00", "vbroadcastss", {avx}},                     // and where the operand is
                    Known{"c4 e2 7d 18 c0", "vbroadcastss", {avx2}}, Known{"66 0f 3a 44 c1 00", "pclmulqdq", {pclmulqdq}},
                    Known{"c4 e3 79 44 c1 00", "vpclmulqdq", {pclmulqdq, avx}}, Known{"c4 e3 7d 44 c1 00", "vpclmulqdq", {vpclmulqdq, avx}},
                    Known{"66 0f 38 dc c1", "aesenc", {aes}}, Known{"c4 e2 79 dc c1", "vaesenc", {aes, avx}},
                    Known{"c4 e2 7d dc c1", "vaesenc", {vaes, avx}}, Known{"f3 0f b8 c1", "popcnt", {popcnt}},
                    Known{"f3 0f bd c1", "lzcnt", {lzcnt, none, Absence::wrong_result}},
                    Known{"f3 0f bc c1", "tzcnt", {bmi1, none, Absence::harmless}},     // "rep bsf"
                    Known{"0f bc c1", "bsf", {}}, Known{"c4 e2 70 f2 c2", "andn", {bmi1}}, Known{"c4 e2 fb f7 c1", "shrx", {bmi2}},
                    Known{"0f 38 f0 00", "movbe", {movbe}}, Known{"f2 0f 38 f1 c1", "crc32", {sse4_2}},
                    Known{"48 0f c7 08", "cmpxchg16b", {cx16}}, Known{"0f c7 08", "cmpxchg8b", {}}, Known{"9f", "lahf", {lahf}},
                    Known{"f2 0f f0 00", "lddqu", {sse3}}, Known{"dd 08", "fisttp", {sse3}}, Known{"66 0f 38 00 c1", "pshufb", {ssse3}},
                    Known{"0f 38 00 c1", "pshufb", {ssse3}}, Known{"66 0f 38 17 c1", "ptest", {sse4_1}},
                    Known{"c4 e2 f1 98 c2", "vfmadd132pd", {fma}}, Known{"c4 e2 7d 13 c1", "vcvtph2ps", {f16c}},
                    Known{"f3 0f 1e fa", "endbr64", {}}, Known{"f3 48 0f 1e c8", "rdsspq", {}}, Known{"f3 48 0f ae e8", "incsspq", {shstk}},
                    Known{"0f 01 d0", "xgetbv", {xsave}}, Known{"0f 0d 08", "prefetchw", {}}, Known{"0f 0b", "ud2", {}},
                    Known{"f3 90", "pause", {}}, Known{"0f 05", "syscall", {}}, Known{"c5 fb 93 c1", "kmovd", {avx512bw}},
                    Known{"62 f2 7d 48 dc c1", "vaesenc", {vaes, avx512f}}, Known{"0f 01 d5", "xend", {rtm}}));

TEST_P(NeedsOf64, Match) {
    auto decoder = Decoder::create(Architecture::x86_64);
    ASSERT_TRUE(decoder);
    auto instruction = decoder->decode(bytes_of(GetParam().bytes), 0x1000);
    ASSERT_TRUE(instruction);
    EXPECT_EQ(instruction->mnemonic, GetParam().mnemonic);
    EXPECT_TRUE(instruction->needs == GetParam().needs)
        << info(instruction->needs.first).name << " " << info(instruction->needs.second).name;
}

class NeedsOf32 : public testing::TestWithParam<Known> {};

INSTANTIATE_TEST_SUITE_P(Sdm, NeedsOf32,
                         testing::Values(Known{"89 c3", "mov", {}}, Known{"0f c8", "bswap", {i486}}, Known{"0f b1 08", "cmpxchg", {i486}},
                                         Known{"0f c7 08", "cmpxchg8b", {cx8}}, Known{"0f 31", "rdtsc", {i586}},
                                         Known{"0f 44 c1", "cmovz", {cmov}}, Known{"0f 1f 00", "nop", {nopl}},
                                         Known{"f3 0f 1e fb", "endbr32", {nopl}},   // the Geode's bane
                                         Known{"df e9", "fucomip", {i686}}, Known{"0f e0 c1", "pavgb", {sse}},
                                         Known{"0f fc c1", "paddb", {mmx}}, Known{"0f d4 c1", "paddq", {sse2}}, Known{"d9 e8", "fld1", {}},
                                         Known{"0f ae 00", "fxsave", {fxsr}}));

TEST_P(NeedsOf32, Match) {
    auto decoder = Decoder::create(Architecture::x86);
    ASSERT_TRUE(decoder);
    auto instruction = decoder->decode(bytes_of(GetParam().bytes), 0x1000);
    ASSERT_TRUE(instruction);
    EXPECT_EQ(instruction->mnemonic, GetParam().mnemonic);
    EXPECT_TRUE(instruction->needs == GetParam().needs)
        << info(instruction->needs.first).name << " " << info(instruction->needs.second).name;
}

// A new Zydis with new ISA sets must not make their instructions look like baseline.
TEST(Needs, EveryIsaSetBeyondTheBaselineHasARow) {
    for (int set = 0; set <= ZYDIS_ISA_SET_MAX_VALUE; ++set) {
        auto isa = static_cast<ZydisISASet>(set);
        std::string_view name = ZydisISASetGetString(isa);
        bool baseline = name == "INVALID" || name.starts_with("I86") || name.starts_with("I186") || name.starts_with("I286") ||
            name == "I386" || name == "X87" || name == "PAUSE" || name == "PREFETCH_NOP" || name.starts_with("AVX512EVEX");
        bool nothing = x86::needs(x86::needs_code(isa, ZYDIS_MNEMONIC_INVALID), Architecture::x86).nothing();
        EXPECT_EQ(nothing, baseline) << name;
    }
}

}  // namespace
}  // namespace abiscope::disasm
