// Line tables, ranges, inlined calls and locations, made byte by byte.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dwarf/code_functions.h"
#include "dwarf/code_units.h"
#include "dwarf/code_variables.h"
#include "dwarf/line_table.h"
#include "support/dwarf_builder.h"

namespace abiscope {
namespace {

using test::DwarfBytes;

// What a line table's header says beside its files.
struct TableShape {
    unsigned version = 4;
    unsigned minimum_length = 1;
    unsigned most_operations = 1;
    unsigned line_range = 14;
    unsigned opcode_base = 13;
};

// Lengths filled in; `files` is the part behind the opcode lengths.
DwarfBytes line_table(const TableShape& shape, const DwarfBytes& files, const DwarfBytes& program) {
    DwarfBytes rest;
    rest.u8(shape.minimum_length);
    if (shape.version >= 4) rest.u8(shape.most_operations);
    rest.u8(1).u8(0xfb).u8(shape.line_range).u8(shape.opcode_base);   // default_is_stmt, line_base -5
    const unsigned lengths[]{0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 2, 2};
    for (unsigned i = 0; i + 1 < shape.opcode_base; ++i) rest.u8(lengths[i]);
    rest.append(files);
    DwarfBytes head;
    head.u16(shape.version);
    if (shape.version >= 5) head.u8(8).u8(0);
    head.u32(rest.size()).append(rest).append(program);
    return DwarfBytes().u32(head.size()).append(head);
}

DwarfBytes old_files() {
    DwarfBytes files;
    files.text("/usr/include").u8(0);
    files.text("main.c").leb(0).leb(0).leb(0).text("stdio.h").leb(1).leb(0).leb(0).u8(0);
    return files;
}

// Version 5: directories of strings, files of name, directory and MD5.
DwarfBytes new_files() {
    DwarfBytes files;
    files.u8(1).leb(1).leb(0x08).leb(2).text("/home/x").text("sub");                        // path as string; two
    files.u8(3).leb(1).leb(0x08).leb(2).leb(0x0b).leb(5).leb(0x1e).leb(2);                  // path, directory data1, MD5 data16
    for (const char* name : {"a.c", "b.h"}) files.text(name).u8(name[0] == 'b' ? 1 : 0).u64(1).u64(2);
    return files;
}

DwarfBytes& set_address(DwarfBytes& program, std::uint64_t address) { return program.u8(0).leb(9).u8(2).u64(address); }
DwarfBytes& end_sequence(DwarfBytes& program) { return program.u8(0).leb(1).u8(1); }

// One unit of version 4 with a function at 0x1000 (size 0x40), a call inlined into it at [0x1010, 0x1020), and a variable.
struct Program {
    explicit Program(const DwarfBytes& lines, const DwarfBytes& aranges = {}) {
        DwarfBytes abbreviations;
        abbreviation(abbreviations, 1, 0x11, true,
                     {{0x1b, 0x08}, {0x10, 0x17}, {0x11, 0x01}, {0x12, 0x07}});   // comp_dir stmt_list low high
        abbreviation(abbreviations, 2, 0x2e, true, {{0x03, 0x08}, {0x11, 0x01}, {0x12, 0x07}, {0x40, 0x18}});  // subprogram with frame_base
        abbreviation(abbreviations, 3, 0x2e, false, {{0x6e, 0x08}, {0x03, 0x08}});  // abstract: linkage name
        abbreviation(abbreviations, 4, 0x1d, true, {{0x31, 0x13}, {0x11, 0x01}, {0x12, 0x07}, {0x58, 0x0b}, {0x59, 0x0b}});
        abbreviation(abbreviations, 5, 0x34, false, {{0x03, 0x08}, {0x02, 0x18}});  // variable: location exprloc
        abbreviation(abbreviations, 6, 0x34, false, {{0x03, 0x08}, {0x02, 0x17}});  // location list
        abbreviations.u8(0);
        DwarfBytes entries;
        entries.leb(1).text("/home/x").u32(0).u64(0x1000).u64(0x100);
        std::size_t abstract = test::unit4_header + entries.size();
        entries.leb(3).text("_Z5innerv").text("inner");
        entries.leb(2).text("outer").u64(0x1000).u64(0x40).leb(1).u8(0x9c);
        entries.leb(5).text("slot").leb(2).bytes({0x91, 0x68});  // fbreg -24
        entries.leb(6).text("moving").u32(0);
        entries.leb(4).u32(abstract).u64(0x1010).u64(0x10).u8(1).u8(7);
        entries.leb(5).text("held").leb(1).u8(0x55);  // reg5
        entries.u8(0).u8(0);
        entries.leb(5).text("global").leb(9).u8(0x03).u64(0x4000).u8(0);
        DwarfBytes loc;
        loc.u64(0x0).u64(0x8).u16(1).u8(0x53).u64(0x8).u64(0x20).u16(1).u8(0x50).u64(0).u64(0);
        dwarf::Sections sections;
        give(sections, dwarf::SectionId::info, test::unit4(entries));
        give(sections, dwarf::SectionId::abbrev, abbreviations);
        give(sections, dwarf::SectionId::line, lines);
        give(sections, dwarf::SectionId::loc, loc);
        if (aranges.size() != 0) give(sections, dwarf::SectionId::aranges, aranges);
        debug = dwarf::Debug::open_lazily(std::move(sections), nullptr, default_limits);
    }

