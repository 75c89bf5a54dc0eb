#include "disasm/function_starts.h"

#include <random>

#include <gtest/gtest.h>

#include "unit/disasm/program.h"

namespace abiscope::disasm {
namespace {

void expect_same_as_code(const Code& code, std::uint64_t from, std::uint64_t to) {
    FunctionStarts starts(code);
    for (std::uint64_t address = from; address < to; ++address) {
        auto function = code.function_at(address);
        bool first = function && code.functions()[*function].address == address;
        EXPECT_EQ(starts.at(address), first ? function : std::nullopt) << std::hex << address;
        auto around = starts.around(address);
        ASSERT_EQ(around.has_value(), function.has_value()) << std::hex << address;
        if (function) EXPECT_EQ(around->index, *function);
        if (function) EXPECT_EQ(around->starts, first);
    }
}

TEST(FunctionStarts, SaysWhatCodeSays) {
    std::mt19937_64 random(3);
    std::vector<std::byte> bytes(0x1000, std::byte{0x90});
    for (int round = 0; round < 20; ++round) {
        std::vector<Function> functions(60);
        for (Function& each : functions) each = {base + random() % 0x1800, random() % 3 == 0 ? 0 : random() % 0x80, {}};
        // Two ranges with a gap, where functions mean nothing.
        Code code(Architecture::x86_64, {{View(bytes, 0), base}, {View(bytes, 0).clamped(0, 0x500), base + 0x1200}}, functions);
        ASSERT_TRUE(FunctionStarts(code).dense());
        expect_same_as_code(code, base - 0x10, base + 0x1810);
    }
}

TEST(FunctionStarts, SpendsNoMemoryOnScatteredCode) {
    std::vector<std::byte> bytes(0x40, std::byte{0x90});
    constexpr std::uint64_t far = std::uint64_t{1} << 62;
    Code code(Architecture::x86_64, {{View(bytes, 0), base}, {View(bytes, 0), far}}, {{base + 8, 8, {}}, {far + 4, 0, {}}});
    EXPECT_FALSE(FunctionStarts(code).dense());
    expect_same_as_code(code, base - 0x10, base + 0x50);
    expect_same_as_code(code, far - 0x10, far + 0x50);
}

TEST(FunctionStarts, KnowsNothingOfNoCode) {
    Code code(Architecture::x86_64, {});
    EXPECT_FALSE(FunctionStarts(code).at(0));
    EXPECT_FALSE(FunctionStarts(code).around(0));
}

}  // namespace
}  // namespace abiscope::disasm
