#include "macho/segments.h"

#include "unit/macho/helpers.h"

namespace abiscope::macho {
namespace {

using test::MachoBuilder;

TEST(MachoSegments, ReadsBothWidthsAndByteOrders) {
    for (bool wide : {false, true}) {
        for (bool big : {false, true}) {
            Loaded loaded(small_library(wide, big).build());
            EXPECT_THAT(loaded.rules(), testing::IsEmpty());
            ASSERT_EQ(loaded.image().segments().size(), 3U);
            ASSERT_EQ(loaded.image().sections().size(), 3U);
            const Segment& data = loaded.image().segments()[1];
            EXPECT_EQ(data.name, "__DATA");
            EXPECT_EQ(data.address, 0x11000U);
            EXPECT_EQ(data.memory_size, 0x2000U);
            EXPECT_EQ(data.offset, 0x1000U);
            EXPECT_EQ(data.initial_protection, 3U);
            EXPECT_EQ(data.max_protection, 7U);
            EXPECT_EQ(data.first_section, 1U);
            EXPECT_EQ(loaded.image().sections()[2].full_name(), "__DATA,__bss");
            EXPECT_TRUE(loaded.image().sections()[2].is_zero_fill());
            EXPECT_TRUE(loaded.image().sections()[0].has_instructions());
        }
    }
}

TEST(MachoSegments, TranslateBetweenAddressesAndOffsets) {
    Loaded loaded(small_library().build());
    const Image& image = loaded.image();
    EXPECT_EQ(image.base_address(), 0x10000U);
    EXPECT_EQ(image.offset_of(0x11010), 0x1010U);
    EXPECT_EQ(image.offset_of(0x12000), std::nullopt);   // zero-fill
    EXPECT_EQ(image.offset_of(0x9999), std::nullopt);
    EXPECT_EQ(image.address_of(0x1010), 0x11010U);
    EXPECT_EQ(image.section_at(0x10850)->name, "__text");
    EXPECT_EQ(image.content(image.sections()[0]).size(), 0x100U);
    EXPECT_TRUE(image.content(image.sections()[2]).empty());
}

TEST(MachoSegments, PastTheEndOfTheFile) {
    auto bytes = small_library().build();
    bytes.resize(0x2800);
    Loaded loaded(bytes);
    EXPECT_THAT(loaded.rules(), testing::ElementsAre("MACHO-SEGMENT-TRUNCATED"));
    const auto& finding = loaded.sink.findings().front();
    EXPECT_EQ(std::get<std::uint64_t>(finding.arguments()[1].value), 0x800U);
    EXPECT_EQ(loaded.place("MACHO-SEGMENT-TRUNCATED"), loaded.image().segments()[2].command_file_offset + 40);
}

TEST(MachoSegments, MoreBytesInTheFileThanInMemory) {
    auto with = [](std::uint64_t memory, std::uint32_t protection) {
        return small_library()
            .segment(
                {.name = "__X", .address = 0x20000, .memory_size = memory, .offset = 0x1000, .file_size = 0x200, .protection = protection})
            .build();
    };
    EXPECT_TRUE(Loaded(with(0x100, 3)).has("MACHO-SEGMENT-RANGE-INVALID"));
    EXPECT_FALSE(Loaded(with(0x200, 3)).has("MACHO-SEGMENT-RANGE-INVALID"));
    EXPECT_FALSE(Loaded(with(0, 0)).has("MACHO-SEGMENT-RANGE-INVALID"));   // Go's __DWARF: in the file, not in memory
}

TEST(MachoSegments, AnAddressRangeThatWraps) {
    auto builder = small_library().segment({.name = "__X", .address = ~std::uint64_t{0xfff}, .memory_size = 0x2000});
    EXPECT_TRUE(Loaded(builder.build()).has("MACHO-SEGMENT-RANGE-INVALID"));
}

TEST(MachoSegments, OverlapInMemory) {
    EXPECT_TRUE(
        Loaded(small_library().segment({.name = "__X", .address = 0x11800, .memory_size = 0x10}).build()).has("MACHO-SEGMENT-OVERLAP"));
    EXPECT_FALSE(
        Loaded(small_library().segment({.name = "__X", .address = 0x14000, .memory_size = 0x10}).build()).has("MACHO-SEGMENT-OVERLAP"));
    EXPECT_FALSE(
        Loaded(small_library().segment({.name = "__X", .address = 0x11800, .memory_size = 0}).build()).has("MACHO-SEGMENT-OVERLAP"));
}

TEST(MachoSegments, WritableAndExecutable) {
    auto with = [](std::uint32_t protection) {
        return small_library().segment({.name = "__X", .address = 0x20000, .memory_size = 0x10, .protection = protection}).build();
    };
    EXPECT_TRUE(Loaded(with(7)).has("MACHO-SEGMENT-WRITABLE-EXECUTABLE"));
    EXPECT_FALSE(Loaded(with(3)).has("MACHO-SEGMENT-WRITABLE-EXECUTABLE"));
    MachoBuilder object;   // the one segment of an object file has every permission
    object.file_type = 1;
    object.segment({.name = "", .address = 0, .memory_size = 0x10, .protection = 7});
    EXPECT_THAT(Loaded(object.build()).rules(), testing::IsEmpty());
}

TEST(MachoSegments, SectionOutsideItsSegment) {
    auto with = [](test::SectionSpec section) {
        return small_library()
            .segment({.name = "__X",
                      .address = 0x20000,
                      .memory_size = 0x1000,
                      .offset = 0x1000,
                      .file_size = 0x800,
                      .protection = 3,
                      .sections = {std::move(section)}})
            .build();
    };
    EXPECT_FALSE(Loaded(with({"__X", "fits", 0x20000, 0x800, 0x1000})).has("MACHO-SECTION-OUTSIDE-SEGMENT"));
    EXPECT_TRUE(Loaded(with({"__X", "before", 0x1ff00, 0x100, 0x1000})).has("MACHO-SECTION-OUTSIDE-SEGMENT"));
    EXPECT_TRUE(Loaded(with({"__X", "after", 0x20f00, 0x200, 0x1000})).has("MACHO-SECTION-OUTSIDE-SEGMENT"));
    EXPECT_TRUE(Loaded(with({"__X", "bytes", 0x20000, 0x900, 0x1000})).has("MACHO-SECTION-OUTSIDE-SEGMENT"));
    EXPECT_FALSE(Loaded(with({"__X", "zero", 0x20000, 0x900, 0, 1})).has("MACHO-SECTION-OUTSIDE-SEGMENT"));
}

TEST(MachoSegments, SectionCountIsBoundedByTheCommand) {
    auto builder = small_library();
    std::size_t at = builder.next_command_offset();
    auto bytes = builder.segment({.name = "__X", .address = 0x20000, .memory_size = 0x10}).build();
    bytes[at + 64] = std::byte{0xff};   // nsects
    bytes[at + 67] = std::byte{0xff};
    Loaded loaded(bytes);
    EXPECT_TRUE(loaded.has("MACHO-COMMAND-MALFORMED"));
    EXPECT_EQ(loaded.image().sections().size(), 3U);
}

TEST(MachoSegments, OfTheOtherWidth) {
    auto builder = small_library();
    builder.command(0x1, builder.writer().zeros(48));
    EXPECT_TRUE(Loaded(builder.build()).has("MACHO-COMMAND-MALFORMED"));
}

TEST(MachoSegments, WithoutText) {
    MachoBuilder builder;
    EXPECT_TRUE(Loaded(builder.build()).has("MACHO-TEXT-MISSING"));
    builder.file_type = 1;
    EXPECT_FALSE(Loaded(builder.build()).has("MACHO-TEXT-MISSING"));
}

}  // namespace
}  // namespace abiscope::macho
