#include "source/varargs.h"

#include <gtest/gtest.h>

namespace abiscope::source {
namespace {

TEST(Varargs, ArePromotedAndReachVariadicFunctionsOnly) {
    Declarations declared;
    auto scalar = [&](abi::Scalar which) { return declared.types.add({.kind = abi::Kind::scalar, .scalar = which}); };
    abi::TypeId number = scalar(abi::Scalar::int_), single = scalar(abi::Scalar::float_), letter = scalar(abi::Scalar::character),
                wide = scalar(abi::Scalar::long_);
    declared.functions.push_back({.name = "f", .parameters = {{"a", number}}, .named = 1});
    declared.functions.push_back({.name = "g", .parameters = {{"a", number}}});
    declared.functions.push_back({.name = varargs_function, .parameters = {{"", single}, {"", letter}, {"", wide}}});
    auto out = with_varargs(declared);
    ASSERT_EQ(out->functions.size(), 2u);
    ASSERT_EQ(out->functions[0].parameters.size(), 4u);
    EXPECT_EQ(out->functions[0].named, 1u);
    EXPECT_EQ(out->types.at(out->functions[0].parameters[1].type).scalar, abi::Scalar::double_);
    EXPECT_EQ(out->types.at(out->functions[0].parameters[2].type).scalar, abi::Scalar::int_);
    EXPECT_EQ(out->types.at(out->functions[0].parameters[3].type).scalar, abi::Scalar::long_);
    EXPECT_EQ(out->functions[1].parameters.size(), 1u);
}

}  // namespace
}  // namespace abiscope::source
