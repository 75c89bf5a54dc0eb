#include "macho/load_commands.h"

#include "macho/spec.h"
#include "unit/macho/helpers.h"

namespace abiscope::macho {
namespace {

using test::ByteWriter;

constexpr std::size_t ncmds_at = 16;
constexpr std::size_t sizeofcmds_at = 20;

TEST(MachoLoadCommands, ListsWhatThereIs) {
    Loaded loaded(small_library().build());
    ASSERT_EQ(loaded.image().commands().size(), 5U);
    EXPECT_EQ(loaded.image().commands()[0].name(), "LC_SEGMENT_64");
    EXPECT_EQ(loaded.image().commands()[0].file_offset(), 32U);
    EXPECT_EQ(loaded.image().commands()[4].name(), "LC_UUID");
    EXPECT_EQ(loaded.image().commands()[4].size(), 24U);
    EXPECT_THAT(loaded.rules(), testing::IsEmpty());
}

TEST(MachoLoadCommands, CommandsPastTheEndOfTheFile) {
    auto bytes = small_library().build();
    bytes.resize(400);
    Loaded loaded(bytes);
    EXPECT_TRUE(loaded.has("MACHO-COMMANDS-TRUNCATED"));
    EXPECT_EQ(loaded.place("MACHO-COMMANDS-TRUNCATED"), sizeofcmds_at);
}

TEST(MachoLoadCommands, MoreCommandsThanFitInSizeofcmds) {
    auto bytes = small_library().build();
    bytes[ncmds_at] = std::byte{200};
    Loaded loaded(bytes);
    EXPECT_TRUE(loaded.has("MACHO-COMMANDS-TRUNCATED"));
    EXPECT_EQ(loaded.place("MACHO-COMMANDS-TRUNCATED"), ncmds_at);
    EXPECT_EQ(loaded.image().commands().size(), 5U);
}

TEST(MachoLoadCommands, ACommandLargerThanTheRestStopsTheWalk) {
    auto builder = small_library();
    std::size_t at = builder.next_command_offset();
    auto bytes = builder.path(0x8000001c, "/a").path(0x8000001c, "/b").build();
    bytes[at + 5] = std::byte{0x40};
    Loaded loaded(bytes);
    EXPECT_EQ(loaded.place("MACHO-COMMAND-SIZE-INVALID"), at + 4);
    EXPECT_EQ(loaded.image().commands().size(), 5U);
}

TEST(MachoLoadCommands, ACommandOfNoSizeStopsTheWalk) {
    auto builder = small_library();
    std::size_t at = builder.next_command_offset();
    auto bytes = builder.path(0x8000001c, "/a").build();
    bytes[at + 4] = std::byte{0};
    EXPECT_TRUE(Loaded(bytes).has("MACHO-COMMAND-SIZE-INVALID"));
}

TEST(MachoLoadCommands, AnOddSizeIsReadOn) {
    auto builder = small_library(false);
    std::size_t at = builder.next_command_offset();
    auto bytes = builder.path(0x8000001c, "/abc").build();   // 12 + 5 bytes, padded to 20
    bytes[at + 4] = std::byte{17};
    bytes[sizeofcmds_at] = static_cast<std::byte>(std::to_integer<int>(bytes[sizeofcmds_at]) - 3);
    Loaded loaded(bytes);
    EXPECT_THAT(loaded.rules(), testing::ElementsAre("MACHO-COMMAND-MISALIGNED"));
    EXPECT_EQ(loaded.image().commands().back().text(12), "/abc");
}

TEST(MachoLoadCommands, FlagsAnUnknownCommandOnlyWhenItIsRequired) {
    EXPECT_TRUE(Loaded(small_library().command(0x80000077, ByteWriter().u32(0)).build()).has("MACHO-COMMAND-UNKNOWN-REQUIRED"));
    Loaded optional(small_library().command(0x77, ByteWriter().u32(0)).build());
    EXPECT_THAT(optional.rules(), testing::IsEmpty());
    EXPECT_FALSE(optional.image().commands().back().known());
    EXPECT_EQ(optional.image().commands().back().name(), "0x77");
}

TEST(MachoLoadCommands, FlagsASecondOneOfWhatIsSingle) {
    EXPECT_TRUE(Loaded(small_library().uuid().build()).has("MACHO-COMMAND-DUPLICATE"));
    EXPECT_FALSE(Loaded(small_library().path(0x8000001c, "/a").path(0x8000001c, "/b").build()).has("MACHO-COMMAND-DUPLICATE"));
}

}  // namespace
}  // namespace abiscope::macho
