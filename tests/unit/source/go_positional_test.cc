// Which composite literals of Go rely on the order of members, and what only looks like one.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "source/go_positional.h"

namespace abiscope::source {
namespace {

// Line of the first literal of T that gives members by position; 0: there is none.
std::uint32_t line(std::string_view body) {
    std::string text = "package p\ntype T struct { a, b int }\ntype L []T\ntype M map[string]*T\n" + std::string(body);
    std::vector<GoFile> files;
    auto file = parse_go(text);
    if (!file) return 9999;
    files.push_back(*std::move(file));
    auto found = positional_literals(files, go_type_names(files));
    auto at = found.find("T");
    return at == found.end() ? 0 : at->second.line;
}

TEST(GoPositional, FindsThem) {
    EXPECT_EQ(line("var x = T{1, 2}"), 5U);
    EXPECT_EQ(line("var x = &T{f(), 2}"), 5U);
    EXPECT_EQ(line("func f() T {\n\treturn T{1, 2}\n}"), 6U);
    EXPECT_EQ(line("var x = []T{{a: 1},\n{1, 2}}"), 6U);
    EXPECT_EQ(line("var x = [...]*T{\n{1, 2}}"), 6U);
    EXPECT_EQ(line("var x = map[string]T{\"a\": {1, 2}}"), 5U);
    EXPECT_EQ(line("var x = map[T]int{{1, 2}: 3}"), 5U);
    EXPECT_EQ(line("var x = [2][2]T{{{1, 2}}}"), 5U);
    EXPECT_EQ(line("var x = L{{1, 2}}"), 5U);
    EXPECT_EQ(line("var x = M{\"a\": {1, 2}}"), 5U);
    EXPECT_EQ(line("func f() {\n\tfor _, x := range []T{{1, 2}} {\n\t}\n}"), 6U);
    EXPECT_EQ(line("func f() {\n\tif x := (T{1, 2}); x.a > 0 {\n\t}\n}"), 6U);
    EXPECT_EQ(line("func f() {\n\tg(func() T { return T{1, 2} })\n}"), 6U);
}

TEST(GoPositional, FindsThemUnderOtherNames) {
    constexpr std::string_view names = "type A = T; type I T; type J = I; type P []*A; ";
    auto under = [&](std::string_view body) { return line(std::string(names) + std::string(body)); };
    EXPECT_EQ(under("var x = A{1, 2}"), 5U);
    EXPECT_EQ(under("var x = I{1, 2}"), 5U);
    EXPECT_EQ(under("var x = &J{1, 2}"), 5U);
    EXPECT_EQ(under("var x = []A{{1, 2}}"), 5U);
    EXPECT_EQ(under("var x = map[string]*J{\"a\": {1, 2}}"), 5U);
    EXPECT_EQ(under("var x = P{{1, 2}}"), 5U);
    EXPECT_EQ(under("func f() {\n\ttype (\n\t\tX = T\n\t\tY []X\n\t)\n\tuse(X{1, 2})\n}"), 10U);
    EXPECT_EQ(under("func f() {\n\ttype Y []A\n\tuse(Y{{1, 2}})\n}"), 7U);
    EXPECT_EQ(under("var x = y * T{1, 2}.size()"), 5U);
    EXPECT_EQ(under("var x = A{a: 1}; var y = P{z}"), 0U);
    EXPECT_EQ(line("type A = T[int]; var x = T[int]{1, 2}"), 5U);
    EXPECT_EQ(line("type A = T[int]; var x = A{1, 2}"), 5U);
}

TEST(GoPositional, IsNotMistaken) {
    EXPECT_EQ(line("var x = T{}"), 0U);
    EXPECT_EQ(line("var x = T{a: 1, b: 2}"), 0U);
    EXPECT_EQ(line("var x = []T{{a: 1}, {}}"), 0U);
    EXPECT_EQ(line("var x = []T{y, z}"), 0U);
    EXPECT_EQ(line("var x = L{y, T{a: 1}}"), 0U);
    EXPECT_EQ(line("var x = other.T{1, 2}"), 0U);
    EXPECT_EQ(line("var x = [][]int{{1, 2}}"), 0U);
    EXPECT_EQ(line("func f() T {\n\treturn y\n}"), 0U);
    EXPECT_EQ(line("func (t *T) f(x int) (r T) {\n\tr = y\n\treturn\n}"), 0U);
    EXPECT_EQ(line("func f() map[string]T {\n\treturn nil\n}"), 0U);
    EXPECT_EQ(line("func f() {\n\tfor T := range y {\n\t\tuse(T)\n\t}\n\tif y == T {\n\t\tuse()\n\t}\n\tswitch T {\n\tcase 1:\n\t}\n}"),
              0U);
    EXPECT_EQ(line("type U struct { t T }\ntype I interface { f() T }"), 0U);
}

TEST(GoPositional, IsTotal) {
    for (std::string_view text : {"func", "func (", "func f() T {", "var x = T{", "}", "var x = []T{{", "if", "{"}) {
        std::vector<GoFile> files(1);
        files.front().lexed = go_tokens(text);
        EXPECT_LE(positional_literals(files, go_type_names(files)).size(), 1U);
    }
}

}  // namespace
}  // namespace abiscope::source
