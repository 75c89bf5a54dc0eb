// One file that triggers each rule about headers, and a look-alike that must not.
#include "pe/checksum.h"
#include "pe/rich.h"
#include "unit/pe/testing.h"

namespace abiscope::pe {
namespace {

using finding::RuleId;
using test::PeBuilder;
using test::PeBytes;

TEST(Checks, EntryOutsideSections) {
    PeBuilder builder;
    builder.entry = 0x5000;
    Parsed file = parse(builder);
    const finding::Finding* finding = file.find(RuleId::PE_ENTRY_OUTSIDE_SECTIONS);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->evidence()[0].offset, PeBuilder::optional_at + 16);
    EXPECT_EQ(finding->evidence()[0].address, 0x140005000U);
    EXPECT_TRUE(parse(PeBuilder()).sink.findings().empty());
}

TEST(Checks, EntryNotExecutable) {
    PeBuilder builder;
    builder.sections[0].flags = PeBuilder::rodata;
    EXPECT_EQ(parse(builder).find(RuleId::PE_ENTRY_NOT_EXECUTABLE)->confidence(), finding::Confidence::proven);
    PeBuilder old = PeBuilder::i386();
    old.sections[0].flags = PeBuilder::rodata;
    old.dll_characteristics = 0;
    EXPECT_EQ(parse(old).find(RuleId::PE_ENTRY_NOT_EXECUTABLE)->confidence(), finding::Confidence::likely);
}

TEST(Checks, EntryZeroIsStrangeInProgramsOnly) {
    PeBuilder builder;
    builder.entry = 0;
    EXPECT_TRUE(parse(builder).has(RuleId::PE_ENTRY_ZERO));
    builder.characteristics = 0x2022;
    EXPECT_FALSE(parse(builder).has(RuleId::PE_ENTRY_ZERO));
    PeBuilder managed;
    managed.entry = 0;
    managed.add_directory(14, PeBytes().u32(72).zeros(68), 72);
    EXPECT_FALSE(parse(managed).has(RuleId::PE_ENTRY_ZERO));
}

TEST(Checks, TruncatedSection) {
    PeBuilder builder;
    builder.sections[0].raw_size = 0x400;
    builder.sections[0].virtual_size = 0x400;
    auto bytes = builder.bytes();
    EXPECT_FALSE(parse(Source::from_memory("x", bytes)).has(RuleId::PE_TRUNCATED));
    bytes.resize(bytes.size() - 1);
    EXPECT_TRUE(parse(Source::from_memory("x", bytes)).has(RuleId::PE_TRUNCATED));
}

TEST(Checks, SectionsOneBehindTheOther) {
    PeBuilder overlapping;
    overlapping.add(".data", PeBuilder::data, PeBytes().zeros(0x10));
    overlapping.sections[0].virtual_size = 0x1001;
    Parsed overlap = parse(overlapping);
    EXPECT_TRUE(overlap.has(RuleId::PE_SECTION_OVERLAP));

    PeBuilder gap;
    gap.add(".data", PeBuilder::data, PeBytes().zeros(0x10));
    gap.sections[1].rva = 0x3000;
    EXPECT_TRUE(parse(gap).has(RuleId::PE_SECTION_GAP));
    gap.sections[0].virtual_size = 0x1001;
    EXPECT_FALSE(parse(gap).has(RuleId::PE_SECTION_GAP));

    PeBuilder into_headers;
    into_headers.sections[0].rva = 0;
    EXPECT_TRUE(parse(into_headers).has(RuleId::PE_SECTION_OVERLAP));

    PeBuilder small;
    small.image_size = 0x1000;
    EXPECT_TRUE(parse(small).has(RuleId::PE_IMAGE_SIZE));
}

TEST(Checks, SectionsThatShareBytesOfTheFile) {
    PeBuilder builder;
    builder.add(".data", PeBuilder::data, PeBytes().zeros(0x10));
    EXPECT_FALSE(parse(builder).has(RuleId::PE_SECTION_FILE_OVERLAP));
    builder.sections[1].raw_offset = 0x400;
    EXPECT_TRUE(parse(builder).has(RuleId::PE_SECTION_FILE_OVERLAP));
}

TEST(Checks, Alignment) {
    auto bad = [](std::uint32_t section, std::uint32_t file) {
        PeBuilder builder;
        builder.section_alignment = section;
        builder.file_alignment = file;
        return parse(builder).has(RuleId::PE_BAD_ALIGNMENT);
    };
    EXPECT_FALSE(bad(0x1000, 0x200));
    EXPECT_FALSE(bad(0x10000, 0x10000));
    EXPECT_FALSE(bad(0x20, 0x20));
    EXPECT_TRUE(bad(0x1000, 0x300));
    EXPECT_TRUE(bad(0x1000, 0x2000));
    EXPECT_TRUE(bad(0x1000, 0x100));
    EXPECT_TRUE(bad(0x800, 0x200));
    EXPECT_TRUE(bad(0, 0));
    PeBuilder base;
    base.image_base = 0x140001000;
    EXPECT_TRUE(parse(base).has(RuleId::PE_IMAGE_BASE_UNALIGNED));
}

TEST(Checks, MachineAndMagic) {
    PeBuilder builder = PeBuilder::i386();
    builder.machine = 0x8664;
    EXPECT_TRUE(parse(builder).has(RuleId::PE_MACHINE_MAGIC_MISMATCH));
    builder.machine = 0x1c4;
    EXPECT_FALSE(parse(builder).has(RuleId::PE_MACHINE_MAGIC_MISMATCH));
}

TEST(Checks, WriteAndExecute) {
    PeBuilder builder;
    builder.sections[0].flags = 0xe0000020;
    EXPECT_TRUE(parse(builder).has(RuleId::PE_SECTION_WRITE_EXECUTE));
}

TEST(Checks, Directories) {
    PeBuilder builder;
    builder.directories[1] = {0x100000, 40};
    EXPECT_TRUE(parse(builder).has(RuleId::PE_DIRECTORY_OUTSIDE_FILE));
    builder.directories[1] = {0x1000, 0x2000};
    EXPECT_TRUE(parse(builder).has(RuleId::PE_DIRECTORY_OUTSIDE_FILE));
    builder.directories[1] = {0x1000, 0x100};
    EXPECT_FALSE(parse(builder).has(RuleId::PE_DIRECTORY_OUTSIDE_FILE));
    builder.directories[8] = {0x100000, 0};
    EXPECT_FALSE(parse(builder).has(RuleId::PE_DIRECTORY_OUTSIDE_FILE));
    builder.directories[4] = {0x580, 0x80};
    EXPECT_FALSE(parse(builder).has(RuleId::PE_DIRECTORY_OUTSIDE_FILE));
    builder.directories[4] = {0x580, 0x81};
    EXPECT_TRUE(parse(builder).has(RuleId::PE_DIRECTORY_OUTSIDE_FILE));
}

TEST(Checks, RelocationsStripped) {
    PeBuilder builder;
    builder.characteristics = 0x23;
    EXPECT_TRUE(parse(builder).has(RuleId::PE_RELOCATIONS_STRIPPED));
    builder.dll_characteristics = 0x100;
    EXPECT_FALSE(parse(builder).has(RuleId::PE_RELOCATIONS_STRIPPED));
}

TEST(Checks, SectionTableThatRunsPastTheEnd) {
    auto bytes = PeBuilder().bytes();
    bytes[PeBuilder::coff_at + 3] = std::byte{0xff};
    EXPECT_TRUE(parse(Source::from_memory("x", bytes)).has(RuleId::PE_TABLE_DAMAGED));
}

TEST(Checksum, IsTheSumOfWordsAndTheSize) {
    PeBuilder builder;
    Parsed file = parse(builder);
    auto checksum = check_checksum(file.image, file.sink);
    ASSERT_TRUE(checksum);
    EXPECT_EQ(checksum->stored, 0U);
    EXPECT_TRUE(file.sink.findings().empty());

    builder.checksum = checksum->computed;
    Parsed right = parse(builder);
    EXPECT_EQ(check_checksum(right.image, right.sink)->computed, builder.checksum);
    EXPECT_TRUE(right.sink.findings().empty());

    builder.checksum ^= 1;
    Parsed wrong = parse(builder);
    EXPECT_TRUE(check_checksum(wrong.image, wrong.sink));
    EXPECT_TRUE(wrong.has(RuleId::PE_CHECKSUM_WRONG));
}

// The list of one real program (notes of the format by its decoders): key 0x... is computed here by the published algorithm.
PeBytes rich_stub(std::uint32_t spoil) {
    PeBytes header;
    header.text("MZ", false).u16(0x90).u16(3).u16(0).u16(4).u16(0).u16(0xffff).u16(0).u16(0xb8).zeros(0x3c - 18).u32(0);
    std::uint32_t key = 0x40;
    auto rotate = [](std::uint32_t value, unsigned by) { return by % 32 == 0 ? value : value << by % 32 | value >> (32 - by % 32); };
    for (std::size_t i = 0; i < 0x40; ++i) key += rotate(static_cast<std::uint32_t>(header.bytes()[i]), static_cast<unsigned>(i));
    key += rotate(0x01047809, 5) + rotate(0x00ff7809, 33);
    key ^= spoil;
    PeBytes stub;
    stub.u32(0x536e6144 ^ key).u32(key).u32(key).u32(key);
    stub.u32(0x01047809 ^ key).u32(5 ^ key).u32(0x00ff7809 ^ key).u32(33 ^ key);
    stub.text("Rich", false).u32(key);
    return stub;
}

TEST(Rich, DecodesTheListAndChecksItsSeal) {
    PeBuilder builder;
    builder.stub = rich_stub(0);
    Parsed file = parse(builder);
    auto rich = read_rich_header(file.image, file.sink);
    ASSERT_TRUE(rich && *rich);
    ASSERT_EQ((*rich)->entries.size(), 2U);
    EXPECT_EQ((*rich)->entries[0].product, 0x104);
    EXPECT_EQ((*rich)->entries[0].build, 0x7809);
    EXPECT_EQ((*rich)->entries[1].count, 33U);
    EXPECT_EQ((*rich)->offset, 0x40U);
    EXPECT_TRUE(file.sink.findings().empty());

    builder.stub = rich_stub(0x100);
    Parsed spoiled = parse(builder);
    EXPECT_TRUE(read_rich_header(spoiled.image, spoiled.sink));
    EXPECT_TRUE(spoiled.has(RuleId::PE_RICH_CHECKSUM));

    Parsed none = parse(PeBuilder());
    auto nothing = read_rich_header(none.image, none.sink);
    ASSERT_TRUE(nothing);
    EXPECT_FALSE(*nothing);
}

}  // namespace
}  // namespace abiscope::pe
