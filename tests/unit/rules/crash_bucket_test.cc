#include "rules/crash_bucket.h"

#include <gtest/gtest.h>

namespace abiscope::rules {
namespace {

TEST(StableName, LosesWhatAnotherBuildMayChange) {
    EXPECT_EQ(stable_name("main"), "main");
    EXPECT_EQ(stable_name("parse.constprop.0"), "parse");
    EXPECT_EQ(stable_name("parse.isra.0.cold"), "parse");
    EXPECT_EQ(stable_name("parse.specialized.1"), "parse");
    EXPECT_EQ(stable_name("parse(char const*) [clone .part.3]"), "parse");
    EXPECT_EQ(stable_name("net::Request::read(int, std::string const&) const"), "net::Request::read");
    EXPECT_EQ(stable_name("void net::send<int, std::vector<char> >(int)"), "net::send");
    EXPECT_EQ(stable_name("(anonymous namespace)::helper(int)"), "{anonymous}::helper");
}

TEST(StableName, KeepsOperators) {
    EXPECT_EQ(stable_name("Value::operator<(Value const&)"), "Value::operator<(Value const&)");
    EXPECT_EQ(stable_name("operator new(unsigned long)"), "operator new(unsigned long)");
}

TEST(StableName, OfRustLosesItsHash) {
    EXPECT_EQ(stable_name("app::handle::h0123456789abcdef"), "app::handle");
    EXPECT_EQ(stable_name("<app::Thing as core::fmt::Display>::fmt::h0123456789abcdef"), "<app::Thing as core::fmt::Display>::fmt");
}

TEST(StableName, OfGoKeepsReceiversAndLosesTypeArguments) {
    EXPECT_EQ(stable_name("main.(*Server).handle"), "main.(*Server).handle");
    EXPECT_EQ(stable_name("main.Map[go.shape.int,go.shape.string]"), "main.Map");
    EXPECT_EQ(stable_name("example.com/app/pkg.run.func1"), "example.com/app/pkg.run.func1");
}

TEST(StableName, OfBracketsThatDoNotMatchIsWhatItWas) { EXPECT_EQ(stable_name("odd<name"), "odd<name"); }

}  // namespace
}  // namespace abiscope::rules
