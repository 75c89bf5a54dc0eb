// Base types by their names, package indexes, and what is inferred from places.
#include <gtest/gtest.h>

#include "dwarf/builder.h"
#include "dwarf/package.h"
#include "dwarf/scalars.h"
#include "support/dwarf_builder.h"

namespace abiscope {
namespace {

using abi::Language;
using abi::Scalar;

Scalar scalar(Language language, std::string_view name, std::uint64_t encoding, std::uint64_t bytes) {
    return dwarf::read_scalar(language, {.name = name, .encoding = encoding, .bytes = bytes, .bits = {}, .go_kind = {}}).scalar;
}

TEST(DwarfScalars, KnowsEverySpellingOfBothCompilers) {
    struct Case {
        std::string_view gcc, clang;
        std::uint64_t encoding, bytes;
        Scalar scalar;
    };
    const Case cases[]{{"char", "char", 6, 1, Scalar::character},
                       {"short int", "short", 5, 2, Scalar::short_},
                       {"short unsigned int", "unsigned short", 7, 2, Scalar::unsigned_short},
                       {"unsigned int", "unsigned int", 7, 4, Scalar::unsigned_int},
                       {"long int", "long", 5, 8, Scalar::long_},
                       {"long unsigned int", "unsigned long", 7, 8, Scalar::unsigned_long},
                       {"long long int", "long long", 5, 8, Scalar::long_long},
                       {"long long unsigned int", "unsigned long long", 7, 8, Scalar::unsigned_long_long},
                       {"__int128 unsigned", "unsigned __int128", 7, 16, Scalar::unsigned_int128},
                       {"long double", "long double", 4, 16, Scalar::long_double},
                       {"_Float128", "__float128", 4, 16, Scalar::float128},
                       {"_Bool", "bool", 2, 1, Scalar::boolean},
                       {"wchar_t", "wchar_t", 5, 4, Scalar::wide_character},
                       {"char16_t", "char16_t", 16, 2, Scalar::char16}};
    for (const Case& one : cases) {
        EXPECT_EQ(scalar(Language::c, one.gcc, one.encoding, one.bytes), one.scalar) << one.gcc;
        EXPECT_EQ(scalar(Language::cxx, one.clang, one.encoding, one.bytes), one.scalar) << one.clang;
    }
}

TEST(DwarfScalars, NamesOfOtherLanguagesAreNotThoseOfC) {
    EXPECT_EQ(scalar(Language::rust, "usize", 7, 8), Scalar::unsigned_word);
    EXPECT_EQ(scalar(Language::rust, "char", 16, 4), Scalar::char32);
    EXPECT_EQ(scalar(Language::rust, "i64", 5, 8), Scalar::fixed_signed);
    EXPECT_EQ(scalar(Language::rust, "u128", 7, 16), Scalar::unsigned_int128);
    EXPECT_EQ(scalar(Language::go, "float64", 4, 8), Scalar::double_);
    EXPECT_EQ(dwarf::read_scalar(Language::go, {.name = "int", .encoding = 5, .bytes = 8, .bits = {}, .go_kind = 2}).scalar, Scalar::word);
}

TEST(DwarfScalars, ReadsWidthsAndComplexNumbers) {
    auto wide = dwarf::read_scalar(Language::c, {.name = "unsigned _BitInt(65)", .encoding = 7, .bytes = 16, .bits = {}, .go_kind = {}});
    EXPECT_EQ(wide.scalar, Scalar::unsigned_bit_int);
    EXPECT_EQ(wide.bits, 65U);
    auto complex = dwarf::read_scalar(Language::c, {.name = "complex double", .encoding = 3, .bytes = 16, .bits = {}, .go_kind = {}});
    EXPECT_TRUE(complex.complex);
    EXPECT_EQ(complex.scalar, Scalar::double_);
    EXPECT_FALSE(dwarf::read_scalar(Language::c, {.name = "_Decimal64", .encoding = 15, .bytes = 8, .bits = {}, .go_kind = {}}).known);
}

TEST(DwarfPackage, GivesEachUnitItsParts) {
    test::DwarfBytes index;
    index.u16(5).u16(0).u32(2).u32(1).u32(2);             // version, two columns, one unit, two slots
    index.u64(0x1234).u64(0).u32(1).u32(0);               // the hash table
    index.u32(1).u32(6).u32(0x40).u32(0x80).u32(0x20).u32(0x10);   // INFO and STR_OFFSETS: offsets, sizes
    SourcePtr source = Source::from_memory("test", index.data());
    auto read = dwarf::read_package_index(source->view(), Endian::little);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 1U);
    EXPECT_EQ(read->begin()->first, 0x40U);
    EXPECT_EQ(read->begin()->second.str_offsets, 0x80U);
}

TEST(DwarfPackage, RefusesCountsThatDoNotFit) {
    test::DwarfBytes index;
    index.u16(5).u16(0).u32(0xffffffff).u32(0xffffffff).u32(0);
    SourcePtr source = Source::from_memory("test", index.data());
    EXPECT_FALSE(dwarf::read_package_index(source->view(), Endian::little));
}

// A record of char and int (or what is given), with the int at `offset`.
struct Inferred {
    explicit Inferred(std::uint64_t offset, std::uint64_t size, std::uint32_t alignment = 0) {
        abi::TypeId small = table.add({.kind = abi::Kind::scalar, .scalar = Scalar::character, .observed = {.size = 1}});
        abi::TypeId large = table.add({.kind = abi::Kind::scalar, .scalar = Scalar::int_, .observed = {.size = 4}});
        abi::Record record;
        record.fields.push_back({.name = "a", .type = small, .observed = {.size = 1, .bit_offset = 0}});
        record.fields.push_back({.name = "b", .type = large, .observed = {.size = 4, .bit_offset = offset * 8}});
        record.fields.push_back({.name = "c", .type = small, .observed = {.size = 1, .bit_offset = (offset + 4) * 8}});
        id = table.add({.kind = abi::Kind::record, .alignment = alignment, .observed = {.size = size}}, std::move(record));
        dwarf::infer_attributes(table, id, 8);
    }
    abi::TypeTable table;
    abi::TypeId id;
};

TEST(DwarfInference, TellsPackedFromPackAndFromPlain) {
    Inferred plain(4, 12);
    EXPECT_FALSE(plain.table.record(plain.id)->packed);
    EXPECT_EQ(plain.table.record(plain.id)->pack, 0U);
    Inferred packed(1, 6);
    EXPECT_TRUE(packed.table.record(packed.id)->packed);
    Inferred two(2, 8);
    EXPECT_FALSE(two.table.record(two.id)->packed);
    EXPECT_EQ(two.table.record(two.id)->pack, 2U);
    // clang, which records the alignment that #pragma pack(2) leaves.
    Inferred recorded(2, 8, 2);
    EXPECT_FALSE(recorded.table.record(recorded.id)->packed);
    EXPECT_EQ(recorded.table.record(recorded.id)->pack, 2U);
    EXPECT_EQ(recorded.table.at(recorded.id).alignment, 0U);
    Inferred aligned(1, 8, 4);
    EXPECT_TRUE(aligned.table.record(aligned.id)->packed);
    EXPECT_EQ(aligned.table.at(aligned.id).alignment, 4U);
}

}  // namespace
}  // namespace abiscope
