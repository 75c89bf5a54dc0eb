#include "macho/entry.h"

#include "unit/macho/helpers.h"

namespace abiscope::macho {
namespace {

test::MachoBuilder program(bool wide = true, bool big = false) {
    auto builder = small_library(wide, big);
    builder.file_type = 2;
    return builder;
}

TEST(MachoEntry, OfLcMain) {
    auto builder = program();
    builder.command(0x80000028, builder.writer().u64(0x810).u64(0x4000));
    Loaded loaded(builder.build());
    auto entry = *read_entry(loaded.image(), loaded.sink);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->kind, EntryKind::main);
    EXPECT_EQ(entry->address, 0x10810U);
    EXPECT_EQ(entry->offset, 0x810U);
    EXPECT_EQ(entry->file_offset, 0x810U);
    EXPECT_EQ(entry->stack_size, 0x4000U);
    EXPECT_EQ(entry->segment_index, 0U);
    EXPECT_EQ(entry->section_index, 0U);
    EXPECT_THAT(loaded.rules(), testing::IsEmpty());
}

TEST(MachoEntry, OfLcUnixthreadOnEveryProcessor) {
    struct Case {
        bool wide, big;
        std::uint32_t cpu_type, flavor, words, pc_at;
    };
    for (const Case& c :
         {Case{false, false, 7, 1, 16, 40}, Case{true, false, 0x01000007, 4, 42, 128}, Case{false, false, 12, 1, 17, 60},
          Case{true, false, 0x0100000c, 6, 68, 256}, Case{false, true, 18, 1, 40, 0}, Case{true, true, 0x01000012, 5, 76, 0}}) {
        auto builder = program(c.wide, c.big);
        builder.cpu_type = c.cpu_type;
        auto state = builder.writer();
        state.u32(c.flavor).u32(c.words).zeros(c.pc_at).word(0x10820, c.wide).zeros(c.words * 4 - c.pc_at - (c.wide ? 8 : 4));
        Loaded loaded(builder.command(0x5, state).build());
        auto entry = *read_entry(loaded.image(), loaded.sink);
        ASSERT_TRUE(entry) << c.cpu_type;
        EXPECT_EQ(entry->kind, EntryKind::unix_thread);
        EXPECT_EQ(entry->address, 0x10820U) << c.cpu_type;
        EXPECT_EQ(entry->offset, 0x820U);
    }
}

TEST(MachoEntry, FollowsAnotherStateInTheSameCommand) {
    auto builder = program();
    auto state = builder.writer();
    state.u32(5).u32(2).zeros(8).u32(4).u32(42).zeros(128).u64(0x10820).zeros(32);
    Loaded loaded(builder.command(0x5, state).build());
    EXPECT_EQ((*read_entry(loaded.image(), loaded.sink))->address, 0x10820U);
}

TEST(MachoEntry, AThreadStateThatDoesNotFit) {
    auto builder = program();
    Loaded loaded(builder.command(0x5, builder.writer().u32(4).u32(0xffffffff).zeros(32)).build());
    EXPECT_FALSE(*read_entry(loaded.image(), loaded.sink));
    EXPECT_TRUE(loaded.has("MACHO-COMMAND-MALFORMED"));
}

TEST(MachoEntry, MissingInAProgramButNotInALibrary) {
    Loaded missing(program().build());
    EXPECT_FALSE(*read_entry(missing.image(), missing.sink));
    EXPECT_TRUE(missing.has("MACHO-ENTRY-MISSING"));
    Loaded library(small_library().build());
    EXPECT_FALSE(*read_entry(library.image(), library.sink));
    EXPECT_THAT(library.rules(), testing::IsEmpty());
}

TEST(MachoEntry, OutsideEverySegment) {
    for (std::uint64_t offset : {std::uint64_t{0x100000}, ~std::uint64_t{0}}) {
        auto builder = program();
        Loaded loaded(builder.command(0x80000028, builder.writer().u64(offset).u64(0)).build());
        auto entry = *read_entry(loaded.image(), loaded.sink);
        ASSERT_TRUE(entry);
        EXPECT_FALSE(entry->offset);
        EXPECT_TRUE(loaded.has("MACHO-ENTRY-OUTSIDE"));
        EXPECT_EQ(loaded.place("MACHO-ENTRY-OUTSIDE"), loaded.image().commands().back().file_offset() + 8);
    }
}

TEST(MachoEntry, InASegmentThatIsNotExecutable) {
    auto builder = program();
    Loaded loaded(builder.command(0x80000028, builder.writer().u64(0x1010).u64(0)).build());
    EXPECT_TRUE(*read_entry(loaded.image(), loaded.sink));
    EXPECT_THAT(loaded.rules(), testing::ElementsAre("MACHO-ENTRY-NOT-EXECUTABLE"));
}

}  // namespace
}  // namespace abiscope::macho
