// A small file with every table, cut at every offset and with every byte of its headers and tables changed: each reader ends, quickly.
#include <chrono>

#include "fuzz/macho_read_all.h"
#include "unit/macho/helpers.h"

namespace abiscope::macho {
namespace {

using test::ByteWriter;

std::vector<std::byte> everything(bool wide, bool big) {
    auto builder = small_library(wide, big);
    builder.file_size = 0x900;
    builder.dylib(0xc, "/usr/lib/a.dylib", 1, 1).path(0x8000001c, "/a").path(0xe, "/usr/lib/dyld");
    builder.command(0x80000028, builder.writer().u64(0x800).u64(0));
    builder.command(0x32, builder.writer().u32(1).u32(0).u32(0).u32(1).u32(3).u32(1));
    builder.command(0x2d, builder.writer().u32(1).text("-lz"));
    builder.put(0x820, builder.writer().u32(1).u8(0x0f).u8(1).u16(0).word(0x10800, wide).u32(1).u8(1).u8(0).u16(0x100).word(0, wide));
    builder.put(0x850, builder.writer().text("").text("_name"));
    builder.command(0x2, builder.writer().u32(0x820).u32(2).u32(0x850).u32(8));
    builder.command(0xb, builder.writer().u32(0).u32(0).u32(0).u32(1).u32(1).u32(1).zeros(24).u32(0x820).u32(2).zeros(16));
    builder.put(0x860, ByteWriter().u8(0x11).u8(0x40).text("_a").u8(0x71).uleb(0).u8(0xc0).uleb(3).uleb(8).u8(0));
    builder.put(0x870, ByteWriter().u8(0).u8(1).text("_").u8(5).u8(2).u8(0).u8(0x10).u8(0));
    builder.command(0x80000022, builder.writer().u32(0x860).u32(12).u32(0x860).u32(12).u32(0).u32(0).u32(0x860).u32(12).u32(0x870).u32(9));
    ByteWriter fixups;
    fixups.u32(0).u32(28).u32(40).u32(44).u32(1).u32(1).u32(0).u32(2).u32(0).u32(0).u32(1).text("_c");
    builder.put(0x880, builder.big ? ByteWriter() : fixups).data(0x80000034, 0x880, 48);
    builder.put(0x8b8, ByteWriter().uleb(0x800).u8(4).u8(0)).data(0x26, 0x8b8, 8);
    ByteWriter signature(true);
    signature.u32(0xfade0cc0).u32(64).u32(1).u32(0).u32(20).u32(0xfade0c02).u32(44).u32(0x20001).u32(2).u32(44).u32(40);
    builder.put(0x8c0, signature).data(0x1d, 0x8c0, 0x40);
    return builder.build();
}

class MachoHostile : public testing::TestWithParam<std::pair<bool, bool>> {};

TEST_P(MachoHostile, CutAtEveryOffset) {
    auto bytes = everything(GetParam().first, GetParam().second);
    auto start = std::chrono::steady_clock::now();
    for (std::size_t size = 0; size <= bytes.size(); ++size) read_everything(std::span(bytes).first(size));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

TEST_P(MachoHostile, EveryByteChanged) {
    auto bytes = everything(GetParam().first, GetParam().second);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (unsigned change : {0xffU, 0x01U, 0x80U}) {
            auto changed = bytes;
            changed[at] ^= static_cast<std::byte>(change);
            auto start = std::chrono::steady_clock::now();
            read_everything(changed);
            ASSERT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1)) << "byte " << at;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Shapes, MachoHostile,
                         testing::Values(std::pair(true, false), std::pair(false, false), std::pair(true, true), std::pair(false, true)));

}  // namespace
}  // namespace abiscope::macho
