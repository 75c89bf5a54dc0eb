#include "target/strings.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace abiscope::target {
namespace {

using namespace std::string_literals;

std::vector<std::string> strings_of(const std::string& bytes, std::string_view ending = {}) {
    std::vector<std::string> all;
    for_each_string(View(std::as_bytes(std::span(bytes)), 0), ending, [&](std::string_view text) {
        all.emplace_back(text);
        return false;
    });
    return all;
}

TEST(Strings, AreRunsOfTextThatEndWithANul) {
    EXPECT_EQ(strings_of("a\0\x01"
                         "bc\0\0d\x80"
                         "e\0not ended"s),
              (std::vector<std::string>{"a", "bc", "e"}));
    EXPECT_EQ(strings_of(""), std::vector<std::string>{});
}

TEST(Strings, OfOneEndingAreFoundWhole) {
    std::string bytes = "/lib/\0/usr/lib/\0/lib\0\x02/\0x/\nlib/\0"s;
    EXPECT_EQ(strings_of(bytes, "/"), (std::vector<std::string>{"/lib/", "/usr/lib/", "/", "lib/"}));
    EXPECT_EQ(strings_of(bytes, "lib"), std::vector<std::string>{"/lib"});
    EXPECT_EQ(strings_of("\x01"
                         "b\0"s,
                         "ab"),
              std::vector<std::string>{});
}

TEST(Strings, EndWithTheFirstThatIsWanted) {
    std::string bytes = "a\0b\0c\0"s;
    int visited = 0;
    EXPECT_TRUE(for_each_string(View(std::as_bytes(std::span(bytes)), 0), [&](std::string_view text) { return ++visited, text == "b"; }));
    EXPECT_EQ(visited, 2);
}

}  // namespace
}  // namespace abiscope::target
