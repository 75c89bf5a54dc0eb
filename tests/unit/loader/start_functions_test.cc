#include "loader/start_functions.h"

#include <gtest/gtest.h>

#include "support/small_elf.h"

namespace abiscope::loader {
namespace {

using abiscope::testing::SmallElf;

elf::Image image_of(const SmallElf& elf) {
    std::string text = elf.build();
    auto bytes = std::as_bytes(std::span(text));
    auto image = elf::Image::parse(Source::from_memory("built", {bytes.begin(), bytes.end()}));
    EXPECT_TRUE(image);
    return *std::move(image);
}

TEST(StartFunctions, AreTheEntryAndTheInitialisers) {
    SmallElf elf;
    elf.first = std::string("\x11\x22\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    elf.more = {{12, 0x180}, {25, SmallElf::first_at}, {27, 16}};
    EXPECT_EQ(start_functions(image_of(elf), {}), (std::set<std::uint64_t>{0, 0x100, 0x180, 0x2211}));
}

TEST(StartFunctions, AnArrayThatLeavesTheFileIsReadAsFarAsItGoes) {
    SmallElf elf;
    elf.more = {{25, SmallElf::first_at}, {27, ~std::uint64_t{0}}};
    EXPECT_LE(start_functions(image_of(elf), {}).size(), elf.build().size() / 8 + 2);
    elf.more = {{25, ~std::uint64_t{0}}, {27, 8}};
    EXPECT_EQ(start_functions(image_of(elf), {}), (std::set<std::uint64_t>{0x100}));
}

}  // namespace
}  // namespace abiscope::loader