    static void give(dwarf::Sections& sections, dwarf::SectionId id, const DwarfBytes& bytes) {
        SourcePtr source = Source::from_memory("test", bytes.data());
        sections[id] = {source, source->view(), nullptr};
    }

    const dwarf::Unit& unit() { return *debug->load_unit(0); }
    Result<dwarf::Debug> debug{fail(ErrorCode::internal, "")};
};

std::vector<dwarf::LineRow> rows_of(const DwarfBytes& table, bool* ok = nullptr) {
    Program program(table);
    std::vector<dwarf::LineRow> rows;
    auto header = dwarf::read_line_header(*program.debug, program.unit());
    EXPECT_TRUE(header);
    if (!header) return rows;
    auto run = dwarf::run_line_program(*header, Endian::little, [&](const dwarf::LineRow& row) { rows.push_back(row); });
    if (ok != nullptr) *ok = run.has_value();
    else EXPECT_TRUE(run);
    return rows;
}

TEST(DwarfLines, RunsEveryOperation) {
    DwarfBytes program;
    set_address(program, 0x1000);
    program.u8(0x03).leb(9).u8(0x05).leb(3).u8(0x01);  // line 10, column 3, copy
    program.u8(0x4b);  // special: (0x4b - 13) / 14 = 4 bytes on, line -5 + 6 = +1
    program.u8(0x06).u8(0x04).leb(2).u8(0x02).leb(4).u8(0x01);  // not a statement, file 2, 4 on
    program.u8(0x08).u8(0x01);  // const_add_pc: (255 - 13) / 14 = 17
    program.u8(0x09).u16(0x100).u8(0x01);  // fixed_advance_pc
    program.u8(0x0a).u8(0x0b).u8(0x0c).leb(1).u8(0x07);  // prologue, epilogue, isa, basic block: nothing
    program.u8(0).leb(2).u8(4).leb(5);  // set_discriminator
    program.u8(0x03).u8(0x76).u8(0x01);  // line -10
    end_sequence(program);
    auto rows = rows_of(line_table({}, old_files(), program));
    ASSERT_EQ(rows.size(), 7U);
    std::vector<std::uint64_t> addresses;
    std::vector<std::uint32_t> lines;
    for (const auto& row : rows) {
        addresses.push_back(row.address);
        lines.push_back(row.line);
    }
    EXPECT_EQ(addresses, (std::vector<std::uint64_t>{0x1000, 0x1004, 0x1008, 0x1019, 0x1119, 0x1119, 0x1119}));
    EXPECT_EQ(lines, (std::vector<std::uint32_t>{10, 11, 11, 11, 11, 1, 1}));
    EXPECT_EQ(rows[0].column, 3U);
    EXPECT_TRUE(rows[1].is_statement);
    EXPECT_FALSE(rows[2].is_statement);
    EXPECT_EQ(rows[2].file, 2U);
    EXPECT_TRUE(rows[6].end_sequence);
}

TEST(DwarfLines, CountsOperationsOfAWideInstruction) {
    DwarfBytes program;
    set_address(program, 0x1000).u8(0x02).leb(2).u8(0x01);  // two of three slots on: the same instruction
    program.u8(0x02).leb(2).u8(0x01);  // four: the next one, slot 1
    end_sequence(program);
    auto rows = rows_of(line_table({.minimum_length = 16, .most_operations = 3}, old_files(), program));
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].address, 0x1000U);
    EXPECT_EQ(rows[0].operation, 2U);
    EXPECT_EQ(rows[1].address, 0x1010U);
    EXPECT_EQ(rows[1].operation, 1U);
}

