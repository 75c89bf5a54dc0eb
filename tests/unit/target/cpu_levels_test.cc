#include "target/cpu_levels.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace abiscope::target {
namespace {

bool has(const Cpu& cpu, std::string_view feature) { return std::ranges::find(cpu.features, feature) != cpu.features.end(); }

TEST(CpuLevels, AModelIsExactAndALevelIsTheLeast) {
    auto model = find_cpu("nehalem");
    ASSERT_TRUE(model);
    EXPECT_EQ(model->name, "Nehalem");
    EXPECT_EQ(model->vendor, "GenuineIntel");
    EXPECT_TRUE(model->exact);
    EXPECT_TRUE(has(*model, "sse4_2"));
    EXPECT_FALSE(has(*model, "avx"));
    auto level = find_cpu("v3");
    ASSERT_TRUE(level);
    EXPECT_FALSE(level->exact);
    EXPECT_TRUE(has(*level, "avx2"));
}

// Every model has what its level asks for, and lacks something of the next.
TEST(CpuLevels, ModelsHaveTheirLevel) {
    auto holds = [](const Cpu& cpu, std::string_view level) {
        return std::ranges::all_of(find_cpu(level)->features, [&](const std::string& feature) { return has(cpu, feature); });
    };
    for (auto [name, below, above] : {std::tuple("qemu64", "x86-64-v1", "x86-64-v2"), std::tuple("Nehalem", "x86-64-v2", "x86-64-v3"),
                                      std::tuple("SandyBridge", "x86-64-v2", "x86-64-v3"), std::tuple("Haswell", "x86-64-v3", "x86-64-v4"),
                                      std::tuple("EPYC", "x86-64-v3", "x86-64-v4"), std::tuple("Skylake-Server", "x86-64-v4", "")}) {
        auto cpu = find_cpu(name);
        ASSERT_TRUE(cpu) << name;
        EXPECT_TRUE(holds(*cpu, below)) << name;
        if (*above != '\0') {
            EXPECT_FALSE(holds(*cpu, above)) << name;
        }
    }
}

TEST(CpuLevels, ChangesAreAppliedInOrder) {
    auto cpu = parse_cpu("Haswell,-bmi2,+avx512f", {});
    ASSERT_TRUE(cpu);
    EXPECT_FALSE(has(*cpu, "bmi2"));
    EXPECT_TRUE(has(*cpu, "avx512f"));
    EXPECT_EQ(cpu->name, "Haswell,-bmi2,+avx512f");
    auto wrong = parse_cpu("Hasswell", {});
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().describe().find("Haswell"), std::string::npos);
}

}  // namespace
}  // namespace abiscope::target
