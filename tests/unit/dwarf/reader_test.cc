// The reader on units made byte by byte: what a compiler never writes, and what some do.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dwarf/builder.h"
#include "dwarf/debug.h"
#include "dwarf/functions.h"
#include "dwarf/index.h"
#include "dwarf/name_match.h"
#include "dwarf/structure.h"
#include "unit/dwarf/made_units.h"

namespace abiscope::made_units {
namespace {

TEST(DwarfReader, ReadsARecord) {
    DwarfBytes entries;
    with_int(entries)
        .leb(structure)
        .text("s")
        .u8(8)
        .leb(member)
        .text("a")
        .u32(children)
        .u8(0)
        .leb(member)
        .text("b")
        .u32(children)
        .u8(4)
        .u8(0)
        .u8(0);
    Program program(unit4(entries));
    const abi::Record* record = program.record("s");
    ASSERT_NE(record, nullptr);
    ASSERT_EQ(record->fields.size(), 2U);
    EXPECT_EQ(record->fields[1].name, "b");
    EXPECT_EQ(record->fields[1].observed.bit_offset, 32U);
    EXPECT_EQ(program.built.at(record->fields[0].type).scalar, abi::Scalar::int_);
    EXPECT_TRUE(program.rules().empty());
}

// rustc: `enum e { A { x: u32 }, N { y: u32 } }`, as if y could hold the discriminant (a niche).
TEST(DwarfReader, KnowsTheDiscriminantInAVariant) {
    enum : unsigned { part = indirect + 1, variant };
    DwarfBytes abbreviations;
    abbreviation(abbreviations, part, 0x33, true, {{0x15, 0x13}});      // discr ref4
    abbreviation(abbreviations, variant, 0x19, true, {{0x16, 0x0b}});   // discr_value data1
    abbreviations.append(table());
    DwarfBytes entries;
    entries.leb(unit).u8(0x1c).leb(base).text("int").u8(4).u8(5);
    entries.leb(structure).text("e").u8(8).leb(part).u32(entries.size() + first + 4);
    entries.leb(member).text("").u32(children).u8(0);
    entries.leb(variant).u8(0).leb(member).text("A").u32(children).u8(0).u8(0).u8(0);
    entries.leb(structure).text("A").u8(8).leb(member).text("x").u32(children).u8(4).u8(0);
    entries.leb(structure).text("N").u8(8).leb(member).text("y").u32(children).u8(0).u8(0);
    entries.u8(0).u8(0);
    Program program(unit4(entries), abbreviations);
    const abi::Record* with = program.record("e::A");
    ASSERT_NE(with, nullptr);
    ASSERT_TRUE(with->discriminant);
    EXPECT_EQ(with->discriminant->observed.bit_offset, 0U);
    EXPECT_EQ(with->discriminant->observed.size, 4U);
    const abi::Record* niche = program.record("e::N");
    ASSERT_NE(niche, nullptr);
    EXPECT_FALSE(niche->discriminant);
}

TEST(DwarfReader, CountsBitsOfEveryEncodingAndByteOrder) {
    for (bool big : {false, true}) {
        DwarfBytes entries;
        entries.big_endian = big;
        with_int(entries).leb(structure).text("s").u8(8);
        entries.leb(bits).text("new").u32(children).u8(37).u8(3);
        entries.leb(old_bits).text("old").u32(children).u8(4).u8(2).u8(5);
        entries.u8(0).u8(0);
        Program program(unit4(entries), table(), big);
        const abi::Record* record = program.record("s");
        ASSERT_NE(record, nullptr);
        ASSERT_EQ(record->fields.size(), 2U);
        EXPECT_EQ(record->fields[0].observed.bit_offset, 37U);
        // Two bits from the most significant end of the second word, five wide: 32 - 2 - 5 from the other end.
        EXPECT_EQ(record->fields[1].observed.bit_offset, big ? 34U : 57U);
        EXPECT_EQ(record->fields[1].bit_width, 5U);
    }
}

TEST(DwarfReader, EvaluatesPlacesWrittenAsExpressions) {
    DwarfBytes entries;
    with_int(entries).leb(structure).text("s").u8(16);
    entries.leb(located).text("plus").u32(children).leb(2).bytes({0x23, 8});  // DW_OP_plus_uconst 8
    entries.leb(located).text("sum").u32(children).leb(3).bytes({0x08, 12, 0x22});  // DW_OP_const1u 12, DW_OP_plus
    entries.leb(located).text("vtable").u32(children).leb(6).bytes(
        {0x12, 0x06, 0x48, 0x1c, 0x06, 0x22});  // dup, deref, lit24, minus, deref, plus
    entries.u8(0).u8(0);
    Program program(unit4(entries));
    const abi::Record* record = program.record("s");
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->fields[0].observed.bit_offset, 64U);
    EXPECT_EQ(record->fields[1].observed.bit_offset, 96U);
    EXPECT_EQ(record->fields[2].observed.bit_offset, std::nullopt);
}

TEST(DwarfReader, TakesIndirectForms) {
    DwarfBytes entries;
    with_int(entries).leb(indirect).leb(0x08).text("t").leb(0x13).u32(children).u8(0);
    Program program(unit4(entries));
    auto found = dwarf::find_types(program.debug(), "t", 1, program.sink);
    ASSERT_EQ(found.size(), 1U);
    dwarf::TypeBuilder builder(program.debug(), program.built, nullptr, program.sink);
    abi::TypeId id = builder.build(found[0].ref);
    EXPECT_EQ(program.built.at(program.built.resolve(id)).name, "int");
}

TEST(DwarfReader, KeepsOneOfEachStructureAndAllThatDiffer) {
    auto one = [](std::uint8_t second) {
        DwarfBytes entries;
        with_int(entries)
            .leb(structure)
            .text("s")
            .u8(16)
            .leb(member)
            .text("a")
            .u32(children)
            .u8(0)
            .leb(member)
            .text("b")
            .u32(children)
            .u8(second)
            .u8(0)
            .u8(0);
        return unit4(entries);
    };
    DwarfBytes info = one(4);
    info.append(one(4)).append(one(8));
    Program program(info);
    EXPECT_EQ(program.named("s").size(), 2U);
    EXPECT_EQ(dwarf::find_types(program.debug(), "s", 1, program.sink).size(), 2U);
}

TEST(DwarfReader, FindsTheDefinitionOfWhatAnotherUnitDeclares) {
    DwarfBytes uses;
    uses.leb(unit).u8(0x0c).leb(declared).text("far").leb(structure).text("s").u8(4).leb(member).text("a").u32(children).u8(0).u8(0).u8(0);
    DwarfBytes defines;
    with_int(defines).leb(structure).text("far").u8(4).leb(member).text("x").u32(children).u8(0).u8(0).u8(0);
    DwarfBytes info = unit4(uses);
    info.append(unit4(defines));
    Program program(info);
    const abi::Record* record = program.record("s");
    ASSERT_NE(record, nullptr);
    const abi::Record* far = program.built.record(record->fields[0].type);
    ASSERT_NE(far, nullptr);
    EXPECT_TRUE(far->complete);
    EXPECT_EQ(far->fields.size(), 1U);
}

TEST(DwarfReader, PointersLeadToNamesThatCanBeCompleted) {
    DwarfBytes entries;
    entries.leb(unit).u8(0x0c);
    std::uint32_t to = children + 5;
    entries.leb(pointer)
        .u32(to)
        .leb(structure)
        .text("far")
        .u8(4)
        .u8(0)
        .leb(structure)
        .text("s")
        .u8(8)
        .leb(member)
        .text("p")
        .u32(children)
        .u8(0)
        .u8(0)
        .u8(0);
    Program program(unit4(entries));
    auto index = program.index();
    dwarf::TypeBuilder builder(program.debug(), program.built, &index, program.sink);
    abi::TypeId id = builder.build(program.named("s").front());
    abi::TypeId far = program.built.at(program.built.record(id)->fields[0].type).target;
    EXPECT_FALSE(program.built.record(far)->complete);
    EXPECT_TRUE(builder.complete(far));
    EXPECT_TRUE(program.built.record(far)->complete);
}

TEST(DwarfReader, TakesNothingFromTheEntryBefore) {
    DwarfBytes entries;
    with_int(entries);
    Program program(unit4(entries));
    const dwarf::Unit& unit = program.debug().units()[0];
    dwarf::StructureHasher hasher(program.debug(), dwarf::StructureHasher::Names::by_content);
    hasher.start_unit(unit);
    // A member of a union has no place; the one before it in the file had an expression.
    dwarf::Attributes fresh;
    fresh.form.fill(0);
    fresh.length.fill(0);
    dwarf::Attributes used;
    used.set(dwarf::Slot::member_location, first, 0x18, 4);
    used.present = 0;
    EXPECT_EQ(hasher.with_child(1, unit, 0x0d, used), hasher.with_child(1, unit, 0x0d, fresh));
}

TEST(DwarfReader, MatchesNamesAsPeopleWriteThem) {
    EXPECT_TRUE(dwarf::name_matches("Point", "ns::Point"));
    EXPECT_TRUE(dwarf::name_matches("ns::Point", "ns::Point"));
    EXPECT_TRUE(dwarf::name_matches("ns::*", "ns::inner::Point"));
    EXPECT_TRUE(dwarf::name_matches("P*t", "ns::Point"));
    EXPECT_TRUE(dwarf::name_matches("list<a::b*>", "ns::list<a::b*>"));
    EXPECT_TRUE(dwarf::name_matches("main.Point", "main.Point"));
    EXPECT_FALSE(dwarf::name_matches("Point", "ns::PointList"));
    EXPECT_FALSE(dwarf::name_matches("other::Point", "ns::Point"));
    EXPECT_FALSE(dwarf::name_matches("b", "ns::list<a::b>"));
}

TEST(DwarfReader, FindsFunctionsThroughWhatTheyComplete) {
    DwarfBytes abbreviations;
    abbreviation(abbreviations, unit, 0x11, true, {{0x13, 0x0b}});
    abbreviation(abbreviations, structure, 0x13, true, {{0x03, 0x08}, {0x0b, 0x0b}});
    abbreviation(abbreviations, member, 0x2e, false,
                 {{0x03, 0x08}, {0x6e, 0x08}, {0x3c, 0x19}, {0x3f, 0x19}});  // in the class: name, linkage name
    abbreviation(abbreviations, alias, 0x2e, false, {{0x47, 0x13}, {0x20, 0x0b}});   // outside: specification, inline
    abbreviation(abbreviations, base, 0x2e, true, {{0x31, 0x13}});                   // a copy with code: abstract origin
    abbreviation(abbreviations, pointer, 0x05, false, {});
    abbreviations.u8(0);
    DwarfBytes entries;
    entries.leb(unit).u8(0x04).leb(structure).text("s").u8(1);
    std::uint32_t declaration = children + 4;
    entries.leb(member).text("run").text("_ZN1s3runEv").u8(0);
    std::uint32_t definition = declaration + 1 + 4 + 12 + 1;
    entries.leb(alias).u32(declaration).u8(1);
    entries.leb(base).u32(definition).leb(pointer).u8(0).u8(0);
    Program program(unit4(entries), abbreviations);
    for (std::string_view name : {"run", "s::run", "_ZN1s3runEv", "r*"}) {
        auto found = dwarf::find_functions(program.debug(), name, 1, program.sink);
        ASSERT_FALSE(found.empty()) << name;
        EXPECT_EQ(found[0].name, "s::run");
    }
    dwarf::TypeBuilder builder(program.debug(), program.built, nullptr, program.sink);
    auto found = dwarf::find_functions(program.debug(), "run", 1, program.sink);
    auto function = dwarf::read_function(builder, found.back());
    EXPECT_EQ(function.linkage_name, "_ZN1s3runEv");
    EXPECT_TRUE(function.external);
    EXPECT_TRUE(dwarf::find_functions(program.debug(), "walk", 1, program.sink).empty());
}

// Hostile files.

TEST(DwarfReader, SaysWhereAUnitIsCutOff) {
    DwarfBytes entries;
    with_int(entries).u8(0);
    DwarfBytes good = unit4(entries);
    DwarfBytes info = good;
    DwarfBytes cut = unit4(entries);
    cut.patch32(0, 0x00ffffff);
    info.append(cut);
    Program program(info);
    ASSERT_EQ(program.rules(), std::vector<std::string>{"DWARF-UNIT-DAMAGED"});
    EXPECT_EQ(program.sink.findings()[0].evidence()[0].offset, good.size());
    EXPECT_EQ(program.debug().units().size(), 1U);
}

TEST(DwarfReader, GoesOnBehindADamagedUnit) {
    DwarfBytes bad;
    bad.leb(unit).u8(0x0c).leb(99).u8(0);
    DwarfBytes good;
    with_int(good).leb(structure).text("s").u8(4).leb(member).text("a").u32(children).u8(0).u8(0).u8(0);
    DwarfBytes info = unit4(bad);
    info.append(unit4(good));
    Program program(info);
    EXPECT_EQ(program.named("s").size(), 1U);
    EXPECT_EQ(program.rules(), std::vector<std::string>{"DWARF-UNIT-DAMAGED"});
    EXPECT_EQ(program.sink.findings()[0].evidence()[0].offset, children);
}

TEST(DwarfReader, EndsATypedefThatIsItself) {
    DwarfBytes entries;
    entries.leb(unit)
        .u8(0x0c)
        .leb(alias)
        .text("t")
        .u32(children)
        .leb(structure)
        .text("s")
        .u8(4)
        .leb(member)
        .text("a")
        .u32(children)
        .u8(0)
        .u8(0)
        .u8(0);
    Program program(unit4(entries));
    const abi::Record* record = program.record("s");
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(program.built.resolve(record->fields[0].type), abi::TypeId::none);
}

TEST(DwarfReader, FindsARecordThatHoldsItself) {
    DwarfBytes entries;
    entries.leb(unit).u8(0x0c).leb(structure).text("s").u8(4).leb(member).text("a").u32(children).u8(0).u8(0).u8(0);
    Program program(unit4(entries));
    const abi::Record* record = program.record("s");
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->fields[0].type, abi::TypeId::none);
    EXPECT_EQ(program.rules(), std::vector<std::string>{"DWARF-REFERENCE-INVALID"});
}

