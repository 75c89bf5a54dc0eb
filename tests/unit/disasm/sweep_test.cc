#include "disasm/sweep.h"

#include <gtest/gtest.h>

#include "disasm/arm64_features.h"
#include "disasm/sweep_raw.h"
#include "unit/disasm/bytes_of.h"

namespace abiscope::disasm {
namespace {

constexpr std::string_view vpaddd_ymm = "c5 fd fe c1";
constexpr std::string_view popcnt = "f3 0f b8 c1";
constexpr std::string_view ret = "c3";
constexpr std::uint64_t base = 0x401000;
constexpr std::uint64_t file_base = 0x1000;

Code code_of(const std::vector<std::byte>& bytes, std::vector<Function> functions = {}, std::vector<AddressRange> data = {}) {
    return {Architecture::x86_64, {{View(bytes, file_base), base}}, std::move(functions), std::move(data)};
}

std::vector<std::byte> nops(std::size_t count) { return std::vector(count, std::byte{0x90}); }

TEST(Sweep, NamesTheFirstInstructionOfEachFeature) {
    auto bytes = nops(100);
    append(bytes, vpaddd_ymm);
    append(bytes, vpaddd_ymm);
    append(bytes, popcnt);
    append(bytes, ret);
    bytes.resize(bytes.size() + 100, std::byte{0x90});
    Sweep result = sweep(code_of(bytes, {{base, 0, "first"}, {base + 96, 0, "second"}}));
    ASSERT_EQ(result.uses.size(), 2U);
    const FeatureUse* avx2 = result.find(Feature::avx2);
    ASSERT_NE(avx2, nullptr);
    EXPECT_EQ(avx2->count, 2U);
    EXPECT_EQ(avx2->doubtful, 0U);
    EXPECT_EQ(avx2->first.address, base + 100);
    EXPECT_EQ(avx2->first.file_offset, file_base + 100);
    EXPECT_EQ(avx2->first.text, "vpaddd ymm0, ymm0, ymm1");
    EXPECT_EQ(avx2->first.function, 1U);
    EXPECT_EQ(avx2->trust, Trust::reached);
    EXPECT_EQ(result.level->name, "x86-64-v3");
    ASSERT_EQ(result.functions.size(), 1U);
    EXPECT_EQ(result.functions[0].function, 1U);
    EXPECT_TRUE(result.functions[0].features == (FeatureSet{Feature::avx2, Feature::popcnt}));
    EXPECT_EQ(result.bytes_swept, bytes.size());
    EXPECT_EQ(result.bytes_undecodable, 0U);
}

TEST(Sweep, DoubtsWhatLiesNextToBytesThatAreNoCode) {
    auto bytes = nops(200);
    append(bytes, vpaddd_ymm);
    append(bytes, "06 06 06");      // not in 64-bit mode
    bytes.resize(bytes.size() + 200, std::byte{0x90});
    append(bytes, popcnt);          // far enough away
    bytes.resize(bytes.size() + 100, std::byte{0x90});
    Sweep result = sweep(code_of(bytes));
    EXPECT_EQ(result.bytes_undecodable, 3U);
    const FeatureUse* avx2 = result.find(Feature::avx2);
    ASSERT_NE(avx2, nullptr);
    EXPECT_EQ(avx2->count, 0U);
    EXPECT_EQ(avx2->doubtful, 1U);
    EXPECT_EQ(avx2->trust, Trust::doubtful);
    EXPECT_EQ(result.find(Feature::popcnt)->count, 1U);
    EXPECT_EQ(result.level->name, "x86-64-v2");
    EXPECT_EQ(result.doubtful_level->name, "x86-64-v3");
}

TEST(Sweep, DoubtDoesNotCrossAFunctionsStart) {
    std::vector<std::byte> bytes = bytes_of("06 06 06");
    append(bytes, vpaddd_ymm);
    append(bytes, ret);
    Sweep result = sweep(code_of(bytes, {{base + 3, 5, "f"}}));
    EXPECT_EQ(result.find(Feature::avx2)->count, 1U);
    EXPECT_EQ(result.find(Feature::avx2)->trust, Trust::reached);
}

TEST(Sweep, PaddingPastAFunctionsEndIsNotHeldAgainstIt) {
    std::vector<std::byte> bytes = bytes_of(vpaddd_ymm);
    append(bytes, ret);
    append(bytes, "06 06 06");
    EXPECT_EQ(sweep(code_of(bytes, {{base, 5, "f"}})).find(Feature::avx2)->count, 1U);
    EXPECT_EQ(sweep(code_of(bytes, {{base, 0, "f"}})).find(Feature::avx2)->count, 0U);
}

TEST(Sweep, StartsAfreshAtEachFunction) {
    // The last byte of a table would swallow the instruction that follows it: 81 /0 id.
    std::vector<std::byte> bytes = bytes_of("81");
    append(bytes, vpaddd_ymm);
    append(bytes, ret);
    bytes.resize(bytes.size() + 20, std::byte{0x90});
    EXPECT_EQ(sweep(code_of(bytes)).find(Feature::avx2), nullptr);
    EXPECT_EQ(sweep(code_of(bytes, {{base + 1, 5, "f"}})).find(Feature::avx2)->count, 1U);
}

// Found in Free Pascal's programs: `ret; 00; cmp dword ptr [rdi+0x10], 0; setg al` was read as `add [rbx+...], al; lahf`.
TEST(Sweep, ZerosAfterAReturnArePadding) {
    std::vector<std::byte> bytes = nops(66);
    append(bytes, "c3 00 83 7f 10 00 0f 9f c0 c3");
    bytes.resize(bytes.size() + 100, std::byte{0x90});
    EXPECT_EQ(sweep(code_of(bytes)).find(Feature::lahf), nullptr);
    // A zero that is no padding stays an instruction.
    std::vector<std::byte> add = nops(66);
    append(add, "90 00 83 7f 10 00 0f 9f c0 c3");
    add.resize(add.size() + 100, std::byte{0x90});
    EXPECT_NE(sweep(code_of(add)).find(Feature::lahf), nullptr);
}

TEST(Sweep, LeavesOutWhatIsKnownToBeData) {
    std::vector<std::byte> bytes = nops(64);
    append(bytes, vpaddd_ymm);
    append(bytes, popcnt);
    bytes.resize(bytes.size() + 64, std::byte{0x90});
    Sweep result = sweep(code_of(bytes, {}, {{base + 64, 4}}));
    EXPECT_EQ(result.find(Feature::avx2), nullptr);
    EXPECT_EQ(result.find(Feature::popcnt)->count, 1U);
    EXPECT_EQ(result.bytes_data, 4U);
    EXPECT_EQ(result.bytes_swept, bytes.size() - 4);
    // Data around, across and beyond the range.
    EXPECT_EQ(sweep(code_of(bytes, {}, {{base - 10, 20}, {base + 5, 2}, {base + 100, ~std::uint64_t{0}}})).bytes_swept, 90U);
    EXPECT_EQ(sweep(code_of(bytes, {}, {{0, ~std::uint64_t{0}}})).bytes_swept, 0U);
}

TEST(Sweep, TellsHarmlessFromHarmful) {
    auto bytes = nops(64);
    append(bytes, "f3 0f bc c1");       // tzcnt, or bsf
    append(bytes, "f3 0f bd c1");       // lzcnt, or bsr
    bytes.resize(bytes.size() + 64, std::byte{0x90});
    Sweep result = sweep(code_of(bytes));
    EXPECT_EQ(result.find(Feature::bmi1)->harmless, 1U);
    EXPECT_EQ(result.find(Feature::bmi1)->count, 0U);
    EXPECT_EQ(result.find(Feature::lzcnt)->absence, Absence::wrong_result);
    EXPECT_TRUE(result.used == FeatureSet{Feature::lzcnt});
}

TEST(Sweep, FindsTheQuestionsAboutTheCpu) {
    auto bytes = nops(64);
    append(bytes, "0f a2 0f 01 d0");
    bytes.resize(bytes.size() + 64, std::byte{0x90});
    Sweep result = sweep(code_of(bytes, {{base, 0, "f"}}));
    ASSERT_EQ(result.probes.size(), 2U);
    EXPECT_EQ(result.probes[0].kind, Probe::Kind::cpuid);
    EXPECT_EQ(result.probes[0].address, base + 64);
    EXPECT_EQ(result.probes[0].function, 0U);
    EXPECT_EQ(result.probes[1].kind, Probe::Kind::xgetbv);
    EXPECT_EQ(result.probe_count, 2U);
}

TEST(Sweep, LongRunsOfZerosAreQuick) {
    std::vector<std::byte> bytes(20'000'000);
    append(bytes, popcnt);
    bytes.resize(bytes.size() + 100, std::byte{0x90});
    Sweep result = sweep(code_of(bytes));
    EXPECT_EQ(result.find(Feature::popcnt)->doubtful, 1U);
}

TEST(Sweep, EmptyAndTinyRanges) {
    EXPECT_EQ(sweep(Code(Architecture::x86_64, {})).bytes_swept, 0U);
    std::vector<std::byte> bytes = bytes_of("c5 fd fe c1 c5 fd");
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        std::vector<std::byte> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        Sweep result = sweep(code_of(part));
        EXPECT_EQ(result.find(Feature::avx2) != nullptr, size >= 4) << size;
        EXPECT_EQ(result.bytes_swept, size);
    }
    // Addresses that wrap.
    Sweep result =
        sweep(Code(Architecture::x86_64, {{View(bytes, 0), ~std::uint64_t{0} - 3}}, {{~std::uint64_t{0} - 3, ~std::uint64_t{0}, "f"}}));
    EXPECT_NE(result.find(Feature::avx2), nullptr);
}

TEST(Sweep, Arm64ByEncoding) {
    std::vector<std::byte> bytes;
    for (int i = 0; i < 40; ++i) append(bytes, "1f 20 03 d5");     // nop
    append(bytes, "20 00 60 b8");                                   // ldadd w0, w0, [x1]
    for (int i = 0; i < 40; ++i) append(bytes, "1f 20 03 d5");
    Sweep result = sweep(Code(Architecture::arm64, {{View(bytes, 0), 0x1000}}));
    EXPECT_TRUE(result.features_known);
    ASSERT_NE(result.find(Feature::arm_lse), nullptr);
    EXPECT_EQ(result.find(Feature::arm_lse)->first.address, 0x1000U + 160);
    EXPECT_EQ(result.find(Feature::arm_lse)->trust, Trust::clean);
    EXPECT_EQ(result.level->name, "armv8.1-a");
}

TEST(Sweep, SaysWhenItKnowsNoFeatures) {
    std::vector<std::byte> bytes(64);
    Sweep result = sweep(Code(Architecture::s390x, {{View(bytes, 0), 0}}));
    EXPECT_FALSE(result.features_known);
    EXPECT_EQ(result.level, nullptr);
    EXPECT_EQ(result.bytes_swept, 64U);
}

// A tally exists for each of the 256 codes, a row only for some: the sweep read past the table.
TEST(Arm64, ACodeWithoutARowNeedsNothing) {
    RawSweep raw{.architecture = Architecture::arm64};
    EXPECT_TRUE(raw.needs(0).nothing());
    EXPECT_EQ(raw.needs(1).first, arm64::encodings()[0].feature);
    for (std::size_t code = arm64::encodings().size() + 1; code < raw.tallies.size(); ++code) {
        EXPECT_TRUE(raw.needs(static_cast<std::uint8_t>(code)).nothing()) << code;
    }
}

// Found by comparing with LLVM.
TEST(Arm64, WordsThatWereTakenForSomethingElse) {
    auto feature_of = [](std::uint32_t word) {
        std::uint8_t code = arm64::needs_code(word);
        return code == 0 ? Feature::none : arm64::encodings()[code - 1U].feature;
    };
    EXPECT_EQ(feature_of(0x91b7584a), Feature::arm_mte);    // addg x10, x2, #880, #6, with bit 14 set
    EXPECT_EQ(feature_of(0xd18da490), Feature::arm_mte);    // subg x16, x4, #208, #9, with bit 15 set
    EXPECT_EQ(feature_of(0x0461587b), Feature::arm_sme);    // addspl x27, x1, #3
    EXPECT_EQ(feature_of(0x043d59cf), Feature::arm_sme);    // addsvl x15, x29, #14
    EXPECT_EQ(feature_of(0x04bf5820), Feature::arm_sme);    // rdsvl x0, #1
    EXPECT_EQ(feature_of(0x04bf5020), Feature::arm_sve);    // rdvl x0, #1
    EXPECT_EQ(feature_of(0x6f1de636), Feature::arm_fp16);   // ucvtf v22.8h, v17.8h, #3
    EXPECT_EQ(feature_of(0x5f1ffc20), Feature::arm_fp16);   // fcvtzs h0, h1, #1
    EXPECT_EQ(feature_of(0x4f20e400), Feature::none);       // scvtf v0.4s, v0.4s, #32
}

TEST(Arm64, TheFilterMissesNoRow) {
    for (std::size_t i = 0; i < arm64::encodings().size(); ++i) {
        const arm64::Encoding& row = arm64::encodings()[i];
        std::uint8_t code = arm64::needs_code(row.value);
        if (row.feature == Feature::none) EXPECT_EQ(code, 0) << i;
        else EXPECT_NE(code, 0) << i;
    }
}

}  // namespace
}  // namespace abiscope::disasm
