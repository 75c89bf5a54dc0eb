#include "disasm/features.h"

#include <gtest/gtest.h>

#include "disasm/levels.h"

namespace abiscope::disasm {
namespace {

TEST(Features, EverySpellingParsesToItsFeature) {
    for (const FeatureInfo& row : feature_table()) {
        bool arm = row.feature >= Feature::arm_aes;
        NameTable names = arm ? arm64_feature_names() : x86_feature_names();
        EXPECT_EQ(find_name(names, static_cast<std::uint64_t>(row.feature)), row.name);
        EXPECT_EQ(find_value(names, row.name), static_cast<std::uint64_t>(row.feature)) << row.name;
        if (!row.cpuinfo.empty()) {
            EXPECT_EQ(find_value(names, row.cpuinfo), static_cast<std::uint64_t>(row.feature)) << row.cpuinfo;
        }
    }
    EXPECT_EQ(find_value(x86_feature_names(), "pni"), static_cast<std::uint64_t>(Feature::sse3));
    EXPECT_EQ(find_value(x86_feature_names(), "sse4.2"), static_cast<std::uint64_t>(Feature::sse4_2));
    EXPECT_EQ(find_value(arm64_feature_names(), "atomics"), static_cast<std::uint64_t>(Feature::arm_lse));
}

TEST(Levels, TheLowestThatHasWhatIsUsed) {
    auto level = [](const FeatureSet& used) { return lowest_level(Architecture::x86_64, used)->name; };
    EXPECT_EQ(level({}), "x86-64-v1");
    EXPECT_EQ(level({Feature::sse2}), "x86-64-v1");
    EXPECT_EQ(level({Feature::popcnt}), "x86-64-v2");
    EXPECT_EQ(level({Feature::popcnt, Feature::bmi2}), "x86-64-v3");
    EXPECT_EQ(level({Feature::avx512vl}), "x86-64-v4");
    EXPECT_EQ(level({Feature::aes, Feature::rtm}), "x86-64-v1");    // in no level
    EXPECT_EQ(lowest_level(Architecture::x86, {Feature::cmov})->name, "i686");
    EXPECT_EQ(lowest_level(Architecture::arm64, {Feature::arm_lse})->name, "armv8.1-a");
    EXPECT_EQ(lowest_level(Architecture::s390x, {}), nullptr);
}

TEST(Levels, TheHighestACpuHas) {
    FeatureSet haswell = find_level(Architecture::x86_64, "x86-64-v3")->features;
    EXPECT_EQ(highest_level(levels(Architecture::x86_64), haswell)->name, "x86-64-v3");
    haswell.erase({Feature::bmi1});
    EXPECT_EQ(highest_level(levels(Architecture::x86_64), haswell)->name, "x86-64-v2");
    EXPECT_EQ(highest_level(glibc_levels(GlibcTest::without_bmi), haswell)->name, "x86-64-v3");
    EXPECT_EQ(highest_level(glibc_levels(GlibcTest::with_bmi), haswell)->name, "x86-64-v2");
    EXPECT_EQ(highest_level(levels(Architecture::x86_64), {}), nullptr);
}

TEST(Levels, EachHoldsTheOneBelow) {
    for (Architecture architecture : {Architecture::x86, Architecture::x86_64, Architecture::arm64}) {
        auto table = levels(architecture);
        for (std::size_t i = 1; i < table.size(); ++i) EXPECT_TRUE(table[i].features.contains(table[i - 1].features)) << table[i].name;
    }
}

}  // namespace
}  // namespace abiscope::disasm
