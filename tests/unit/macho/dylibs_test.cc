#include "macho/dylibs.h"

#include "unit/macho/helpers.h"

namespace abiscope::macho {
namespace {

TEST(MachoDylibs, ReadsEveryKind) {
    for (bool big : {false, true}) {
        auto builder = small_library(true, big);
        builder.dylib(0xc, "/usr/lib/a.dylib", 0x00010203, 0x00010000).dylib(0x80000018, "b", 0, 0).dylib(0x8000001f, "c", 0, 0);
        builder.dylib(0x80000023, "d", 0, 0).dylib(0x20, "e", 0, 0).path(0x8000001c, "@loader_path/x").path(0x27, "DYLD_LIBRARY_PATH=/x");
        Loaded loaded(builder.build());
        auto linkage = *read_linkage(loaded.image(), loaded.sink);
        EXPECT_THAT(loaded.rules(), testing::IsEmpty());
        ASSERT_EQ(linkage.dylibs.size(), 5U);
        EXPECT_EQ(linkage.dylibs[0].name, "/usr/lib/a.dylib");
        EXPECT_EQ(linkage.dylibs[0].current_version.to_string(), "1.2.3");
        EXPECT_EQ(linkage.dylibs[0].compatibility_version.to_string(), "1.0.0");
        EXPECT_EQ(linkage.dylibs[0].timestamp, 2U);
        EXPECT_EQ(linkage.dylibs[1].kind, DylibKind::weak);
        EXPECT_TRUE(linkage.dylibs[1].weak());
        EXPECT_EQ(linkage.dylibs[2].kind, DylibKind::reexport);
        EXPECT_EQ(linkage.dylibs[3].kind, DylibKind::upward);
        EXPECT_EQ(linkage.dylibs[4].kind, DylibKind::lazy);
        EXPECT_EQ(linkage.dylibs[4].ordinal, 5U);
        EXPECT_EQ(linkage.id->name, "@rpath/libx.dylib");
        EXPECT_EQ(linkage.rpaths.at(0).text, "@loader_path/x");
        EXPECT_EQ(linkage.dyld_environment.at(0).text, "DYLD_LIBRARY_PATH=/x");
    }
}

TEST(MachoDylibs, ReadsTheFlagsOfDylibUseCommand) {
    auto builder = small_library();
    builder.command(0xc, builder.writer().u32(28).u32(0x1a741800).u32(0).u32(0).u32(9).text("/a"));
    builder.command(0xc, builder.writer().u32(24).u32(0x1a741800).u32(0).u32(0).text("/b"));
    Loaded loaded(builder.build());
    auto linkage = *read_linkage(loaded.image(), loaded.sink);
    EXPECT_EQ(linkage.dylibs[0].use_flags, 9U);
    EXPECT_TRUE(linkage.dylibs[0].weak());
    EXPECT_EQ(linkage.dylibs[0].name, "/a");
    EXPECT_EQ(linkage.dylibs[1].use_flags, std::nullopt);
    EXPECT_EQ(linkage.dylibs[1].name, "/b");
}

TEST(MachoDylibs, ANameOutsideItsCommandKeepsItsOrdinal) {
    auto builder = small_library();
    builder.command(0xc, builder.writer().u32(400).u32(0).u32(0).u32(0).text("/a")).dylib(0xc, "/b", 0, 0);
    Loaded loaded(builder.build());
    auto linkage = *read_linkage(loaded.image(), loaded.sink);
    EXPECT_TRUE(loaded.has("MACHO-COMMAND-MALFORMED"));
    ASSERT_EQ(linkage.dylibs.size(), 2U);
    EXPECT_EQ(linkage.dylibs[0].name, "");
    EXPECT_EQ(linkage.dylibs[1].ordinal, 2U);
}

TEST(MachoDylibs, ATextMayEndWithItsCommand) {
    auto builder = small_library();
    builder.command(0x8000001c, builder.writer().u32(12).fixed("/full", 4));
    Loaded loaded(builder.build());
    EXPECT_EQ(read_linkage(loaded.image(), loaded.sink)->rpaths.at(0).text, "/ful");
    EXPECT_THAT(loaded.rules(), testing::IsEmpty());
}

TEST(MachoDylibs, FlagsDuplicates) {
    Loaded twice(
        small_library().path(0x8000001c, "/a").path(0x8000001c, "/a").dylib(0xc, "/l", 0, 0).dylib(0x80000018, "/l", 0, 0).build());
    EXPECT_TRUE(read_linkage(twice.image(), twice.sink));
    EXPECT_THAT(twice.rules(), testing::ElementsAre("MACHO-RPATH-DUPLICATE", "MACHO-DYLIB-DUPLICATE"));
    Loaded once(small_library().path(0x8000001c, "/a").path(0x8000001c, "/a/").dylib(0xc, "/l", 0, 0).dylib(0xc, "/L", 0, 0).build());
    EXPECT_TRUE(read_linkage(once.image(), once.sink));
    EXPECT_THAT(once.rules(), testing::IsEmpty());
}

TEST(MachoDylibs, FlagsALibraryWithoutAName) {
    test::MachoBuilder builder;
    builder.segment({.name = "__TEXT", .address = 0, .memory_size = 0x1000, .file_size = 0});
    Loaded library(builder.build());
    EXPECT_TRUE(read_linkage(library.image(), library.sink));
    EXPECT_TRUE(library.has("MACHO-DYLIB-ID-MISSING"));
    builder.file_type = 8;
    Loaded bundle(builder.build());
    EXPECT_TRUE(read_linkage(bundle.image(), bundle.sink));
    EXPECT_FALSE(bundle.has("MACHO-DYLIB-ID-MISSING"));
}

TEST(MachoDylibs, FlagsAProgramWithoutADynamicLinker) {
    auto builder = small_library();
    builder.file_type = 2;
    Loaded without(builder.build());
    EXPECT_TRUE(read_linkage(without.image(), without.sink));
    EXPECT_TRUE(without.has("MACHO-DYLINKER-MISSING"));
    builder.path(0xe, "/usr/lib/dyld");
    Loaded with(builder.build());
    EXPECT_EQ(read_linkage(with.image(), with.sink)->dylinker->text, "/usr/lib/dyld");
    EXPECT_FALSE(with.has("MACHO-DYLINKER-MISSING"));
    auto still = small_library();
    still.file_type = 2;
    still.flags = 1;   // static: MH_DYLDLINK is not set
    Loaded linked_statically(still.build());
    EXPECT_TRUE(read_linkage(linked_statically.image(), linked_statically.sink));
    EXPECT_FALSE(linked_statically.has("MACHO-DYLINKER-MISSING"));
}

}  // namespace
}  // namespace abiscope::macho