TEST(DwarfLines, TakesASmallOpcodeBase) {
    DwarfBytes program;
    set_address(program, 0x1000).u8(0x0a);  // with base 10 this is special opcode 0: line -5, here 1 - 5
    end_sequence(program);
    auto rows = rows_of(line_table({.version = 2, .opcode_base = 10}, old_files(), program));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].line, static_cast<std::uint32_t>(-4));
}

TEST(DwarfLines, SaysWhereDamageIs) {
    DwarfBytes special;
    set_address(special, 0x1000).u8(0xff);
    bool ok = true;
    EXPECT_TRUE(rows_of(line_table({.line_range = 0}, old_files(), special), &ok).empty());
    EXPECT_FALSE(ok);
    DwarfBytes cut;
    set_address(cut, 0x1000).u8(0x01).u8(0x02).u8(0x80);  // an LEB128 that does not end
    EXPECT_EQ(rows_of(line_table({}, old_files(), cut), &ok).size(), 1U);
    EXPECT_FALSE(ok);
    Program none(DwarfBytes().u32(4).u16(9).u16(0));
    auto header = dwarf::read_line_header(*none.debug, none.unit());
    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().code, ErrorCode::unsupported);
}

TEST(DwarfLines, NamesFilesOfOldAndNewTables) {
    DwarfBytes program;
    program.u8(0).leb(8).u8(3).text("x.c").leb(1).leb(0).leb(0);  // define_file
    Program old(line_table({}, old_files(), program));
    auto header = dwarf::read_line_header(*old.debug, old.unit());
    ASSERT_TRUE(header);
    EXPECT_EQ(dwarf::full_path(*header, 1, "/home/x"), "/home/x/main.c");
    EXPECT_EQ(dwarf::full_path(*header, 2, "/home/x"), "/usr/include/stdio.h");
    EXPECT_EQ(dwarf::full_path(*header, 3, "/home/x"), "");
    ASSERT_TRUE(dwarf::run_line_program(*header, Endian::little, [](const dwarf::LineRow&) {}));
    EXPECT_EQ(dwarf::full_path(*header, 3, "/home/x"), "/usr/include/x.c");
    Program fresh(line_table({.version = 5}, new_files(), {}));
    auto five = dwarf::read_line_header(*fresh.debug, fresh.unit());
    ASSERT_TRUE(five);
    EXPECT_EQ(dwarf::full_path(*five, 0, "/elsewhere"), "/home/x/a.c");
    EXPECT_EQ(dwarf::full_path(*five, 1, "/elsewhere"), "/home/x/sub/b.h");
}

TEST(DwarfLines, FindsTheRowOfAnAddressInItsSequence) {
    DwarfBytes program;
    set_address(program, 0).u8(0x03).leb(98).u8(0x01).u8(0x02).u8(0x80).u8(0x40);  // a sequence the linker removed: 0 to 0x2000
    end_sequence(program);
    set_address(program, 0x1000).u8(0x01).u8(0x03).leb(1).u8(0x01).u8(0x02).leb(8).u8(0x03).leb(1).u8(0x01).u8(0x02).leb(8);
    end_sequence(program);
    Program made(line_table({}, old_files(), program));
    auto header = dwarf::read_line_header(*made.debug, made.unit());
    ASSERT_TRUE(header);
    std::vector<std::uint64_t> asked{0xfff, 0x1000, 0x1007, 0x1008, 0x100f, 0x1010};
    auto rows = dwarf::find_lines(*header, Endian::little, asked);
    EXPECT_FALSE(rows[0]);
    EXPECT_EQ(rows[1]->line, 2U);  // of two rows at one address the last
    EXPECT_EQ(rows[2]->line, 2U);
    EXPECT_EQ(rows[3]->line, 3U);
    EXPECT_EQ(rows[4]->line, 3U);
    EXPECT_FALSE(rows[5]);  // behind the end of the sequence
}

