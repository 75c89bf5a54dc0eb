// Calls of a program whose types are recorded otherwise than its ABI lays them out: nothing is computed of them.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "abi/profile_catalogue.h"
#include "abi/recorded_call.h"

namespace abiscope::abi {
namespace {

class RecordedCallTest : public ::testing::Test {
protected:
    TypeId scalar(Scalar scalar, const char* name, std::uint64_t size) {
        return types.add({.kind = Kind::scalar, .scalar = scalar, .name = name, .observed = {.size = size}});
    }
    TypeId record(const char* name, Record record, std::uint64_t size, Language language = Language::c) {
        return types.add({.kind = Kind::record, .language = language, .name = name, .observed = {.size = size}}, std::move(record));
    }
    static Field field(const char* name, TypeId type, std::uint64_t bit_offset) {
        Field out{.name = name, .type = type};
        out.observed.bit_offset = bit_offset;
        return out;
    }
    std::string argument(TypeId type) { return recorded_otherwise(types, {.name = "f", .parameters = {{"p", type}}}, profile); }
    std::string result(TypeId type) { return recorded_otherwise(types, {.name = "f", .results = {{"", type}}}, profile); }

    TypeTable types;
    std::optional<Profile> profile = *find_profile("sysv-i386/gcc-12");
};

TEST_F(RecordedCallTest, AUnionWithoutItsMembers) {
    TypeId lost = record("", {.kind = RecordKind::union_}, 4);
    TypeId named = types.add({.kind = Kind::alias, .name = "TU", .target = lost});
    EXPECT_NE(argument(named).find("`TU` is recorded with 4 bytes and without members"), std::string::npos) << argument(named);
    EXPECT_NE(result(named), "");
    EXPECT_EQ(argument(types.add({.kind = Kind::pointer, .target = named, .observed = {.size = 4}})), "");
    // Within the padding of another, which has its size with and without it.
    TypeId inner = record("W", {.kind = RecordKind::union_}, 2);
    TypeId whole = record("S",
                          {.fields = {field("a", scalar(Scalar::short_, "short", 2), 0), field("u", inner, 16),
                                      field("b", scalar(Scalar::int_, "int", 4), 32)}},
                          8);
    EXPECT_NE(argument(whole).find("`W` is recorded with 2 bytes"), std::string::npos) << argument(whole);
    profile.reset();
    EXPECT_NE(argument(named), "");
}

TEST_F(RecordedCallTest, AnEmptyClassHasAByte) {
    EXPECT_EQ(argument(record("E", {}, 1, Language::cxx)), "");
    EXPECT_EQ(argument(record("e", {}, 0)), "");
}

// -malign-double, -mlong-double-64.
TEST_F(RecordedCallTest, AnotherSize) {
    TypeId number = scalar(Scalar::double_, "double", 8);
    TypeId integer = scalar(Scalar::int_, "int", 4);
    EXPECT_EQ(argument(record("s", {.fields = {field("a", integer, 0), field("b", number, 32)}}, 12)), "");
    EXPECT_EQ(argument(record("s", {.fields = {field("a", integer, 0), field("b", number, 64)}}, 16)),
              "`s`: the size is recorded as 16, and computed as 12");
    EXPECT_EQ(argument(scalar(Scalar::long_double, "long double", 8)), "`long double`: the size is recorded as 8, and computed as 12");
    EXPECT_EQ(argument(number), "");
}

// Its pointer travels, whatever lies behind it.
TEST_F(RecordedCallTest, AClassThatStaysInMemory) {
    Record kept{.fields = {field("b", scalar(Scalar::double_, "double", 8), 64)}};
    kept.special.destructor = Declared::user_provided;
    EXPECT_EQ(argument(record("C", kept, 16, Language::cxx)), "");
    kept.special.destructor = Declared::implicit;
    EXPECT_NE(argument(record("D", kept, 16, Language::cxx)), "");
}

}  // namespace
}  // namespace abiscope::abi
