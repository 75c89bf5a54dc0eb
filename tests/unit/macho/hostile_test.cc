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

void expect_quick(const test::MachoBuilder& builder) {
    auto bytes = builder.build();
    auto start = std::chrono::steady_clock::now();
    read_everything(bytes);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

// Each of these made a few megabytes cost minutes or gigabytes.
TEST(MachoHostileWork, OneLongNameBoundAHundredThousandTimes) {
    ByteWriter program;
    program.u8(0x40).text(std::string(1 << 20, 'x')).u8(0x73).uleb(0);   // the fourth segment
    for (int i = 0; i < 200'000; ++i) program.u8(0x11U + static_cast<unsigned>(i & 1)).u8(0x90);
    auto builder = small_library();
    builder.segment({.name = "__BIG", .address = 0x100000, .memory_size = 0x400000, .protection = 3});
    builder.put(0x3000, program).command(0x80000022, builder.writer().zeros(8).u32(0x3000).u32(program.size()).zeros(24));
    expect_quick(builder);
}

TEST(MachoHostileWork, OneLongNameInAThousandFindings) {
    ByteWriter program;
    program.u8(0x40).text(std::string(4 << 20, 'x')).u8(0x71).uleb(0);
    for (unsigned i = 0; i < 2000; ++i) program.u8(0x20).uleb(1000 + i).u8(0x90);   // ordinals that name no library
    auto builder = small_library();
    builder.put(0x3000, program).command(0x80000022, builder.writer().zeros(8).u32(0x3000).u32(program.size()).zeros(24));
    Loaded loaded(builder.build());
    ASSERT_TRUE(read_imports(loaded.image(), loaded.sink));
    ASSERT_TRUE(loaded.has("MACHO-IMPORT-ORDINAL-INVALID"));
    for (const auto& finding : loaded.sink.findings()) EXPECT_LT(finding.evidence().front().path.size(), 1000U);
}

TEST(MachoHostileWork, ChainStartsSharedByEverySegment) {
    constexpr std::uint32_t segments = 5000;
    auto builder = small_library();
    for (std::uint32_t i = 0; i < segments; ++i) builder.segment({.name = "__S", .address = 0x100000, .memory_size = 0});
    ByteWriter fixups;
    fixups.u32(0).u32(28).u32(0).u32(0).u32(0).u32(1).u32(0).u32(segments + 3);
    for (std::uint32_t i = 0; i < segments + 3; ++i) fixups.u32((std::uint64_t{segments} + 4) * 4);
    fixups.u32(0).u16(0x1000).u16(6).u64(0).u32(0).u16(0xffff).zeros(std::size_t{0xffff} * 2);
    builder.put(0x100000, fixups).data(0x80000034, 0x100000, static_cast<std::uint32_t>(fixups.size()));
    Loaded loaded(builder.build());
    auto fixups_read = read_chained_fixups(loaded.image(), loaded.sink);
    ASSERT_TRUE(fixups_read && *fixups_read);
    std::size_t pages = 0;
    for (const ChainedStarts& starts : (*fixups_read)->starts) pages += starts.page_starts.size();
    EXPECT_LE(pages, fixups.size() / 2);
    EXPECT_TRUE(loaded.has("MACHO-FIXUPS-MALFORMED"));
}

TEST(MachoHostileWork, TheSameCodeDirectoryInManySlots) {
    constexpr std::uint32_t count = 100'000;
    ByteWriter blob(true);
    std::uint32_t at = 12 + count * 8;
    blob.u32(0xfade0cc0).u32(at + 44 + (1 << 20)).u32(count);
    for (std::uint32_t i = 0; i < count; ++i) blob.u32(0).u32(at);
    blob.u32(0xfade0c02).u32(44 + (1 << 20)).u32(0x20001).u32(2).u32(44).u32(44).zeros(20).fixed(std::string(1 << 20, 'x'), 1 << 20);
    auto builder = small_library();
    builder.put(0x3000, blob).data(0x1d, 0x3000, static_cast<std::uint32_t>(blob.size()));
    Loaded loaded(builder.build());
    auto signature = read_code_signature(loaded.image(), loaded.sink);
    ASSERT_TRUE(signature && *signature);
    EXPECT_EQ((*signature)->directories.size(), 1U);
    EXPECT_TRUE(loaded.has("MACHO-SIGNATURE-MALFORMED"));
}

INSTANTIATE_TEST_SUITE_P(Shapes, MachoHostile,
                         testing::Values(std::pair(true, false), std::pair(false, false), std::pair(true, true), std::pair(false, true)));

}  // namespace
}  // namespace abiscope::macho
