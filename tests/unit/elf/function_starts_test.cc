#include "elf/function_starts.h"

#include <map>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "bytes/mapped_file.h"
#include "elf/symbols.h"
#include "support/small_elf.h"

namespace abiscope::elf {
namespace {

// This test program has symbols and unwind tables, made by different parts of the compiler: they name the same functions.
TEST(FunctionStarts, AgreeWithTheSymbols) {
    auto source = open_file("/proc/self/exe");
    ASSERT_TRUE(source);
    auto image = Image::parse(*source);
    ASSERT_TRUE(image);
    finding::Sink sink;
    std::vector<Section> sections = read_sections(*image, sink);
    std::map<std::uint64_t, std::uint64_t> sizes;
    for (const FunctionExtent& function : function_starts(*image)) sizes[function.address] = function.size;
    std::size_t compared = 0;
    std::size_t same = 0;
    for (const Function& function : functions(*image, sections)) {
        if (function.size == 0) continue;
        ++compared;
        auto found = sizes.find(function.address);
        if (found != sizes.end() && found->second == function.size) ++same;
    }
    EXPECT_GT(compared, 100U);
    EXPECT_GT(same, compared * 95 / 100) << same << " of " << compared;
}

void put(std::string& out, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) out += static_cast<char>(value >> 8 * i & 0xff);
}

// What the table holds, at these distances from it: a CIE and an FDE of four-byte addresses, and a pair of two-byte ones.
constexpr std::uint64_t first_cie = 32, first_fde = 60, second_cie = 80, second_fde = 108, end = 128;

std::string built(std::uint8_t table_encoding) {
    using abiscope::testing::SmallElf;
    SmallElf elf;
    std::string& out = elf.first;
    for (std::uint64_t byte : {std::uint64_t{1}, std::uint64_t{0x1b}, std::uint64_t{3}, std::uint64_t{table_encoding}}) put(out, byte, 1);
    put(out, 0, 4);              // where .eh_frame is
    put(out, 2, 4);
    put(out, 0x1000, 4);
    put(out, first_fde, 4);
    put(out, 0xffffff00, 4);     // before the table
    put(out, second_fde, 4);
    auto frames = [&](std::uint64_t cie, std::uint64_t fde, std::uint64_t encoding, std::size_t width, std::uint64_t range) {
        out.resize(cie);
        put(out, fde - cie - 4, 4);
        put(out, 0, 4);
        out +=
            std::string("\x01zPLR\0\x01\x78\x10\x07\x03", 11);  // version, augmentation, alignments, return address, size; personality by
        put(out, 0xdeadbeef, 4);  // four bytes
        put(out, 0xff, 1);
        put(out, encoding, 1);
        out.resize(fde);
        put(out, 12, 4);
        put(out, fde + 4 - cie, 4);
        put(out, 0x77, width);
        put(out, range, width);
    };
    frames(first_cie, first_fde, 0x1b, 4, 0x123);
    frames(second_cie, second_fde, 0x0a, 2, 0x45);
    out.resize(end);
    std::string header;
    put(header, 0x6474e550, 4);
    put(header, 4, 4);
    for (std::uint64_t value :
         {SmallElf::first_at, SmallElf::first_at, SmallElf::first_at, std::uint64_t{28}, std::uint64_t{28}, std::uint64_t{4}}) {
        put(header, value, 8);
    }
    return elf.build().replace(64, header.size(), header);
}

std::vector<FunctionExtent> starts_of(const std::string& text) {
    auto bytes = std::as_bytes(std::span(text));
    auto image = Image::parse(Source::from_memory("built", {bytes.begin(), bytes.end()}));
    EXPECT_TRUE(image);
    return function_starts(*image);
}

TEST(FunctionStarts, TakeSizesFromTheFrames) {
    auto starts = starts_of(built(0x3b));
    ASSERT_EQ(starts.size(), 2U);
    EXPECT_EQ(starts[0].address, abiscope::testing::SmallElf::first_at + 0x1000);
    EXPECT_EQ(starts[0].size, 0x123U);
    EXPECT_EQ(starts[1].address, abiscope::testing::SmallElf::first_at - 0x100);
    EXPECT_EQ(starts[1].size, 0x45U);
}

TEST(FunctionStarts, ATableInAnotherEncodingIsNotRead) {
    EXPECT_TRUE(starts_of(built(0x1b)).empty());
    EXPECT_TRUE(starts_of(abiscope::testing::SmallElf().build()).empty());
}

TEST(FunctionStarts, DamagedFramesHaveNoSize) {
    std::string bytes = built(0x3b);
    for (std::uint64_t at : {first_cie + 9, first_fde + 4}) {  // the augmentation, the way back to the CIE
        std::string damaged = bytes;
        damaged[abiscope::testing::SmallElf::first_at + at] = 'x';
        auto starts = starts_of(damaged);
        ASSERT_EQ(starts.size(), 2U);
        EXPECT_EQ(starts[0].size, 0U) << at;
    }
}

}  // namespace
}  // namespace abiscope::elf