TEST(DwarfReader, RefersNowhere) {
    DwarfBytes entries;
    entries.leb(unit).u8(0x0c).leb(structure).text("s").u8(4).leb(member).text("a").u32(0x7fffffff).u8(0).u8(0).u8(0);
    Program program(unit4(entries));
    const abi::Record* record = program.record("s");
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(program.rules(), std::vector<std::string>{"DWARF-REFERENCE-INVALID"});
}

TEST(DwarfReader, StandsDeepNesting) {
    constexpr int depth = 200'000;
    DwarfBytes entries;
    entries.leb(unit).u8(0x0c);
    for (int i = 0; i < depth; ++i) entries.leb(space).text("n");
    for (int i = 0; i < depth; ++i) entries.u8(0);
    entries.leb(structure).text("s").u8(0).u8(0).u8(0);
    Program program(unit4(entries));
    EXPECT_EQ(program.named("s").size(), 1U);
}

TEST(DwarfReader, StandsALongChainOfPointers) {
    constexpr std::uint32_t length = 100'000;
    DwarfBytes entries;
    entries.leb(unit).u8(0x0c);
    for (std::uint32_t i = 0; i < length; ++i) entries.leb(pointer).u32(children + (i + 1) * 5);
    entries.leb(structure).text("s").u8(8).leb(member).text("a").u32(children).u8(0).u8(0).u8(0);
    Program program(unit4(entries));
    ASSERT_NE(program.record("s"), nullptr);
    EXPECT_FALSE(program.rules().empty());
}

