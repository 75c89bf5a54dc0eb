#include "macho/dyld_info.h"

#include "macho/imports.h"
#include "unit/macho/helpers.h"

namespace abiscope::macho {
namespace {

using test::ByteWriter;

struct Programs {
    ByteWriter rebase{}, bind{}, weak{}, lazy{};
};

// The programs at 0x2000, 0x2100, 0x2200 and 0x2300.
std::vector<std::byte> library(const Programs& p, bool wide = true) {
    auto builder = small_library(wide);
    builder.dylib(0xc, "/a", 0, 0).dylib(0xc, "/b", 0, 0);
    builder.put(0x2000, p.rebase).put(0x2100, p.bind).put(0x2200, p.weak).put(0x2300, p.lazy);
    builder.command(0x80000022,
                    builder.writer()
                        .u32(0x2000)
                        .u32(p.rebase.size())
                        .u32(0x2100)
                        .u32(p.bind.size())
                        .u32(0x2200)
                        .u32(p.weak.size())
                        .u32(0x2300)
                        .u32(p.lazy.size())
                        .u32(0)
                        .u32(0));
    return builder.build();
}

TEST(MachoBinds, RunsEveryOpcode) {
    Programs p;
    p.bind.u8(0x11).u8(0x40).text("_one").u8(0x51).u8(0x71).uleb(0x10).u8(0x90);          // ordinal 1, __DATA + 0x10
    p.bind.u8(0x20).uleb(2).u8(0x41).text("_two").u8(0x60).u8(0x7c).u8(0x90);              // ULEB ordinal, weak import, addend -4
    p.bind.u8(0x3e).u8(0x40).text("_flat").u8(0x60).u8(0).u8(0xa0).uleb(8);                // flat lookup, then 8 more
    p.bind.u8(0x80).uleb(0x10).u8(0xb1);                                                   // 0x10 on, bind, and 1 * 8 more
    p.bind.u8(0xc0).uleb(3).uleb(8).u8(0x00).u8(0xff);                                     // three, every second; DONE
    Loaded loaded(library(p));
    auto binds = *read_binds(loaded.image(), loaded.sink);
    EXPECT_TRUE(binds.complete);
    EXPECT_THAT(loaded.rules(), testing::IsEmpty());
    ASSERT_EQ(binds.binds.size(), 7U);
    EXPECT_EQ(binds.binds[0].symbol, "_one");
    EXPECT_EQ(binds.binds[0].address, 0x11010U);
    EXPECT_EQ(binds.binds[0].ordinal, 1);
    EXPECT_EQ(binds.binds[0].file_offset, 0x2100U + 10);
    EXPECT_EQ(binds.binds[1].address, 0x11018U);
    EXPECT_EQ(binds.binds[1].addend, -4);
    EXPECT_TRUE(binds.binds[1].weak_import());
    EXPECT_EQ(binds.binds[2].ordinal, ordinal_flat_lookup);
    EXPECT_EQ(binds.binds[2].address, 0x11020U);
    EXPECT_EQ(binds.binds[3].address, 0x11040U);
    EXPECT_EQ(binds.binds[4].address, 0x11050U);
    EXPECT_EQ(binds.binds[5].address, 0x11060U);
    EXPECT_EQ(binds.binds[6].address, 0x11070U);
}

TEST(MachoBinds, LazyProgramsGoOnAfterDone) {
    Programs p;
    p.lazy.u8(0x71).uleb(0).u8(0x11).u8(0x40).text("_a").u8(0x90).u8(0).u8(0x71).uleb(8).u8(0x12).u8(0x40).text("_b").u8(0x90).u8(0).u8(0);
    Loaded loaded(library(p));
    auto imports = *read_imports(loaded.image(), loaded.sink);
    EXPECT_EQ(imports.source, ImportSource::bind_opcodes);
    ASSERT_EQ(imports.imports.size(), 2U);
    EXPECT_TRUE(imports.imports[0].lazy);
    EXPECT_EQ(imports.imports[1].name, "_b");
    EXPECT_EQ(imports.imports[1].ordinal, 2);
}

TEST(MachoBinds, WeakBindsAreNoImportsByThemselves) {
    Programs p;
    p.weak.u8(0x40).text("_both").u8(0x51).u8(0x71).uleb(0).u8(0x90).u8(0x48).text("_strong").u8(0);
    Loaded loaded(library(p));
    auto binds = *read_binds(loaded.image(), loaded.sink);
    ASSERT_EQ(binds.binds.size(), 1U);
    EXPECT_EQ(binds.binds[0].kind, BindKind::weak);
    EXPECT_EQ(binds.strong_definitions.at(0).symbol, "_strong");
    EXPECT_TRUE(read_imports(loaded.image(), loaded.sink)->imports.empty());
}

TEST(MachoBinds, StopsAtWhatMakesNoSense) {
    auto stopped = [](ByteWriter bind) {
        Programs p;
        p.bind = std::move(bind);
        Loaded loaded(library(p));
        auto binds = *read_binds(loaded.image(), loaded.sink);
        return !binds.complete && loaded.has("MACHO-BIND-MALFORMED");
    };
    EXPECT_FALSE(stopped(ByteWriter().u8(0x40).text("_a").u8(0x71).uleb(0x1ff8).u8(0x90)));
    EXPECT_TRUE(stopped(ByteWriter().u8(0x40).text("_a").u8(0x71).uleb(0x1ff9).u8(0x90)));        // the last byte is outside
    EXPECT_TRUE(stopped(ByteWriter().u8(0x40).text("_a").u8(0x79).uleb(0).u8(0x90)));             // segment 9
    EXPECT_TRUE(stopped(ByteWriter().u8(0x40).text("_a").u8(0x90)));                              // no place
    EXPECT_TRUE(stopped(ByteWriter().u8(0xe0)));                                                  // no such opcode
    EXPECT_TRUE(stopped(ByteWriter().u8(0x40).fixed("_a", 2)));                                   // a name without an end
    EXPECT_TRUE(stopped(ByteWriter().u8(0x20).uleb(0x10000)));                                    // an ordinal no file can have
}

TEST(MachoBinds, CountsThatNeverEndAreBounded) {
    Programs p;   // 2^64 - 1 times, each -8 + 8 further: the same place over and over
    p.bind.u8(0x40).text("_a").u8(0x71).uleb(0).u8(0xc0).uleb(~std::uint64_t{0}).uleb(~std::uint64_t{7});
    p.rebase.u8(0x11).u8(0x21).uleb(0).u8(0x80).uleb(~std::uint64_t{0}).uleb(~std::uint64_t{7});
    Loaded loaded(library(p));
    EXPECT_LE(read_binds(loaded.image(), loaded.sink)->binds.size(), loaded.image().bytes().size() / 8 + 1);
    EXPECT_LE(read_rebases(loaded.image(), loaded.sink)->rebases.size(), loaded.image().bytes().size() / 8 + 1);
    Programs threaded;
    threaded.bind.u8(0xd0).uleb(1).u8(0x40).text("_a").u8(0xc0).uleb(~std::uint64_t{0}).uleb(0);
    Loaded arm64e(library(threaded));
    EXPECT_LE(read_binds(arm64e.image(), arm64e.sink)->binds.size(), arm64e.image().bytes().size() / 8 + 1);
}

TEST(MachoRebases, RunsEveryOpcode) {
    Programs p;
    p.rebase.u8(0x11).u8(0x21).uleb(0x10).u8(0x52).u8(0x30).uleb(8).u8(0x42).u8(0x60).uleb(1).u8(0x70).uleb(8).u8(0x80).uleb(2).uleb(4).u8(
        0);
    Loaded loaded(library(p, false));
    auto rebases = *read_rebases(loaded.image(), loaded.sink);
    std::vector<std::uint64_t> addresses;
    addresses.reserve(rebases.rebases.size());
    for (const Rebase& rebase : rebases.rebases) addresses.push_back(rebase.address);
    EXPECT_TRUE(rebases.complete);
    EXPECT_THAT(addresses, testing::ElementsAre(0x11010U, 0x11014U, 0x11028U, 0x1102cU, 0x11038U, 0x11040U));
}

TEST(MachoBinds, AProgramPastTheEndOfTheFile) {
    auto builder = small_library();
    builder.command(0x22, builder.writer().u32(0).u32(0).u32(0x2ff0).u32(0x100).zeros(24));
    Loaded loaded(builder.build());
    EXPECT_TRUE(read_binds(loaded.image(), loaded.sink));
    EXPECT_TRUE(loaded.has("MACHO-TABLE-TRUNCATED"));
}

TEST(MachoImports, AnOrdinalWithoutALibrary) {
    auto with = [](std::uint8_t ordinal) {
        Programs p;
        p.bind.u8(0x10U | ordinal).u8(0x40).text("_a").u8(0x71).uleb(0).u8(0x90);
        return library(p);
    };
    Loaded wrong(with(3));
    EXPECT_TRUE(read_imports(wrong.image(), wrong.sink));
    EXPECT_TRUE(wrong.has("MACHO-IMPORT-ORDINAL-INVALID"));
    Loaded right(with(2));
    EXPECT_TRUE(read_imports(right.image(), right.sink));
    EXPECT_FALSE(right.has("MACHO-IMPORT-ORDINAL-INVALID"));
}

}  // namespace
}  // namespace abiscope::macho
