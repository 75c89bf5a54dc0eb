#include "pe/imports.h"

#include "pe/exports.h"
#include "pe/relocations.h"
#include "unit/pe/testing.h"

namespace abiscope::pe {
namespace {

using finding::RuleId;
using test::PeBuilder;
using test::PeBytes;

// One library with `by_name` and ordinal 7; every address is relative to `rva`, where the bytes will be.
PeBytes import_section(std::uint32_t rva, bool wide, bool lookup = true) {
    std::uint32_t width = wide ? 8 : 4;
    std::uint32_t tables = 40;
    std::uint32_t names = tables + 6 * width;
    PeBytes bytes;
    bytes.u32(lookup ? rva + tables : 0).u32(0).u32(0).u32(rva + names).u32(rva + tables + 3 * width).zeros(20);
    std::uint64_t by_ordinal = wide ? std::uint64_t{1} << 63 : std::uint64_t{1} << 31;
    for (int table = 0; table < 2; ++table) bytes.word(wide, rva + names + 8).word(wide, by_ordinal | 7).word(wide, 0);
    bytes.text("dll.dll").u16(0x123).text("by_name");
    return bytes;
}

PeBuilder with_imports(PeBuilder builder, bool lookup = true) {
    builder.add_directory(1, import_section(builder.next_rva(), builder.wide, lookup), 40);
    return builder;
}

void expect_both(const PeBuilder& builder) {
    Parsed file = parse(builder);
    auto imports = read_imports(file.image, file.sink);
    ASSERT_TRUE(imports);
    EXPECT_TRUE(imports->complete);
    ASSERT_EQ(imports->libraries.size(), 1U);
    const ImportedLibrary& library = imports->libraries[0];
    EXPECT_EQ(library.name, "dll.dll");
    EXPECT_EQ(library.offset, 0x600U);
    ASSERT_EQ(library.symbols.size(), 2U);
    EXPECT_EQ(library.symbols[0].name, "by_name");
    EXPECT_EQ(library.symbols[0].hint, 0x123);
    EXPECT_EQ(library.symbols[0].slot_rva, library.address_rva);
    EXPECT_EQ(library.symbols[1].ordinal, 7);
    EXPECT_TRUE(file.sink.findings().empty());
}

TEST(Imports, ByNameAndByOrdinal) {
    expect_both(with_imports(PeBuilder()));
    expect_both(with_imports(PeBuilder::i386()));
}

TEST(Imports, TheAddressTableStandsInForAMissingLookupTable) { expect_both(with_imports(PeBuilder(), false)); }

TEST(Imports, ADescriptorWithoutANameEndsTheList) {
    PeBuilder builder = with_imports(PeBuilder());
    builder.sections[1].contents.patch(12, 0, 4);
    Parsed file = parse(builder);
    EXPECT_TRUE(read_imports(file.image, file.sink)->libraries.empty());
    EXPECT_TRUE(file.sink.findings().empty());
}

TEST(Imports, TheTerminatorMayLieInTheZeroedTail) {
    PeBuilder builder;
    PeBytes bytes = import_section(builder.next_rva() + 0x1000 - 0x200, true);
    PeBuilder probe = builder;
    std::uint32_t rva = builder.add(".idata", PeBuilder::rodata, PeBytes().zeros(0x1000 - 20 - 0x800));
    builder.sections[1].raw_size = static_cast<std::uint32_t>(builder.sections[1].contents.size());
    builder.sections[1].virtual_size = 0x1000;
    PeBytes& contents = builder.sections[1].contents;
    std::uint32_t at = static_cast<std::uint32_t>(contents.size()) - 20;
    PeBytes names;
    names.text("a.dll").align(8).u64(std::uint64_t{1} << 63 | 3).u64(0);
    for (std::size_t i = 0; i < names.size(); ++i) contents.patch(i, static_cast<std::uint64_t>(names.bytes()[i]), 1);
    contents.patch(at, rva + 8, 4);
    contents.patch(at + 12, rva, 4);
    contents.patch(at + 16, rva + 8, 4);
    builder.directories[1] = {rva + at, 40};
    Parsed file = parse(builder);
    auto imports = read_imports(file.image, file.sink);
    ASSERT_EQ(imports->libraries.size(), 1U);
    EXPECT_EQ(imports->libraries[0].symbols.at(0).ordinal, 3);
    EXPECT_TRUE(imports->complete);
}

TEST(Imports, WhatIsNotInTheFileIsAFinding) {
    PeBuilder builder = with_imports(PeBuilder());
    builder.sections[1].contents.patch(12, 0x500000, 4);   // the library's name
    Parsed name = parse(builder);
    auto imports = read_imports(name.image, name.sink);
    EXPECT_FALSE(imports->complete);
    EXPECT_EQ(imports->libraries.at(0).symbols.size(), 2U);
    EXPECT_TRUE(name.has(RuleId::PE_IMPORT_UNREADABLE));

    builder = with_imports(PeBuilder());
    builder.sections[1].contents.patch(40, 0x500000, 8);   // a symbol's name
    Parsed symbol = parse(builder);
    EXPECT_FALSE(read_imports(symbol.image, symbol.sink)->complete);
    EXPECT_TRUE(symbol.has(RuleId::PE_IMPORT_UNREADABLE));

    builder = PeBuilder();
    builder.directories[1] = {0x800000, 40};
    Parsed table = parse(builder);
    EXPECT_FALSE(read_imports(table.image, table.sink)->complete);
    EXPECT_TRUE(table.has(RuleId::PE_IMPORT_UNREADABLE));
}

TEST(Imports, LibrariesThatShareOneTableCannotMultiplyIt) {
    // 1000 descriptors, all pointing at the same 1000 entries: a million, in 30 KB.
    PeBuilder builder;
    std::uint32_t rva = builder.next_rva();
    std::uint32_t table = rva + 1001 * 20;
    PeBytes bytes;
    for (int i = 0; i < 1000; ++i) bytes.u32(table).u32(0).u32(0).u32(table + 1001 * 8).u32(table);
    bytes.zeros(20);
    for (int i = 0; i < 1000; ++i) bytes.u64(std::uint64_t{1} << 63 | 1);
    bytes.u64(0).text("x.dll");
    builder.add_directory(1, bytes, 20020);
    Parsed file = parse(builder);
    auto imports = read_imports(file.image, file.sink);
    std::size_t symbols = 0;
    for (const ImportedLibrary& library : imports->libraries) symbols += library.symbols.size();
    EXPECT_LE(symbols, file.image.bytes().size() / 8);
    EXPECT_FALSE(imports->complete);
    EXPECT_TRUE(file.has(RuleId::PE_IMPORT_UNREADABLE));
}

TEST(DelayImports, WithRvasAndWithTheAddressesOfOldCompilers) {
    for (bool addresses : {false, true}) {
        PeBuilder builder = PeBuilder::i386();
        std::uint32_t base = builder.next_rva() + (addresses ? 0x400000 : 0);
        PeBytes bytes;
        bytes.u32(addresses ? 0 : 1).u32(base + 88).u32(base + 72).u32(base + 72).u32(base + 64).u32(0).u32(0).u32(0).zeros(32);
        bytes.u32(base + 94).u32(0).zeros(16).text("d.dll").u16(4).text("late");
        builder.add_directory(13, bytes, 64);
        Parsed file = parse(builder);
        auto imports = read_delay_imports(file.image, file.sink);
        ASSERT_EQ(imports->libraries.size(), 1U);
        EXPECT_EQ(imports->libraries[0].name, "d.dll");
        EXPECT_TRUE(imports->libraries[0].delayed);
        ASSERT_EQ(imports->libraries[0].symbols.size(), 1U);
        EXPECT_EQ(imports->libraries[0].symbols[0].name, "late");
        EXPECT_EQ(imports->libraries[0].symbols[0].slot_rva, builder.sections[1].rva + 72);
        EXPECT_TRUE(file.sink.findings().empty());
    }
}

TEST(BoundImports, WithForwarders) {
    PeBuilder builder;
    PeBytes bytes;
    bytes.u32(0x1111).u16(24).u16(1).u32(0x2222).u16(30).u16(0).u64(0).text("a.dll").text("b.dll");
    builder.add_directory(11, bytes, 24);
    Parsed file = parse(builder);
    auto bound = read_bound_imports(file.image, file.sink);
    ASSERT_EQ(bound->size(), 1U);
    EXPECT_EQ(bound->at(0).name, "a.dll");
    ASSERT_EQ(bound->at(0).forwarders.size(), 1U);
    EXPECT_EQ(bound->at(0).forwarders[0].name, "b.dll");
    EXPECT_EQ(bound->at(0).forwarders[0].timestamp, 0x2222U);
}

struct ExportNames {
    std::string first = "alpha";
    std::string second = "beta";
    std::uint16_t second_slot = 2;
    std::uint32_t claimed = 4;
};

// Slots 0 and 2 named, 1 empty, 3 by ordinal only and forwarded.
PeBuilder with_exports(const ExportNames& names) {
    PeBuilder builder;
    std::uint32_t rva = builder.next_rva();
    std::uint32_t strings = rva + 40 + 16 + 8 + 4;
    auto first = static_cast<std::uint32_t>(names.first.size() + 1);
    auto second = static_cast<std::uint32_t>(names.second.size() + 1);
    PeBytes bytes;
    bytes.u32(0).u32(9).u16(1).u16(2).u32(strings + first + second).u32(100).u32(names.claimed).u32(2);
    bytes.u32(rva + 40).u32(rva + 56).u32(rva + 64);
    bytes.u32(0x1000).u32(0).u32(0x1001).u32(strings + first + second + 6);
    bytes.u32(strings).u32(strings + first).u16(0).u16(names.second_slot);
    bytes.text(names.first).text(names.second).text("m.dll").text("other.#5");
    auto size = static_cast<std::uint32_t>(bytes.size());
    builder.add_directory(0, bytes, size);
    return builder;
}

TEST(Exports, NamesOrdinalsAndForwarders) {
    Parsed file = parse(with_exports({}));
    auto read = read_exports(file.image, file.sink);
    ASSERT_TRUE(read && *read);
    const Exports& exports = **read;
    EXPECT_EQ(exports.library, "m.dll");
    EXPECT_EQ(exports.ordinal_base, 100U);
    ASSERT_EQ(exports.exports.size(), 3U);
    EXPECT_EQ(exports.exports[0].name, "alpha");
    EXPECT_EQ(exports.exports[0].ordinal, 100U);
    EXPECT_EQ(exports.exports[0].hint, 0U);
    EXPECT_EQ(exports.exports[1].name, "beta");
    EXPECT_EQ(exports.exports[1].ordinal, 102U);
    EXPECT_EQ(exports.exports[2].ordinal, 103U);
    EXPECT_EQ(exports.exports[2].forwarder, "other.#5");
    EXPECT_FALSE(exports.exports[2].hint);
    EXPECT_TRUE(exports.sorted);
    EXPECT_TRUE(file.sink.findings().empty());
}

TEST(Exports, TwoNamesOfOneFunction) {
    Parsed file = parse(with_exports({.second_slot = 0}));
    auto read = read_exports(file.image, file.sink);
    EXPECT_EQ((*read)->exports[0].name, "alpha");
    EXPECT_EQ((*read)->exports[1].name, "beta");
    EXPECT_EQ((*read)->exports[1].ordinal, 100U);
}

TEST(Exports, UnsortedNames) {
    Parsed file = parse(with_exports({.first = "zeta"}));
    EXPECT_FALSE((*read_exports(file.image, file.sink))->sorted);
    EXPECT_TRUE(file.has(RuleId::PE_EXPORT_NAMES_UNSORTED));
    // Bytes count, not letters: capitals before small ones.
    Parsed capitals = parse(with_exports({.first = "Zeta"}));
    EXPECT_TRUE((*read_exports(capitals.image, capitals.sink))->sorted);
}

TEST(Exports, CountsThatTheFileCannotHold) {
    Parsed file = parse(with_exports({.claimed = 0x40000000}));
    auto read = read_exports(file.image, file.sink);
    ASSERT_TRUE(read && *read);
    EXPECT_FALSE((*read)->complete);
    EXPECT_LE((*read)->exports.size(), 0x200U / 4);
    EXPECT_TRUE(file.has(RuleId::PE_TABLE_DAMAGED));
    Parsed index = parse(with_exports({.second_slot = 9}));
    EXPECT_FALSE((*read_exports(index.image, index.sink))->complete);
    EXPECT_TRUE(index.has(RuleId::PE_TABLE_DAMAGED));
}

TEST(Relocations, CountsByTypeAndVisitsInOrder) {
    PeBuilder builder;
    builder.add_directory(5, PeBytes().u32(0x1000).u32(12).u16(0xa010).u16(0).u32(0x2000).u32(10).u16(0x3ffc), 22);
    Parsed file = parse(builder);
    auto relocations = read_relocations(file.image, file.sink);
    ASSERT_TRUE(relocations);
    EXPECT_TRUE(relocations->complete);
    EXPECT_EQ(relocations->blocks.size(), 2U);
    EXPECT_EQ(relocations->count(), 2U);
    EXPECT_EQ(relocations->count_by_type[10], 1U);
    std::vector<std::uint32_t> places;
    visit_relocations(file.image, *relocations, [&](const Relocation& entry) {
        places.push_back(entry.rva);
        return true;
    });
    EXPECT_EQ(places, (std::vector<std::uint32_t>{0x1010, 0x1000, 0x2ffc}));
    EXPECT_TRUE(file.sink.findings().empty());
}

TEST(Relocations, DamagedBlocks) {
    auto damaged = [](std::uint32_t size, std::uint32_t directory) {
        PeBuilder builder;
        builder.add_directory(5, PeBytes().u32(0x1000).u32(size).zeros(16), directory);
        Parsed file = parse(builder);
        auto relocations = read_relocations(file.image, file.sink);
        EXPECT_EQ(file.has(RuleId::PE_RELOCATION_DAMAGED), !relocations->complete);
        return !relocations->complete;
    };
    EXPECT_TRUE(damaged(4, 24));
    EXPECT_TRUE(damaged(11, 24));
    EXPECT_TRUE(damaged(28, 24));
    EXPECT_FALSE(damaged(24, 24));
    EXPECT_FALSE(damaged(0, 24));
}

}  // namespace
}  // namespace abiscope::pe
