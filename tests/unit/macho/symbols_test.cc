#include "macho/symbols.h"

#include "macho/exports.h"
#include "macho/imports.h"
#include "macho/relocations.h"
#include "macho/strings.h"
#include "unit/macho/helpers.h"

namespace abiscope::macho {
namespace {

struct SymbolSpec {
    std::uint32_t name;
    std::uint8_t type;
    std::uint8_t section;
    std::uint16_t description;
    std::uint64_t value;
};

// Symbols at 0x2000, strings at 0x2800: "\0_defined\0_wanted\0".
test::MachoBuilder with_symbols(const std::vector<SymbolSpec>& symbols, bool wide = true, bool big = false) {
    auto builder = small_library(wide, big);
    auto table = builder.writer();
    for (const SymbolSpec& s : symbols) table.u32(s.name).u8(s.type).u8(s.section).u16(s.description).word(s.value, wide);
    builder.put(0x2000, table).put(0x2800, builder.writer().text("").text("_defined").text("_wanted"));
    builder.command(0x2, builder.writer().u32(0x2000).u32(symbols.size()).u32(0x2800).u32(18));
    return builder;
}

TEST(MachoSymbols, ReadsBothWidthsAndByteOrders) {
    for (bool wide : {false, true}) {
        for (bool big : {false, true}) {
            Loaded loaded(with_symbols({{1, 0x0f, 1, 0x80, 0x10800}, {10, 0x01, 0, 0x0240, 0}}, wide, big).build());
            auto symbols = *read_symbols(loaded.image(), loaded.sink);
            EXPECT_THAT(loaded.rules(), testing::IsEmpty());
            ASSERT_EQ(symbols.symbols.size(), 2U);
            const Symbol& defined = symbols.symbols[0];
            EXPECT_EQ(defined.name, "_defined");
            EXPECT_EQ(defined.value, 0x10800U);
            EXPECT_TRUE(defined.is_defined() && defined.is_external() && defined.is_weak_definition());
            EXPECT_EQ(defined.file_offset, 0x2000U);
            const Symbol& wanted = symbols.symbols[1];
            EXPECT_EQ(wanted.name, "_wanted");
            EXPECT_TRUE(wanted.is_undefined() && wanted.is_weak_reference());
            EXPECT_EQ(wanted.library_ordinal(), 2);
            EXPECT_EQ(nearest_symbol(symbols.symbols, loaded.image(), 0x10820)->name, "_defined");
            EXPECT_EQ(nearest_symbol(symbols.symbols, loaded.image(), 0x11020), nullptr);
        }
    }
}

TEST(MachoSymbols, TellsStabsAndCommonSymbolsApart) {
    Loaded loaded(
        with_symbols({{1, 0x24, 1, 0, 0x10800}, {10, 0x01, 0, 0, 64}, {10, 0x01, 0, 0xfe00, 0}, {10, 0x01, 0, 0xff00, 0}}).build());
    auto symbols = *read_symbols(loaded.image(), loaded.sink);
    EXPECT_TRUE(symbols.symbols[0].is_stab());
    EXPECT_FALSE(symbols.symbols[0].is_defined() || symbols.symbols[0].is_external());
    EXPECT_TRUE(symbols.symbols[1].is_common());
    EXPECT_FALSE(symbols.symbols[1].is_undefined());
    EXPECT_EQ(symbols.symbols[2].library_ordinal(), ordinal_flat_lookup);
    EXPECT_EQ(symbols.symbols[3].library_ordinal(), ordinal_main_executable);
}

TEST(MachoSymbols, ANameOutsideTheStringTable) {
    Loaded loaded(with_symbols({{99, 0x0f, 1, 0, 0x10800}, {0, 0x0f, 1, 0, 0}}).build());
    auto symbols = *read_symbols(loaded.image(), loaded.sink);
    EXPECT_EQ(symbols.symbols[0].name, "");
    EXPECT_THAT(loaded.rules(), testing::ElementsAre("MACHO-SYMBOL-NAME-INVALID"));   // offset 0 means no name
    EXPECT_EQ(loaded.place("MACHO-SYMBOL-NAME-INVALID"), 0x2000U);
}

TEST(MachoSymbols, ASectionThatDoesNotExist) {
    Loaded loaded(with_symbols({{1, 0x0f, 4, 0, 0x10800}, {1, 0x0f, 3, 0, 0x12000}}).build());
    EXPECT_TRUE(read_symbols(loaded.image(), loaded.sink));
    EXPECT_THAT(loaded.rules(), testing::ElementsAre("MACHO-SYMBOL-SECTION-INVALID"));
    EXPECT_EQ(loaded.place("MACHO-SYMBOL-SECTION-INVALID"), 0x2005U);
}

TEST(MachoSymbols, AMillionSymbolsInASmallFile) {
    auto builder = small_library();
    builder.command(0x2, builder.writer().u32(0x2000).u32(0xffffffff).u32(0x2800).u32(0x10));
    Loaded loaded(builder.build());
    auto symbols = *read_symbols(loaded.image(), loaded.sink);
    EXPECT_TRUE(loaded.has("MACHO-TABLE-TRUNCATED"));
    EXPECT_EQ(symbols.symbols.size(), 0x100U);
    EXPECT_EQ(symbols.claimed, 0xffffffffU);
}

TEST(MachoSymbols, GroupsOfLcDysymtab) {
    auto group = [](std::uint32_t first, std::uint32_t count) {
        auto builder = with_symbols({{1, 0x0f, 1, 0, 0x10800}, {10, 0x01, 0, 0x0100, 0}});
        builder.command(0xb, builder.writer().u32(0).u32(0).u32(0).u32(1).u32(first).u32(count).zeros(48));
        return builder.build();
    };
    Loaded sound(group(1, 1));
    EXPECT_EQ(read_symbols(sound.image(), sound.sink)->dysymtab->undefined_first, 1U);
    EXPECT_THAT(sound.rules(), testing::IsEmpty());
    Loaded outside(group(1, 2));
    EXPECT_TRUE(read_symbols(outside.image(), outside.sink));
    EXPECT_THAT(outside.rules(), testing::ElementsAre("MACHO-DYSYMTAB-RANGE-INVALID"));
}

TEST(MachoSymbols, IndirectSymbols) {
    auto builder = small_library();
    builder.put(0x2000, builder.writer().u32(7).u32(0x80000000));
    builder.command(0xb, builder.writer().zeros(48).u32(0x2000).u32(2).zeros(16));
    Loaded loaded(builder.build());
    EXPECT_THAT(*read_indirect_symbols(loaded.image(), loaded.sink), testing::ElementsAre(7U, indirect_symbol_local));
}

TEST(MachoStrings, TheWorkOfHostileOffsetsIsBounded) {
    test::ByteWriter table;
    table.fixed(std::string(1 << 20, 'x'), 1 << 20).u8(0);
    StringTable strings(View(table.bytes(), 0));
    std::size_t found = 0;
    for (int i = 0; i < 10'000; ++i) found += strings.at(static_cast<std::uint64_t>(i)) ? 1 : 0;
    EXPECT_GT(found, 60U);
    EXPECT_LT(found, 70U);
}

TEST(MachoImports, FallBackToTheSymbolTable) {
    auto builder = with_symbols({{1, 0x0f, 1, 0, 0x10800}, {10, 0x01, 0, 0x0141, 0}});
    builder.dylib(0xc, "/usr/lib/a.dylib", 0, 0);
    Loaded loaded(builder.build());
    auto imports = *read_imports(loaded.image(), loaded.sink);
    EXPECT_EQ(imports.source, ImportSource::symbol_table);
    ASSERT_EQ(imports.imports.size(), 1U);
    EXPECT_EQ(imports.imports[0].name, "_wanted");
    EXPECT_EQ(imports.imports[0].ordinal, 1);
    EXPECT_TRUE(imports.imports[0].weak);
    EXPECT_TRUE(imports.imports[0].lazy);
    auto exports = *read_exports(loaded.image(), loaded.sink);
    EXPECT_EQ(exports.source, ExportSource::symbol_table);
    ASSERT_EQ(exports.exports.size(), 1U);
    EXPECT_EQ(exports.exports[0].name, "_defined");
    EXPECT_THAT(loaded.rules(), testing::IsEmpty());
}

TEST(MachoImports, AFlatNamespaceHasNoOrdinals) {
    auto builder = with_symbols({{10, 0x01, 0, 0x0900, 0}});
    builder.flags = 0x5;
    Loaded flat(builder.build());
    EXPECT_EQ(read_imports(flat.image(), flat.sink)->imports.at(0).ordinal, ordinal_flat_lookup);
    EXPECT_FALSE(flat.has("MACHO-IMPORT-ORDINAL-INVALID"));
    Loaded two_level(with_symbols({{10, 0x01, 0, 0x0900, 0}}).build());
    EXPECT_TRUE(read_imports(two_level.image(), two_level.sink));
    EXPECT_TRUE(two_level.has("MACHO-IMPORT-ORDINAL-INVALID"));
}

TEST(MachoRelocations, BitFieldsFollowTheByteOrder) {
    for (bool big : {false, true}) {
        test::MachoBuilder builder(false, big);
        builder.cpu_type = big ? 18 : 7;
        builder.file_type = 1;
        builder.segment({.name = "",
                         .address = 0,
                         .memory_size = 0x100,
                         .offset = 0x800,
                         .file_size = 0x100,
                         .protection = 7,
                         .sections = {{.segment = "__TEXT",
                                       .name = "__text",
                                       .address = 0,
                                       .size = 0x100,
                                       .offset = 0x800,
                                       .relocation_offset = 0x2a00,
                                       .relocation_count = 2}}});
        builder.command(0x2, builder.writer().u32(0x2000).u32(6).u32(0x2800).u32(18));
        auto table = builder.writer();
        // symbol 5, pc-relative, 4 bytes, external, type 2; then a scattered one of type 4
        table.u32(0x40).u32(big ? 5U << 8 | 1U << 7 | 2U << 5 | 1U << 4 | 2U : 5U | 1U << 24 | 2U << 25 | 1U << 27 | 2U << 28);
        table.u32(0x80000000U | 2U << 28 | 4U << 24 | 0x44).u32(0x1234);
        Loaded loaded(builder.put(0x2a00, table).build());
        auto relocations = read_relocations(loaded.image(), loaded.sink)->of_sections;
        ASSERT_EQ(relocations.size(), 2U);
        EXPECT_EQ(relocations[0].address, 0x40U);
        EXPECT_EQ(relocations[0].symbol, 5U);
        EXPECT_EQ(relocations[0].length_log2, 2);
        EXPECT_EQ(relocations[0].type, 2);
        EXPECT_TRUE(relocations[0].pc_relative && relocations[0].external && !relocations[0].scattered);
        EXPECT_TRUE(relocations[1].scattered);
        EXPECT_EQ(relocations[1].address, 0x44U);
        EXPECT_EQ(relocations[1].value, 0x1234U);
        EXPECT_EQ(relocations[1].type_name(7), "GENERIC_RELOC_LOCAL_SECTDIFF");
        EXPECT_FALSE(loaded.has("MACHO-RELOCATION-INVALID"));
    }
}

TEST(MachoRelocations, ASymbolThatDoesNotExist) {
    auto object = [](std::uint32_t second, std::uint32_t count) {
        test::MachoBuilder builder;
        builder.file_type = 1;
        builder.segment({.name = "",
                         .address = 0,
                         .memory_size = 0x100,
                         .offset = 0x800,
                         .file_size = 0x100,
                         .protection = 7,
                         .sections = {{.segment = "__TEXT",
                                       .name = "__text",
                                       .address = 0,
                                       .size = 0x80,
                                       .offset = 0x800,
                                       .relocation_offset = 0xa00,
                                       .relocation_count = count},
                                      {.segment = "__TEXT",
                                       .name = "__other",
                                       .address = 0x80,
                                       .size = 0x80,
                                       .offset = 0x880,
                                       .relocation_offset = 0xa00,
                                       .relocation_count = count}}});
        builder.put(0xa00, builder.writer().u32(0).u32(second));
        return builder.build();
    };
    Loaded symbol(object(1U << 27, 1));
    EXPECT_TRUE(read_relocations(symbol.image(), symbol.sink));
    EXPECT_TRUE(symbol.has("MACHO-RELOCATION-INVALID"));
    Loaded section(object(2, 1));
    EXPECT_TRUE(read_relocations(section.image(), section.sink));
    EXPECT_FALSE(section.has("MACHO-RELOCATION-INVALID"));
    Loaded hostile(object(2, 0x00ffffff));   // both sections claim the rest of the file
    auto relocations = *read_relocations(hostile.image(), hostile.sink);
    EXPECT_LE(relocations.of_sections.size(), hostile.image().bytes().size() / 8);
    EXPECT_TRUE(hostile.has("MACHO-TABLE-TRUNCATED"));
}

}  // namespace
}  // namespace abiscope::macho
