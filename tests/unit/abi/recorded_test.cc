// What debug information records of a layout, beside what the engine computes.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "abi/profile_catalogue.h"
#include "abi/recorded.h"

namespace abiscope::abi {
namespace {

class RecordedTest : public ::testing::Test {
protected:
    TypeId integer() { return types.add({.kind = Kind::scalar, .scalar = Scalar::int_, .name = "int", .observed = {.size = 4}}); }
    static Field bits(TypeId type, const char* name, std::uint32_t width, std::optional<std::uint64_t> offset) {
        Field field{.name = name, .type = type, .bit_width = width};
        field.observed = {.size = 4, .bit_offset = offset};
        return field;
    }
    TypeId record(std::vector<Field> fields, std::optional<std::uint64_t> size, Language language = Language::c) {
        return types.add({.kind = Kind::record, .language = language, .name = "S", .observed = {.size = size}},
                         Record{.fields = std::move(fields)});
    }

    TypeTable types;
    Profile profile = *find_profile("sysv-amd64");
};

TEST_F(RecordedTest, IsTheEnginesWhereTheyAgree) {
    TypeId type = integer();
    auto read = recorded_layout(types, record({bits(type, "a", 3, 0), bits(type, "b", 4, 3)}, 4), profile);
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->computed);
    EXPECT_EQ(read->layout.alignment, 4U);
    EXPECT_EQ(read->differs, "");
}

// `int a : 3, : 5, b : 4`: the one without a name is in no debug information.
TEST_F(RecordedTest, KeepsTheRecordedPlaces) {
    TypeId type = integer();
    auto read = recorded_layout(types, record({bits(type, "a", 3, 0), bits(type, "b", 4, 8)}, 4), profile);
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->computed);
    EXPECT_EQ(read->differs, "`b` is recorded at byte 1, and computed at bit 3");
    ASSERT_EQ(read->layout.placed.size(), 2U);
    EXPECT_EQ(read->layout.placed[1].bit_offset, 8U);
    EXPECT_EQ(read->layout.size, 4U);
    EXPECT_EQ(read->layout.alignment, 0U);
    ASSERT_EQ(read->layout.padding.size(), 2U);
    EXPECT_EQ(read->layout.padding[0].bit_offset, 3U);
    EXPECT_EQ(read->layout.padding[0].bit_size, 5U);
    EXPECT_EQ(read->layout.padding[1].bit_size, 20U);
}

// gfortran: `integer, allocatable :: a(:); integer, pointer :: p(:, :); integer :: n`.
TEST_F(RecordedTest, GivesAnArraysDescriptorItsBytes) {
    TypeId array = types.add({.kind = Kind::array, .target = integer()});
    auto field = [](const char* name, TypeId type, std::uint64_t offset, std::optional<std::uint64_t> size) {
        Field made{.name = name, .type = type};
        made.observed = {.size = size, .bit_offset = offset * 8};
        return made;
    };
    TypeId type = record(
        {field("a", array, 0, {}), field("p", types.add({.kind = Kind::array, .target = array}), 64, {}), field("n", integer(), 152, 4)},
        160);
    auto read = recorded_alone(types, type);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->placed[0].bit_size, 64U * 8);
    EXPECT_EQ(read->placed[1].bit_size, 88U * 8);
    ASSERT_EQ(read->padding.size(), 1U);
    EXPECT_EQ(read->padding[0].bit_size, 32U);
    // A flexible array of C in front of the padding at the end.
    auto flexible = recorded_alone(types, record({field("n", integer(), 0, 4), field("a", array, 4, {})}, 8));
    ASSERT_TRUE(flexible);
    EXPECT_EQ(flexible->placed[1].bit_size, 0U);
}

TEST_F(RecordedTest, ComparesSizesToo) {
    TypeId type = integer();
    auto read = recorded_layout(types, record({bits(type, "a", 3, 0)}, 16), profile);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->differs, "the size is recorded as 16, and computed as 4");
    EXPECT_EQ(read->layout.size, 16U);
}

TEST_F(RecordedTest, LooksIntoAnonymousMembers) {
    TypeId type = integer();
    TypeId inner =
        types.add({.kind = Kind::record, .observed = {.size = 4}}, Record{.fields = {bits(type, "a", 3, 0), bits(type, "b", 4, 16)}});
    Field anonymous{.name = "", .type = inner};
    anonymous.observed = {.size = 4, .bit_offset = 0};
    auto read = recorded_layout(types, record({anonymous}, 4), profile);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->differs, "`b` is recorded at byte 2, and computed at bit 3");
}

TEST_F(RecordedTest, ComputesNothingOfRust) {
    TypeId type = integer();
    auto read = recorded_layout(types, record({bits(type, "a", 32, 32), bits(type, "b", 32, 0)}, 8, Language::rust), profile);
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->computed);
    EXPECT_EQ(read->differs, "");
    EXPECT_EQ(read->layout.placed[0].name, "b");
}

TEST_F(RecordedTest, NeedsASizeAndPlaces) {
    TypeId type = integer();
    // Of a type that is only declared: the engine has no answer either.
    Field lost{.name = "a", .type = types.add({.kind = Kind::record, .name = "Declared"}, Record{.complete = false})};
    EXPECT_FALSE(recorded_layout(types, record({lost}, 4), profile));
    EXPECT_FALSE(recorded_layout(types, record({lost}, std::nullopt), profile));
    EXPECT_FALSE(recorded_layout(types, type, profile));
}

}  // namespace
}  // namespace abiscope::abi
