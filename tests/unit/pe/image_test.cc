#include "pe/image.h"

#include "base/text.h"
#include "pe/symbols.h"
#include "unit/pe/testing.h"

namespace abiscope::pe {
namespace {

using test::PeBuilder;
using test::PeBytes;

TEST(Image, ReadsEveryHeaderField) {
    PeBuilder builder;
    builder.checksum = 0x1234;
    builder.directories[6] = {0x1000, 1};
    Parsed file = parse(builder);
    EXPECT_EQ(file.image.kind(), FileKind::image);
    EXPECT_EQ(file.image.coff().machine, 0x8664);
    EXPECT_EQ(file.image.coff().timestamp, 0x5f000000U);
    EXPECT_EQ(file.image.coff().offset, PeBuilder::coff_at);
    ASSERT_TRUE(file.image.dos());
    EXPECT_EQ(file.image.dos()->initial_sp, 0xb8);
    ASSERT_TRUE(file.image.optional());
    const OptionalHeader& header = *file.image.optional();
    EXPECT_EQ(header.offset, PeBuilder::optional_at);
    EXPECT_EQ(header.entry_rva, 0x1000U);
    EXPECT_EQ(header.image_base, 0x140000000U);
    EXPECT_EQ(header.os_major, 6);
    EXPECT_EQ(header.image_minor, 8);
    EXPECT_EQ(header.subsystem, 3);
    EXPECT_EQ(header.checksum, 0x1234U);
    EXPECT_EQ(header.stack_reserve, 0x100000U);
    EXPECT_EQ(header.heap_commit, 0x2000U);
    ASSERT_EQ(header.directories.size(), 16U);
    EXPECT_EQ(file.image.directory(Directory::debug)->rva, 0x1000U);
    EXPECT_FALSE(file.image.directory(Directory::tls));
    EXPECT_TRUE(file.sink.findings().empty());
    EXPECT_FALSE(file.image.is_dll());
}

TEST(Image, Pe32HasNarrowFieldsAndADataBase) {
    Parsed file = parse(PeBuilder::i386());
    EXPECT_FALSE(file.image.wide());
    EXPECT_EQ(file.image.optional()->image_base, 0x400000U);
    EXPECT_EQ(file.image.optional()->data_base, 0x2000U);
    EXPECT_EQ(file.image.optional()->stack_commit, 0x1000U);
    EXPECT_TRUE(file.sink.findings().empty());
}

TEST(Image, NamesItsRelatives) {
    auto kind_of = [](const PeBytes& bytes) { return identify(Source::from_memory("x", bytes.bytes())->view()).kind; };
    auto mz = [](std::string_view magic) {
        PeBytes bytes;
        bytes.text("MZ", false).zeros(0x3a).u32(0x40).text(magic, false).zeros(60);
        return bytes;
    };
    EXPECT_EQ(kind_of(mz("NE")), FileKind::ne);
    EXPECT_EQ(kind_of(mz("LE")), FileKind::le);
    EXPECT_EQ(kind_of(mz("LX")), FileKind::lx);
    EXPECT_EQ(kind_of(mz("xx")), FileKind::dos);
    EXPECT_EQ(kind_of(PeBytes().text("MZ", false)), FileKind::dos);
    EXPECT_EQ(kind_of(PeBytes().text("VZ", false).u16(0x8664).zeros(40)), FileKind::te);
    EXPECT_EQ(kind_of(PeBytes().u16(0).u16(0xffff).u16(0).u16(0x8664).u32(0).u32(8).u16(0).u16(4).text("sym").text("a.dll")),
              FileKind::import_object);
    EXPECT_EQ(kind_of(PeBytes().u16(0).u16(0xffff).u16(1).u16(0x8664).zeros(48)), FileKind::anonymous_object);
    EXPECT_EQ(kind_of(PeBytes().text("#!/bin/sh\necho hello, this is a script that is long enough\n")), FileKind::none);

    finding::Sink sink;
    auto source = Source::from_memory("old.exe", mz("NE").bytes());
    auto image = Image::parse(source, source->view(), sink);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, ErrorCode::unsupported);
    EXPECT_EQ(image.error().describe(), "old.exe: offset 0x40: is another format: 16-bit Windows or OS/2 program (NE)");
}

TEST(Image, SaysThatATruncatedPeLooksLikeDos) {
    auto bytes = PeBuilder().bytes();
    bytes.resize(0x70);
    finding::Sink sink;
    auto source = Source::from_memory("cut.exe", bytes);
    auto image = Image::parse(source, source->view(), sink);
    ASSERT_FALSE(image);
    EXPECT_NE(image.error().describe().find("truncated PE file"), std::string::npos);
}

TEST(Image, RefusesAnOptionalHeaderOfUnknownMagic) {
    auto bytes = PeBuilder().bytes();
    bytes[PeBuilder::optional_at] = std::byte{0x0c};
    finding::Sink sink;
    auto source = Source::from_memory("odd.exe", bytes);
    auto image = Image::parse(source, source->view(), sink);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, ErrorCode::bad_value);
    EXPECT_EQ(image.error().offset, std::uint64_t{PeBuilder::optional_at});
}

