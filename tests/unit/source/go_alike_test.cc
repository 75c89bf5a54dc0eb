// Which structs of Go are the same type but for their names, and are taken for one another.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "source/go_alike.h"

namespace abiscope::source {
namespace {

// What T is alike: names, or "line N" of a struct without a name.
std::string alike(std::string_view body) {
    std::string text = "package p\ntype T struct { a bool; b, c int64 `json:\"x\"`; *E }\n" + std::string(body);
    std::vector<GoFile> files;
    auto file = parse_go(text);
    if (!file) return file.error().describe();
    files.push_back(*std::move(file));
    auto found = alike_structs(files, go_type_names(files));
    auto at = found.find("T");
    if (at == found.end()) return "nothing";
    if (at->second.nameless) return "line " + std::to_string(at->second.place.line);
    std::string out;
    for (std::string_view name : at->second.names) out += std::string(name) + " ";
    return out + "by line " + std::to_string(at->second.place.line);
}

TEST(GoAlike, FindsConversions) {
    constexpr std::string_view u = "type U struct {\n\ta bool\n\tb int64\n\tc int64\n\t*E\n}\n";
    auto with_u = [&](std::string_view body) { return alike(std::string(u) + std::string(body)); };
    EXPECT_EQ(with_u("func f(t T) U { return U(t) }"), "U by line 9");
    EXPECT_EQ(with_u("func f(u U) T { return T(u) }"), "U by line 9");
    EXPECT_EQ(with_u("func f(t *T) *U { return (*U)(t) }"), "U by line 9");
    EXPECT_EQ(with_u("type A = U; type D A\nfunc f(t T) D { return D(t) }"), "U by line 10");
    EXPECT_EQ(with_u("func f(t T) { type X = U\n\tuse(X(t)) }"), "U by line 10");
    EXPECT_EQ(with_u("func f(t T) U { return U{} }"), "nothing");
    EXPECT_EQ(with_u("func f(t T) U { return p.U(t) }"), "nothing");
    EXPECT_EQ(alike("type I = int64; type U struct { a bool; b, c I; *E }\nvar x = U(y)"), "U by line 4");
    EXPECT_EQ(alike("type U struct { b, c int64; a bool; *E }\nvar x = U(y)"), "nothing");
    EXPECT_EQ(alike("type U struct { a bool; b, c int32; *E }\nvar x = U(y)"), "nothing");
    EXPECT_EQ(alike("type U struct { a bool; b, c int64; E }\nvar x = U(y)"), "nothing");
}

TEST(GoAlike, FindsStructsWithoutAName) {
    EXPECT_EQ(alike("var x T = struct { a bool; b int64; c int64; *E }{c: 1}"), "line 3");
    EXPECT_EQ(alike("func f() {\n\tx := []struct {\n\t\ta bool\n\t\tb, c int64\n\t\t*E\n\t}{}\n}"), "line 4");
    EXPECT_EQ(alike("type A = struct { a bool; b, c int64; *E }"), "line 3");
    EXPECT_EQ(alike("func f() {\n\ttype L struct { a bool; b, c int64; *E }\n}"), "line 4");
    EXPECT_EQ(alike("type U struct { in struct { a bool; b, c int64; *E } }"), "line 3");
    EXPECT_EQ(alike("var x = struct { a bool; b int64 }{}"), "nothing");
}

TEST(GoAlike, IsTotal) {
    for (std::string_view text : {"struct {", "struct", "type T struct { a", "} struct { ; }", "x struct { a , }", "struct { a, b", "("}) {
        std::vector<GoFile> files(1);
        files.front().lexed = go_tokens(text);
        EXPECT_TRUE(alike_structs(files, go_type_names(files)).empty());
    }
}

}  // namespace
}  // namespace abiscope::source
