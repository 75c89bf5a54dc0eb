#include "bytes/reader.h"

#include <array>

#include <gtest/gtest.h>

namespace abiscope {
namespace {

View view_of(std::span<const unsigned char> bytes, std::uint64_t offset = 0x100) { return {std::as_bytes(bytes), offset}; }

TEST(Reader, FailsForGoodAndSaysWhere) {
    constexpr std::array<unsigned char, 6> bytes{1, 2, 3, 4, 5, 6};
    Reader reader(view_of(bytes), Endian::little, "table");
    EXPECT_EQ(reader.u32(), 0x04030201U);
    EXPECT_EQ(reader.u32(), 0U);
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(reader.u8(), 0U);
    EXPECT_EQ(reader.error().describe(), "offset 0x104: table runs past the end (wanted 4 bytes, had 2 bytes)");
}

TEST(Reader, ReadsBothByteOrders) {
    constexpr std::array<unsigned char, 4> bytes{1, 2, 3, 4};
    EXPECT_EQ(Reader(view_of(bytes), Endian::big, "x").u32(), 0x01020304U);
    EXPECT_EQ(Reader(view_of(bytes), Endian::little, "x").u16(), 0x0201U);
}

TEST(Reader, Leb128RefusesWhatDoesNotFit) {
    constexpr std::array<unsigned char, 3> small{0xe5, 0x8e, 0x26};
    EXPECT_EQ(Reader(view_of(small), Endian::little, "x").uleb128(), 624485U);
    constexpr std::array<unsigned char, 11> big{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0};
    Reader reader(view_of(big), Endian::little, "x");
    EXPECT_EQ(reader.uleb128(), 0U);
    EXPECT_EQ(reader.error().code, ErrorCode::overflow);
    constexpr std::array<unsigned char, 1> minus{0x7f};
    EXPECT_EQ(Reader(view_of(minus), Endian::little, "x").sleb128(), -1);
}

TEST(View, SliceNamesTheRangeThatDoesNotFit) {
    constexpr std::array<unsigned char, 4> bytes{};
    auto part = view_of(bytes).slice(2, ~std::uint64_t{0}, "section header table");
    ASSERT_FALSE(part);
    EXPECT_EQ(part.error().offset, 0x102U);
    EXPECT_EQ(part.error().code, ErrorCode::truncated);
}

}  // namespace
}  // namespace abiscope
