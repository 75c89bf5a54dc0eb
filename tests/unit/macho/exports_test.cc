#include "macho/exports.h"

#include "macho/function_starts.h"
#include "unit/macho/helpers.h"

namespace abiscope::macho {
namespace {

using test::ByteWriter;

std::vector<std::byte> library(const ByteWriter& trie) {
    auto builder = small_library();
    builder.put(0x2000, trie).data(0x80000033, 0x2000, static_cast<std::uint32_t>(trie.size()));
    return builder.build();
}

TEST(MachoExports, WalksTheTrie) {
    ByteWriter trie;
    trie.u8(0).u8(1).text("_").u8(5);
    trie.u8(3).u8(0).uleb(0x800).u8(3).text("a").u8(20).text("b").u8(24).text("c").u8(35).u8(0);
    trie.u8(2).u8(4).u8(0x10).u8(0);
    trie.u8(9).u8(8).u8(2).text("_other").u8(0);                            // 24: _b, re-exported as _other of dylib 2
    trie.u8(3).u8(0x10).u8(0x20).u8(0x30).u8(0);                            // 35: _c, with a resolver
    Loaded loaded(library(trie));
    auto exports = *read_exports(loaded.image(), loaded.sink);
    EXPECT_EQ(exports.source, ExportSource::exports_trie);
    EXPECT_TRUE(exports.complete);
    EXPECT_THAT(loaded.rules(), testing::IsEmpty());
    ASSERT_EQ(exports.exports.size(), 4U);
    EXPECT_EQ(exports.exports[0].name, "_");
    EXPECT_EQ(exports.exports[0].address, 0x10800U);
    EXPECT_EQ(exports.exports[1].name, "_a");
    EXPECT_TRUE(exports.exports[1].weak_definition());
    EXPECT_EQ(exports.exports[1].address, 0x10010U);
    EXPECT_TRUE(exports.exports[2].reexport());
    EXPECT_EQ(exports.exports[2].ordinal, 2);
    EXPECT_EQ(exports.exports[2].import_name, "_other");
    EXPECT_EQ(exports.exports[3].address, 0x10020U);
    EXPECT_EQ(exports.exports[3].resolver, 0x10030U);
}

TEST(MachoExports, AbsoluteValuesAreNotMoved) {
    Loaded loaded(library(ByteWriter().u8(0).u8(1).text("_x").u8(6).u8(2).u8(2).u8(0x34).u8(0)));
    EXPECT_EQ(read_exports(loaded.image(), loaded.sink)->exports.at(0).address, 0x34U);
}

TEST(MachoExports, ACycleEnds) {
    for (unsigned target : {0U, 5U}) {
        ByteWriter trie;
        trie.u8(0).u8(1).text("a").u8(5).u8(0).u8(1).text("b").u8(target);   // a node at 0, its child at 5
        Loaded loaded(library(trie));
        EXPECT_FALSE(read_exports(loaded.image(), loaded.sink)->complete);
        EXPECT_TRUE(loaded.has("MACHO-EXPORTS-MALFORMED"));
    }
}

TEST(MachoExports, SharedNodesDoNotMultiply) {
    // Sixty-two levels, each with two edges to the next: 2^62 names for a walk that does not count.
    ByteWriter trie;
    for (unsigned level = 0; level < 62; ++level) {
        std::uint64_t next = std::uint64_t{level + 1U} * 10;
        trie.u8(0).u8(2).text("a").uleb(next).text("b").uleb(next);
        trie.zeros(static_cast<std::size_t>(next) - trie.size());
    }
    trie.u8(2).u8(0).u8(0).u8(0);
    Loaded loaded(library(trie));
    EXPECT_FALSE(read_exports(loaded.image(), loaded.sink)->complete);
}

TEST(MachoExports, LongNamesAreBoundedByTheTrie) {
    // A chain whose every node exports: the names add up to the square of its length.
    ByteWriter trie;
    constexpr int nodes = 20'000;
    for (int i = 0; i < nodes; ++i) {
        std::uint64_t next = static_cast<std::uint64_t>(i + 1) * 10;
        trie.u8(2).u8(0).u8(0).u8(1).text("x").uleb(next);
        trie.zeros(static_cast<std::size_t>(next) - trie.size());
    }
    trie.zeros(2);
    auto builder = small_library();
    builder.put(0x3000, trie).data(0x80000033, 0x3000, static_cast<std::uint32_t>(trie.size()));
    Loaded loaded(builder.build());
    auto exports = *read_exports(loaded.image(), loaded.sink);
    std::uint64_t total = 0;
    for (const Export& entry : exports.exports) total += entry.name.size();
    EXPECT_FALSE(exports.complete);
    EXPECT_LE(total, trie.size() * 128 + (1 << 20));
}

TEST(MachoExports, AnEntryLongerThanItsPlace) {
    Loaded loaded(library(ByteWriter().u8(0).u8(1).text("_x").u8(6).u8(8).u8(8).u8(2).text("_other").u8(0)));   // says 8, has 9
    EXPECT_FALSE(read_exports(loaded.image(), loaded.sink)->complete);
    EXPECT_EQ(loaded.place("MACHO-EXPORTS-MALFORMED"), 0x2006U);
}

TEST(MachoExports, AChildOutsideTheTrie) {
    Loaded loaded(library(ByteWriter().u8(0).u8(1).text("a").uleb(0x1000).u8(0)));
    EXPECT_FALSE(read_exports(loaded.image(), loaded.sink)->complete);
    EXPECT_EQ(loaded.place("MACHO-EXPORTS-MALFORMED"), 0x2000U);
}

TEST(MachoFunctionStarts, AddUpFromTheHeader) {
    auto builder = small_library();
    builder.put(0x2000, ByteWriter().uleb(0x800).uleb(0x20).uleb(0x100).u8(0).u8(0x55)).data(0x26, 0x2000, 8);
    builder.put(0x2100, builder.writer().u32(0x810).u16(8).u16(4)).data(0x29, 0x2100, 8);
    Loaded loaded(builder.build());
    auto starts = *read_function_starts(loaded.image(), loaded.sink);
    EXPECT_TRUE(starts.complete);
    EXPECT_THAT(starts.addresses, testing::ElementsAre(0x10800U, 0x10820U, 0x10920U));
    auto data = *read_data_in_code(loaded.image(), loaded.sink);
    ASSERT_EQ(data.size(), 1U);
    EXPECT_EQ(data[0].offset, 0x810U);
    EXPECT_EQ(data[0].kind, 4);
}

TEST(MachoFunctionStarts, ADistanceWithoutAnEnd) {
    Loaded cut(small_library().put(0x2000, ByteWriter().uleb(0x800).u8(0x80)).data(0x26, 0x2000, 3).build());
    auto starts = *read_function_starts(cut.image(), cut.sink);
    EXPECT_FALSE(starts.complete);
    EXPECT_EQ(starts.addresses.size(), 1U);
    EXPECT_TRUE(cut.has("MACHO-FUNCTION-STARTS-MALFORMED"));
}

}  // namespace
}  // namespace abiscope::macho