TEST(DwarfReader, StandsGiganticCounts) {
    DwarfBytes entries;
    with_int(entries).leb(array).u32(children);
    for (int i = 0; i < 8; ++i) entries.leb(range).u64(~std::uint64_t{0} / 3);
    entries.u8(0).leb(structure).text("s").u8(8).leb(member).text("a").u32(after_int).u8(0).u8(0).u8(0);
    Program program(unit4(entries));
    const abi::Record* record = program.record("s");
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->fields[0].observed.size, std::nullopt);
}

TEST(DwarfReader, StandsFieldsThatOverlapAndLeaveTheRecord) {
    DwarfBytes entries;
    with_int(entries).leb(structure).text("s").u8(4);
    entries.leb(member).text("a").u32(children).u8(0).leb(member).text("b").u32(children).u8(2).leb(member).text("far").u32(children).u8(
        250);
    entries.u8(0).u8(0);
    Program program(unit4(entries));
    const abi::Record* record = program.record("s");
    ASSERT_NE(record, nullptr);
    ASSERT_EQ(record->fields.size(), 3U);
    EXPECT_EQ(record->fields[1].observed.bit_offset, 16U);
    EXPECT_EQ(record->fields[2].observed.bit_offset, 2000U);
    EXPECT_EQ(program.built.at(program.id).observed.size, 4U);
}

