// Members at a byte of a record, by recorded places.
#include "abi/field_at.h"

#include <gtest/gtest.h>

namespace abiscope {
namespace {

using abi::Kind;
using abi::TypeId;

struct Types {
    Types() {
        integer = table.add(
            {.kind = Kind::scalar, .scalar = abi::Scalar::int_, .name = "int", .observed = {.size = 4, .alignment = {}, .bit_offset = {}}});
        pointer = table.add({.kind = Kind::pointer, .target = integer});
    }
    abi::Field field(std::string name, TypeId type, std::uint64_t byte) {
        abi::Field made;
        made.name = std::move(name);
        made.type = type;
        made.observed.bit_offset = byte * 8;
        return made;
    }
    TypeId record(std::string name, std::uint64_t size, std::vector<abi::Field> fields, std::vector<abi::Base> bases = {}) {
        abi::Record made;
        made.fields = std::move(fields);
        made.bases = std::move(bases);
        abi::Type type{.kind = Kind::record, .name = std::move(name)};
        type.observed.size = size;
        return table.add(std::move(type), std::move(made));
    }
    std::string at(TypeId id, std::uint64_t offset, std::uint64_t size = 4) {
        std::string out;
        for (const abi::FieldAt& one : abi::fields_at(table, id, offset, size, 8)) out += (out.empty() ? "" : "|") + one.path;
        return out;
    }

    abi::TypeTable table;
    TypeId integer, pointer;
};

TEST(FieldAt, GoesIntoRecordsArraysAndBases) {
    Types types;
    TypeId inner = types.record("inner", 16, {types.field("a", types.integer, 0), types.field("p", types.pointer, 8)});
    abi::Type array{.kind = Kind::array, .target = inner};
    array.count = 3;
    TypeId list = types.table.add(std::move(array));
    TypeId base = types.record("base", 4, {types.field("kind", types.integer, 0)});
    abi::Base from;
    from.type = base;
    from.observed.bit_offset = 0;
    TypeId outer = types.record("outer", 64, {types.field("list", list, 16)}, {from});
    EXPECT_EQ(types.at(outer, 0), "kind");
    EXPECT_EQ(types.at(outer, 16), "list[0].a");
    EXPECT_EQ(types.at(outer, 40), "list[1].p");
    EXPECT_EQ(types.at(outer, 20), "");    // padding
    EXPECT_EQ(types.at(outer, 64), "");    // behind the end
    EXPECT_EQ(types.at(outer, ~std::uint64_t{0}), "");
}

TEST(FieldAt, SaysEveryMemberOfAUnionAndOfAnonymousOnes) {
    Types types;
    TypeId both = types.record("", 8, {types.field("number", types.integer, 0), types.field("place", types.pointer, 0)});
    TypeId outer = types.record("outer", 24, {types.field("first", types.integer, 0), types.field("", both, 8)});
    EXPECT_EQ(types.at(outer, 8), "number|place");
    EXPECT_EQ(types.at(outer, 12), "place");
}

TEST(FieldAt, SharesBytesOfBitFields) {
    Types types;
    abi::Field low = types.field("low", types.integer, 4);
    low.bit_width = 3;
    abi::Field high = types.field("high", types.integer, 5);
    high.bit_width = 8;
    TypeId outer = types.record("outer", 8, {low, high});
    EXPECT_EQ(types.at(outer, 4, 4), "low|high");
    EXPECT_EQ(types.at(outer, 5, 1), "high");
}

TEST(FieldAt, SaysNothingWithoutRecordedPlaces) {
    Types types;
    abi::Field loose;
    loose.name = "loose";
    loose.type = types.integer;
    EXPECT_EQ(types.at(types.record("outer", 8, {loose}), 0), "");
    EXPECT_EQ(types.at(types.integer, 0), "");
    EXPECT_EQ(types.at(TypeId::none, 0), "");
}

}  // namespace
}  // namespace abiscope
