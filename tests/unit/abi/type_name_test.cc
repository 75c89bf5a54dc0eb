#include "abi/type_name.h"

#include <gtest/gtest.h>

namespace abiscope::abi {
namespace {

struct Names : testing::Test {
    TypeTable types;

    TypeId scalar(const char* name) { return types.add({.kind = Kind::scalar, .name = name}); }
    TypeId pointer(TypeId target) { return types.add({.kind = Kind::pointer, .target = target}); }
};

TEST_F(Names, DeclaratorsGrowFromTheInsideOut) {
    TypeId number = scalar("int");
    TypeId four = types.add({.kind = Kind::array, .target = number, .count = 4});
    EXPECT_EQ(declaration(types, number, "a"), "int a");
    EXPECT_EQ(declaration(types, four, "a"), "int a[4]");
    EXPECT_EQ(declaration(types, pointer(four), "a"), "int (*a)[4]");
    EXPECT_EQ(declaration(types, types.add({.kind = Kind::array, .target = pointer(number), .count = 4}), "a"), "int *a[4]");
    EXPECT_EQ(declaration(types, types.add({.kind = Kind::array, .target = number}), "a"), "int a[]");
    EXPECT_EQ(declaration(types, pointer(types.add({.kind = Kind::function, .name = "void (int, char)"}, Function{})), "f"),
              "void (*f)(int, char)");
    EXPECT_EQ(declaration(types, pointer(number), {}), "int *");
}

TEST_F(Names, QualifiersStandWhereTheyBelong) {
    TypeId number = scalar("int");
    TypeId constant = types.add({.kind = Kind::qualified, .target = number, .is_const = true});
    EXPECT_EQ(declaration(types, pointer(constant), "a"), "const int *a");
    EXPECT_EQ(declaration(types, types.add({.kind = Kind::qualified, .target = pointer(number), .is_const = true}), "a"), "int *const a");
    TypeId array = types.add({.kind = Kind::array, .target = types.add({.kind = Kind::array, .target = constant, .count = 2}), .count = 3});
    EXPECT_EQ(declaration(types, types.add({.kind = Kind::qualified, .target = array, .is_const = true}), "a"), "const int a[3][2]");
    EXPECT_EQ(declaration(types, types.add({.kind = Kind::qualified, .target = array, .is_volatile = true}), "a"),
              "volatile const int a[3][2]");
}

TEST_F(Names, RecordsAreNamedAsTheirLanguageDoes) {
    TypeId c = types.add({.kind = Kind::record, .name = "S"}, Record{});
    TypeId cxx = types.add({.kind = Kind::record, .language = Language::cxx, .name = "ns::S"}, Record{.kind = RecordKind::class_});
    EXPECT_EQ(declaration(types, c, "a"), "struct S a");
    EXPECT_EQ(declaration(types, cxx, "a"), "ns::S a");
    EXPECT_EQ(title(types, cxx), "class ns::S");
    EXPECT_EQ(declaration(types, types.add({.kind = Kind::record}, Record{.kind = RecordKind::union_}), {}), "union {...}");
}

TEST_F(Names, GoPutsTheNameFirst) {
    TypeId number = types.add({.kind = Kind::scalar, .language = Language::go, .name = "int"});
    TypeId slice = types.add({.kind = Kind::go_slice, .language = Language::go, .target = number});
    EXPECT_EQ(declaration(types, slice, "a"), "a []int");
    EXPECT_EQ(declaration(types, types.add({.kind = Kind::go_map, .language = Language::go, .target = slice, .owner = number}), "m"),
              "m map[int][]int");
    EXPECT_EQ(title(types, types.add({.kind = Kind::record, .language = Language::go, .name = "T"}, Record{})), "type T struct");
}

TEST_F(Names, ATypeThatNamesItselfEnds) {
    TypeId loop = pointer(TypeId::none);
    types.at(loop).target = loop;
    EXPECT_LT(declaration(types, loop, "a").size(), 200u);
}

TEST_F(Names, NoTypeIsVoid) {
    EXPECT_EQ(declaration(types, pointer(TypeId::none), "a"), "void *a");
    EXPECT_EQ(declaration(types, TypeId::none, ""), "void");
}

}  // namespace
}  // namespace abiscope::abi
