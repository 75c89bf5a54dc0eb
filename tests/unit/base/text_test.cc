#include "base/text.h"

#include <array>

#include <gtest/gtest.h>

#include "base/search.h"
#include "base/version.h"

namespace abiscope {
namespace {

TEST(Glob, MatchesLikeAShell) {
    EXPECT_TRUE(text::glob_match("*.so*", "libc.so.6"));
    EXPECT_TRUE(text::glob_match("lib[a-c]?.so", "libcx.so"));
    EXPECT_FALSE(text::glob_match("lib[!a-c]?.so", "libcx.so"));
    EXPECT_TRUE(text::glob_match("*a*b", "aaab"));
    EXPECT_FALSE(text::glob_match("a", "ab"));
}

TEST(Printable, EscapesWhatCouldDriveATerminal) {
    EXPECT_EQ(text::printable("a\x1b[31m"), "a\\x1b[31m");
    EXPECT_EQ(text::printable("caf\xc3\xa9"), "caf\xc3\xa9");
    EXPECT_EQ(text::printable("\xff\xc2\x9b"), "\\xff\\xc2\\x9b");
    EXPECT_EQ(text::printable("\xe0\x80\x80"), "\\xe0\\x80\\x80");
}

TEST(Find, StandsWhereTheTextIs) {
    EXPECT_EQ(text::find("abcabc", "ca"), 2);
    EXPECT_EQ(text::find("abcabc", "abc", 1), 3);
    EXPECT_EQ(text::find("abc", "", 3), 3);
    EXPECT_EQ(text::find("abc", "abcd"), std::string_view::npos);
    EXPECT_EQ(text::find("abc", "a", 4), std::string_view::npos);
    EXPECT_EQ(text::find({}, "a"), std::string_view::npos);
}

TEST(Nearest, FindsWhatWasMeant) {
    constexpr std::array<std::string_view, 3> names{"debian:12", "debian:11", "alpine:3.20"};
    EXPECT_EQ(text::nearest("debain:12", names), "debian:12");
    EXPECT_EQ(text::nearest("windows", names), std::nullopt);
}

TEST(Version, ComparesNumberByNumber) {
    EXPECT_LT(*Version::parse("2.9"), *Version::parse("2.10"));
    EXPECT_EQ(*Version::parse("2.36"), *Version::parse("2.36.0"));
    EXPECT_EQ(Version::parse("6.1.0-13-amd64")->to_string(), "6.1.0");
    EXPECT_FALSE(Version::parse("sid").has_value());
}

}  // namespace
}  // namespace abiscope
