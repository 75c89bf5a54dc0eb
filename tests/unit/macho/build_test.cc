#include "macho/build.h"

#include "macho/notes.h"
#include "unit/macho/helpers.h"

namespace abiscope::macho {
namespace {

TEST(MachoBuild, ReadsPlatformToolsAndSource) {
    for (bool big : {false, true}) {
        auto builder = small_library(true, big);
        builder.command(0x32, builder.writer().u32(1).u32(0x000d0100).u32(0x000e0002).u32(1).u32(3).u32(0x03fb0102));
        builder.command(0x2a, builder.writer().u64(std::uint64_t{1} << 40 | std::uint64_t{2} << 30 | std::uint64_t{3} << 20));
        Loaded loaded(builder.build());
        auto build = *read_build(loaded.image(), loaded.sink);
        EXPECT_THAT(loaded.rules(), testing::IsEmpty());
        EXPECT_EQ(build.uuid->to_string(), "30313233-3435-3637-3839-616263646566");
        ASSERT_EQ(build.versions.size(), 1U);
        EXPECT_EQ(build.versions[0].platform, 1U);
        EXPECT_EQ(build.versions[0].minimum_os.to_os_string(), "13.1");
        EXPECT_EQ(build.versions[0].sdk.to_os_string(), "14.0.2");
        ASSERT_EQ(build.versions[0].tools.size(), 1U);
        EXPECT_EQ(build.versions[0].tools[0].version.to_string(), "1019.1.2");
        EXPECT_EQ(build.source->to_string(), "1.2.3");
    }
}

TEST(MachoBuild, OldVersionCommandsImplyThePlatform) {
    auto builder = small_library();
    builder.command(0x25, builder.writer().u32(0x00060000).u32(0));
    Loaded simulator(builder.build());
    EXPECT_EQ(read_build(simulator.image(), simulator.sink)->versions.at(0).platform, 7U);
    builder.cpu_type = 0x0100000c;
    Loaded device(builder.build());
    EXPECT_EQ(read_build(device.image(), device.sink)->versions.at(0).platform, 2U);
}

TEST(MachoBuild, ToolCountIsBoundedByTheCommand) {
    auto builder = small_library();
    builder.command(0x32, builder.writer().u32(1).u32(0).u32(0).u32(0xffffffff).u32(3).u32(1));
    Loaded loaded(builder.build());
    EXPECT_EQ(read_build(loaded.image(), loaded.sink)->versions.at(0).tools.size(), 1U);
    EXPECT_TRUE(loaded.has("MACHO-COMMAND-MALFORMED"));
}

TEST(MachoBuild, AnImageWithoutUuid) {
    test::MachoBuilder builder;
    builder.segment({.name = "__TEXT", .address = 0, .memory_size = 0x1000});
    Loaded loaded(builder.build());
    EXPECT_TRUE(read_build(loaded.image(), loaded.sink));
    EXPECT_TRUE(loaded.has("MACHO-UUID-MISSING"));
    builder.file_type = 1;
    Loaded object(builder.build());
    EXPECT_TRUE(read_build(object.image(), object.sink));
    EXPECT_FALSE(object.has("MACHO-UUID-MISSING"));
}

TEST(MachoVersions, SourceVersionDropsZeroesAfterTheSecondPart) {
    EXPECT_EQ(SourceVersion{0}.to_string(), "0.0");
    EXPECT_EQ(SourceVersion{std::uint64_t{7} << 40}.to_string(), "7.0");
    EXPECT_EQ(SourceVersion{std::uint64_t{7} << 40 | 5}.to_string(), "7.0.0.0.5");
}

TEST(MachoNotes, ReadsEachKind) {
    auto builder = small_library();
    builder.command(0x31, builder.writer().fixed("owner", 16).u64(0x2000).u64(0x10));
    builder.command(0x2d, builder.writer().u32(2).text("-framework").text("Foundation"));
    builder.command(0x2c, builder.writer().u32(0x800).u32(0x100).u32(1).u32(0));
    builder.command(0x80000035, builder.writer().u64(0x10000).u64(0x20).u32(32).u32(0).text("com.apple.x"));
    builder.command(0x8, builder.writer().text("first").text("second"));
    Loaded loaded(builder.build());
    auto notes = *read_notes(loaded.image(), loaded.sink);
    EXPECT_THAT(loaded.rules(), testing::IsEmpty());
    EXPECT_EQ(notes.notes.at(0).owner, "owner");
    EXPECT_EQ(notes.notes[0].content.file_offset(), 0x2000U);
    EXPECT_EQ(notes.notes[0].content.size(), 0x10U);
    EXPECT_THAT(notes.linker_options.at(0).words, testing::ElementsAre("-framework", "Foundation"));
    EXPECT_EQ(notes.encryption->id, 1U);
    EXPECT_EQ(notes.fileset.at(0).name, "com.apple.x");
    EXPECT_THAT(notes.idents, testing::ElementsAre("first", "second"));
}

TEST(MachoNotes, LinkerOptionsOfWhichThereAreTooFew) {
    auto builder = small_library();
    builder.command(0x2d, builder.writer().u32(0xffffffff).text("-lz"));
    Loaded loaded(builder.build());
    auto notes = *read_notes(loaded.image(), loaded.sink);
    EXPECT_TRUE(loaded.has("MACHO-COMMAND-MALFORMED"));
    EXPECT_EQ(notes.linker_options.at(0).words.front(), "-lz");
}

}  // namespace
}  // namespace abiscope::macho
