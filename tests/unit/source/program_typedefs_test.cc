// Typedefs of the standard library out of a program, for other ABIs.
#include <gtest/gtest.h>

#include <cstdint>

#include "source/program_typedefs.h"

namespace abiscope::source {
namespace {

using abi::Kind;
using abi::Scalar;
using abi::TypeId;

struct Typedefs : ::testing::Test {
    TypeId alias(const char* name, Scalar scalar, std::uint64_t size, abi::Language language = abi::Language::c) {
        TypeId target = types.add({.kind = Kind::scalar, .language = language, .scalar = scalar, .observed = {.size = size}});
        return types.add({.kind = Kind::alias, .language = language, .name = name, .target = target});
    }
    Scalar meant(TypeId id) { return types.at(types.resolve(id)).scalar; }
    abi::TypeTable types;
};

TEST_F(Typedefs, MeanWhatTheStandardSays) {
    TypeId wide = alias("int64_t", Scalar::long_, 8);
    TypeId size = alias("size_t", Scalar::unsigned_long, 8);
    TypeId qualified = alias("std::size_t", Scalar::unsigned_long, 8, abi::Language::cxx);
    TypeId character = alias("wchar_t", Scalar::int_, 4);
    translate_typedefs(types, 8);
    EXPECT_EQ(meant(wide), Scalar::long_long);
    EXPECT_EQ(meant(size), Scalar::unsigned_word);
    EXPECT_EQ(meant(qualified), Scalar::unsigned_word);
    EXPECT_EQ(meant(character), Scalar::wide_character);
}

TEST_F(Typedefs, StayWhereTheyAreSomethingElse) {
    TypeId narrow = alias("size_t", Scalar::unsigned_short, 2);
    TypeId own = alias("time_t", Scalar::long_, 8);
    TypeId rust = alias("int64_t", Scalar::long_, 8, abi::Language::rust);
    translate_typedefs(types, 8);
    EXPECT_EQ(meant(narrow), Scalar::unsigned_short);
    EXPECT_EQ(meant(own), Scalar::long_);
    EXPECT_EQ(meant(rust), Scalar::long_);
}

}  // namespace
}  // namespace abiscope::source
