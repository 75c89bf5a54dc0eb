#include "pe/segments.h"

#include "unit/pe/testing.h"

namespace abiscope::pe {
namespace {

using finding::RuleId;
using test::PeBuilder;
using test::PeBytes;

TEST(Mapping, HeadersAreMappedAtZero) {
    Parsed file = parse(PeBuilder());
    EXPECT_EQ(file.image.mapping().image_offset(0), 0U);
    EXPECT_EQ(file.image.mapping().image_offset(0x3ff), 0x3ffU);
    EXPECT_EQ(file.image.mapping().image_offset(0x400), std::nullopt);
    EXPECT_EQ(file.image.mapping().at(0x400)->zeros, 0xc00U);
}

TEST(Mapping, RawPointerIsRoundedDownToASector) {
    PeBuilder builder;
    builder.sections[0].raw_offset = 0x410;
    builder.headers_size = 0x400;
    Parsed file = parse(builder);
    EXPECT_EQ(file.image.mapping().image_offset(0x1000), 0x400U);
}

// Sections that are closer than pages and sectors are: Windows takes such a file as it lies, the firmware does not.
TEST(Mapping, TheFirmwarePutsSectionsWhereTheyBelong) {
    PeBuilder builder;
    builder.subsystem = 10;   // EFI_APPLICATION
    builder.section_alignment = 0x20;
    builder.sections[0].raw_offset = 0x410;
    Parsed file = parse(builder);
    EXPECT_FALSE(file.image.mapping().flat());
    EXPECT_EQ(file.image.mapping().image_offset(0x1000), 0x410U);
    builder.subsystem = 3;
    EXPECT_TRUE(parse(builder).image.mapping().flat());
}

TEST(Mapping, BytesEndWithTheLastPageOfVirtualSize) {
    PeBuilder builder;
    builder.sections[0].contents = PeBytes().zeros(0x3000);
    builder.sections[0].raw_size = 0x3000;
    builder.sections[0].virtual_size = 0x1001;
    Parsed file = parse(builder);
    EXPECT_EQ(file.image.mapping().image_offset(0x2fff), 0x400U + 0x1fff);
    EXPECT_EQ(file.image.mapping().image_offset(0x3000), std::nullopt);
    EXPECT_EQ(file.image.section_at(0x2001), std::nullopt);
    EXPECT_EQ(file.image.section_at(0x2000), 0U);
}

TEST(Mapping, ZeroVirtualSizeMeansRawSize) {
    PeBuilder builder;
    builder.sections[0].virtual_size = 0;
    Parsed file = parse(builder);
    EXPECT_EQ(file.image.mapping().image_offset(0x11ff), 0x5ffU);
    EXPECT_EQ(file.image.section_at(0x11ff), 0U);
}

TEST(Mapping, TheTailOfASectionIsZero) {
    PeBuilder builder;
    builder.sections[0].virtual_size = 0x1800;
    Parsed file = parse(builder);
    EXPECT_EQ(file.image.mapping().image_offset(0x1200), std::nullopt);
    std::array<std::byte, 16> memory{};
    memory.fill(std::byte{0xff});
    EXPECT_TRUE(file.image.copy_rva(0x11f8, memory));
    EXPECT_EQ(memory[15], std::byte{0});
    EXPECT_FALSE(file.image.copy_rva(0x2ff8, memory));
    EXPECT_FALSE(file.image.at_rva(0x1200, 1, "something"));
}

TEST(Mapping, SmallSectionAlignmentMapsTheFileAsItIs) {
    PeBuilder builder;
    builder.section_alignment = 0x200;
    builder.sections[0].rva = 0x400;
    builder.entry = 0x400;
    Parsed file = parse(builder);
    EXPECT_TRUE(file.image.mapping().flat());
    EXPECT_EQ(file.image.mapping().image_offset(0x400), 0x400U);
    EXPECT_EQ(file.image.mapping().rva(0x5ff), 0x5ffU);
    EXPECT_FALSE(file.has(RuleId::PE_BAD_ALIGNMENT));
    EXPECT_FALSE(file.has(RuleId::PE_ENTRY_OUTSIDE_SECTIONS));
}

TEST(Mapping, NothingIsInventedBehindTheCutOfATruncatedFile) {
    PeBuilder builder;
    auto bytes = builder.bytes();
    bytes.resize(0x480);
    Parsed file = parse(Source::from_memory("cut.exe", bytes));
    EXPECT_TRUE(file.has(RuleId::PE_TRUNCATED));
    EXPECT_EQ(file.image.mapping().at(0x1000)->bytes.size(), 0x80U);
    EXPECT_EQ(file.image.mapping().at(0x1000)->zeros, 0U);
}

TEST(Mapping, GoesBothWays) {
    PeBuilder builder;
    builder.add(".data", PeBuilder::data, PeBytes().zeros(0x300));
    Parsed file = parse(builder);
    EXPECT_EQ(file.image.mapping().rva(0x600), 0x2000U);
    EXPECT_EQ(file.image.mapping().rva(0x10), 0x10U);
    EXPECT_EQ(file.image.mapping().rva(0x100000), std::nullopt);
    EXPECT_EQ(file.image.rva_of(0x140002000), 0x2000U);
    EXPECT_EQ(file.image.rva_of(0x13fffffff), std::nullopt);
    EXPECT_EQ(file.image.rva_of(0x340002000), std::nullopt);
}

}  // namespace
}  // namespace abiscope::pe