TEST(DwarfReader, EndsRecordsThatHoldEachOther) {
    DwarfBytes entries;
    entries.leb(unit).u8(0x0c);
    // Each holds the other as an array.
    std::uint32_t one = children;
    std::uint32_t record_size = 4 + 8 + 1;
    std::uint32_t array_of_one = one + 2 * record_size;
    std::uint32_t array_size = 5 + 9 + 1;
    std::uint32_t array_of_two = array_of_one + array_size;
    entries.leb(structure).text("s").u8(4).leb(member).text("a").u32(array_of_two).u8(0).u8(0);
    entries.leb(structure).text("t").u8(4).leb(member).text("a").u32(array_of_one).u8(0).u8(0);
    entries.leb(array).u32(one).leb(range).u64(1).u8(0);
    entries.leb(array).u32(one + record_size).leb(range).u64(1).u8(0);
    entries.u8(0);
    Program program(unit4(entries));
    ASSERT_NE(program.record("s"), nullptr);
    EXPECT_EQ(program.rules(), std::vector<std::string>{"DWARF-REFERENCE-INVALID"});
}

TEST(DwarfReader, IsNotLedBackBySiblings) {
    DwarfBytes entries;
    entries.leb(unit).u8(0x0c).leb(with_sibling).u32(first).text("f").u8(0).leb(structure).text("s").u8(0).u8(0).u8(0);
    Program program(unit4(entries));
    EXPECT_EQ(program.named("s").size(), 1U);
}

TEST(DwarfReader, SaysWhichFormItDoesNotKnow) {
    DwarfBytes abbreviations;
    abbreviation(abbreviations, unit, 0x11, true, {{0x13, 0x7f}}).u8(0);
    DwarfBytes entries;
    entries.leb(unit).u8(0);
    Program program(unit4(entries), abbreviations);
    EXPECT_EQ(program.rules(), std::vector<std::string>{"DWARF-UNIT-DAMAGED"});
}

TEST(DwarfReader, HasNothingToReadInNothing) {
    Program program{DwarfBytes()};
    ASSERT_FALSE(program.opened);
    EXPECT_EQ(program.opened.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace abiscope::made_units
