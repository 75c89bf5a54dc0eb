#include "macho/chained_fixups.h"

#include "macho/imports.h"
#include "unit/macho/helpers.h"

namespace abiscope::macho {
namespace {

using test::ByteWriter;

// header 28 (padded to 32), starts at 32, imports at 128, names at 192
std::vector<std::byte> library(std::uint32_t format, std::uint32_t count, const ByteWriter& imports, std::uint32_t symbols_format = 0) {
    auto builder = small_library();
    builder.dylib(0xc, "/a", 0, 0);
    ByteWriter data;
    data.u32(0).u32(32).u32(128).u32(192).u32(count).u32(format).u32(symbols_format).zeros(4);
    data.u32(3).u32(0).u32(16).u32(0);                                              // starts: only segment 1
    data.u32(26).u16(0x4000).u16(6).u64(0x1000).u32(0).u16(2).u16(0x10).u16(0xffff);
    data.zeros(128 - data.size()).append(imports.bytes()).zeros(192 - 128 - imports.size()).text("").text("_first").text("_second");
    builder.put(0x2000, data);
    builder.data(0x80000034, 0x2000, static_cast<std::uint32_t>(data.size()));
    return builder.build();
}

TEST(MachoChainedFixups, ReadsHeaderStartsAndImports) {
    Loaded loaded(library(1, 2, ByteWriter().u32(1 | 1U << 9).u32(0xfe | 1U << 8 | 8U << 9)));
    auto fixups = *read_chained_fixups(loaded.image(), loaded.sink);
    ASSERT_TRUE(fixups);
    EXPECT_THAT(loaded.rules(), testing::IsEmpty());
    ASSERT_EQ(fixups->starts.size(), 1U);
    EXPECT_EQ(fixups->starts[0].segment, 1U);
    EXPECT_EQ(fixups->starts[0].page_size, 0x4000);
    EXPECT_EQ(fixups->starts[0].pointer_format, 6);
    EXPECT_EQ(fixups->starts[0].segment_offset, 0x1000U);
    EXPECT_THAT(fixups->starts[0].page_starts, testing::ElementsAre(0x10, 0xffff));
    ASSERT_EQ(fixups->imports.size(), 2U);
    EXPECT_EQ(fixups->imports[0].name, "_first");
    EXPECT_EQ(fixups->imports[0].ordinal, 1);
    EXPECT_FALSE(fixups->imports[0].weak_import);
    EXPECT_EQ(fixups->imports[1].name, "_second");
    EXPECT_EQ(fixups->imports[1].ordinal, -2);
    EXPECT_TRUE(fixups->imports[1].weak_import);
    EXPECT_EQ(fixups->imports[1].file_offset, 0x2000U + 132);
    auto imports = *read_imports(loaded.image(), loaded.sink);
    EXPECT_EQ(imports.source, ImportSource::chained_fixups);
    EXPECT_EQ(imports.imports.size(), 2U);
}

TEST(MachoChainedFixups, ReadsTheFormatsWithAddends) {
    Loaded narrow(library(2, 1, ByteWriter().u32(1 | 1U << 9).u32(0xfffffff8)));
    auto with_addend = *read_chained_fixups(narrow.image(), narrow.sink);
    EXPECT_EQ(with_addend->imports.at(0).addend, -8);
    EXPECT_EQ(with_addend->imports[0].name, "_first");
    Loaded wide(library(3, 1, ByteWriter().u64(0xfffdU | 1U << 16 | std::uint64_t{8} << 32).u64(0x123456789a)));
    auto with_wide = *read_chained_fixups(wide.image(), wide.sink);
    EXPECT_EQ(with_wide->imports.at(0).addend, 0x123456789a);
    EXPECT_EQ(with_wide->imports[0].ordinal, -3);
    EXPECT_TRUE(with_wide->imports[0].weak_import);
    EXPECT_EQ(with_wide->imports[0].name, "_second");
}

TEST(MachoChainedFixups, TheSameNameWithTwoAddendsIsOneImport) {
    Loaded loaded(library(2, 2, ByteWriter().u32(1 | 1U << 9).u32(0).u32(1 | 1U << 9).u32(4)));
    EXPECT_EQ(read_imports(loaded.image(), loaded.sink)->imports.size(), 1U);
}

TEST(MachoChainedFixups, SayWhatIsWrong) {
    auto malformed = [](const std::vector<std::byte>& bytes) {
        Loaded loaded(bytes);
        EXPECT_TRUE(read_chained_fixups(loaded.image(), loaded.sink));
        return loaded.has("MACHO-FIXUPS-MALFORMED");
    };
    EXPECT_FALSE(malformed(library(1, 0, ByteWriter())));
    EXPECT_TRUE(malformed(library(1, 1, ByteWriter().u32(1 | 99U << 9))));       // a name outside
    EXPECT_TRUE(malformed(library(9, 1, ByteWriter().u32(1))));                  // no such format
    EXPECT_TRUE(malformed(library(1, 0xffffffff, ByteWriter().u32(1 | 1U << 9))));
    EXPECT_TRUE(malformed(library(1, 1, ByteWriter().u32(1 | 1U << 9), 1)));     // compressed names
    for (std::size_t at : {0x2000, 0x2004, 0x2007, 0x2020, 0x2028, 0x2030 + 6, 0x2030 + 20}) {
        auto bytes = library(1, 1, ByteWriter().u32(1 | 1U << 9));
        bytes[at] = std::byte{0xee};
        EXPECT_TRUE(malformed(bytes)) << at;
    }
}

TEST(MachoChainedFixups, NothingBehindTheCommandIsNothing) {
    Loaded loaded(small_library().data(0x80000034, 0, 0).build());
    EXPECT_FALSE(*read_chained_fixups(loaded.image(), loaded.sink));
    EXPECT_THAT(loaded.rules(), testing::IsEmpty());
}

}  // namespace
}  // namespace abiscope::macho