DwarfBytes address_table(std::uint64_t low, std::uint64_t size, unsigned header = 0) {
    DwarfBytes set;
    set.u16(2).u32(header).u8(8).u8(0).u32(0).u64(low).u64(size).u64(0).u64(0);
    return DwarfBytes().u32(set.size()).append(set);
}

TEST(DwarfLines, FindsUnitsWithAndWithoutAnAddressTable) {
    std::vector<std::uint64_t> asked{0xfff, 0x1000, 0x10ff, 0x1100};
    for (const DwarfBytes& table :
         {DwarfBytes(), address_table(0x1000, 0x100), address_table(0x1000, 0x100, 0xffff), address_table(0x5000, 8, 0xffff)}) {
        Program made(line_table({}, old_files(), {}), table);
        dwarf::CodeUnits units(*made.debug);
        auto found = units.find(asked);
        EXPECT_EQ(found[0], nullptr);
        bool lies = table.size() != 0 && table.data()[6] == std::byte{0xff} && table.data()[17] == std::byte{0x10};
        EXPECT_EQ(found[1] == nullptr, lies);
        EXPECT_EQ(found[2] == nullptr, lies);
        EXPECT_EQ(found[3], nullptr);
    }
}

TEST(DwarfLines, FindsFunctionsAndInlinedCalls) {
    Program made(line_table({}, old_files(), {}));
    dwarf::EntryReader reader(*made.debug);
    std::vector<std::uint64_t> asked{0x1000, 0x1010, 0x101f, 0x1020, 0x1040};
    auto found = dwarf::find_functions_at(reader, made.unit(), asked);
    EXPECT_EQ(found[0].name, "outer");
    EXPECT_TRUE(found[0].inlined.empty());
    for (std::size_t i : {1U, 2U}) {
        ASSERT_EQ(found[i].inlined.size(), 1U);
        EXPECT_EQ(found[i].inlined[0].function, "_Z5innerv");
        EXPECT_EQ(found[i].inlined[0].line, 7U);
    }
    EXPECT_TRUE(found[3].inlined.empty());
    EXPECT_TRUE(found[4].name.empty());
}

TEST(DwarfLines, FindsVariablesWhereTheyAre) {
    Program made(line_table({}, old_files(), {}));
    dwarf::EntryReader reader(*made.debug);
    std::uint64_t inside = 0x1010;
    auto function = dwarf::find_functions_at(reader, made.unit(), std::span(&inside, 1))[0].entry;
    auto at = [&](std::uint64_t address) { return dwarf::find_variables_at(reader, function, address); };
    auto early = at(0x1000);
    ASSERT_TRUE(early.frame_base);
    EXPECT_EQ(early.frame_base->kind, dwarf::Location::Kind::at_canonical_frame);
    ASSERT_EQ(early.variables.size(), 2U);
    EXPECT_EQ(early.variables[0].location.kind, dwarf::Location::Kind::at_frame);
    EXPECT_EQ(early.variables[0].location.offset, -24);
    EXPECT_EQ(early.variables[1].location.number, 3U);  // moving: reg3 in [0, 8) of the unit
    auto inner = at(0x1010);
    ASSERT_EQ(inner.variables.size(), 3U);
    EXPECT_EQ(inner.variables[1].location.number, 0U);  // reg0 from 8 on
    EXPECT_EQ(inner.variables[2].name, "held");
    EXPECT_EQ(at(0x1030).variables.size(), 1U);  // the list says nothing there
    auto global = dwarf::find_global_at(reader, made.unit(), 0x4000);
    ASSERT_TRUE(global);
    EXPECT_EQ(global->name, "global");
    EXPECT_FALSE(dwarf::find_global_at(reader, made.unit(), 0x4008));
}

}  // namespace
}  // namespace abiscope