PeBytes object_file(bool name_in_strings) {
    PeBytes bytes;
    std::uint32_t symbols = 20 + 40 + 4;
    bytes.u16(0x14c).u16(1).u32(0).u32(symbols).u32(3).u16(0).u16(0);
    bytes.text(name_in_strings ? "/4" : ".text", false).zeros(name_in_strings ? 6 : 3);
    bytes.u32(0).u32(0).u32(4).u32(60).zeros(12).u32(0x60500020);
    bytes.u32(0xc3c3c3c3);
    bytes.text(".file", false).zeros(3).u32(0).u16(0xfffe).u16(0).u8(103).u8(1);
    bytes.text("hello.c", false).zeros(11);
    bytes.u32(0).u32(20).u32(2).u16(1).u16(0x20).u8(2).u8(0);
    bytes.u32(4 + 16 + 14).text(".text$long_name").text("function_name");
    return bytes;
}

TEST(Image, ReadsObjectFilesWithTheirSymbols) {
    Parsed file = parse(object_file(true));
    EXPECT_EQ(file.image.kind(), FileKind::object);
    EXPECT_FALSE(file.image.optional());
    ASSERT_EQ(file.image.sections().size(), 1U);
    EXPECT_EQ(file.image.sections()[0].name, ".text$long_name");
    EXPECT_EQ(section_alignment(file.image.sections()[0].characteristics), 16U);
    auto table = read_symbols(file.image, file.sink);
    ASSERT_TRUE(table);
    ASSERT_EQ(table->symbols.size(), 2U);
    EXPECT_EQ(table->symbols[0].file, "hello.c");
    EXPECT_EQ(table->symbols[0].section, -2);
    EXPECT_EQ(table->symbols[1].name, "function_name");
    EXPECT_EQ(table->symbols[1].index, 2U);
    EXPECT_TRUE(table->symbols[1].is_function());
    EXPECT_TRUE(file.sink.findings().empty());
}

TEST(Image, LongFileNamesAreInTheStringTable) {
    PeBytes bytes = object_file(true);
    std::uint32_t record = 20 + 40 + 4 + 18;
    for (std::size_t i = 0; i < 18; ++i) bytes.patch(record + i, 0, 1);
    bytes.patch(record + 4, 20, 4);
    Parsed file = parse(bytes);
    EXPECT_EQ(read_symbols(file.image, file.sink)->symbols[0].file, "function_name");
}

TEST(Image, AnObjectWhoseSectionIsNotInTheFileIsNone) {
    PeBytes bytes = object_file(false);
    bytes.patch(20 + 16, 0x10000, 4);
    EXPECT_EQ(identify(Source::from_memory("x", bytes.bytes())->view()).kind, FileKind::none);
}

TEST(Image, SymbolsThatAreNotInTheFileAreAFinding) {
    PeBuilder builder;
    builder.symbol_table = 0x400;
    builder.symbol_count = 0x10000000;
    Parsed file = parse(builder);
    auto table = read_symbols(file.image, file.sink);
    ASSERT_TRUE(table);
    EXPECT_FALSE(table->complete);
    EXPECT_LE(table->symbols.size(), 0x200U / 18);
    EXPECT_TRUE(file.has(finding::RuleId::PE_TABLE_DAMAGED));
}

TEST(Spec, KnowsMachinesOfOtherSystemsUnderDotnet) {
    auto linux_amd64 = foreign_machine(0x8664 ^ 0x7b79);
    ASSERT_TRUE(linux_amd64);
    EXPECT_EQ(linux_amd64->machine, machine::amd64);
    EXPECT_EQ(linux_amd64->system, "linux");
    EXPECT_FALSE(foreign_machine(0x8664));
    EXPECT_EQ(base_relocation_name(machine::armnt, 7), "IMAGE_REL_BASED_THUMB_MOV32");
    EXPECT_EQ(base_relocation_name(machine::amd64, 7), std::nullopt);
}

}  // namespace
}  // namespace abiscope::pe
