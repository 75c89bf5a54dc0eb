// What in a text of C relies on the order of a struct's members, and what only looks as if it did.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "abi/profile_catalogue.h"
#include "source/c_source.h"
#include "source/clang_module.h"

namespace abiscope::source {
namespace {

class RecordTexts : public testing::Test {
protected:
    void SetUp() override {
        if (auto module = open_clang(); !module) GTEST_SKIP() << module.error().describe();
    }

    // Why struct s, or another, has to stay as it is. Line 1 of the text holds the structs, line 2 the body.
    static std::string why(std::string_view body, std::string_view name = "s") {
        std::string text =
            "struct s { char a; long b; char c; }; struct outer { int k; struct s in; int n; }; struct list { struct s all[2]; };\n" +
            std::string(body) + "\n";
        CSource source(
            {.name = "t.c", .text = text, .language = abi::Language::c, .texts = true, .types = {}, .functions = {}, .flags = {}});
        auto found = source.declarations(*abi::find_profile("sysv-amd64"));
        if (!found) return found.error().describe();
        for (const RecordText& record : (*found)->texts) {
            if ((*found)->types.at(record.type).name == name) return record.fixed_because;
        }
        return "no such struct";
    }
};

constexpr std::string_view by_position = "t.c:2 gives its members by position";

TEST_F(RecordTexts, SeePositionsWithoutBraces) {
    EXPECT_EQ(why("struct s x = { 1, 2, 3 };"), by_position);
    EXPECT_EQ(why("struct s x[2] = { 1, 2, 3, 4, 5, 6 };"), by_position);
    EXPECT_EQ(why("void f(void) { struct s x[] = { 7 }; }"), by_position);
    EXPECT_EQ(why("struct outer x = { 1, 2, 3, 4, 5 };"), by_position);
    EXPECT_EQ(why("struct outer x = { 1, 2, 3, 4, 5 };", "outer"), by_position);
    EXPECT_EQ(why("struct outer x = { .k = 1, 2, 3, 4, 5 };"), by_position);
    EXPECT_EQ(why("struct outer x = { .in = { 1, 2, 3 } };"), by_position);
    EXPECT_EQ(why("struct outer x = { .in.a = 1, 2 };"), by_position);
    EXPECT_EQ(why("struct outer x = { .in = { .a = 1 }, .in.b = 2, 3 };"), by_position);
    EXPECT_EQ(why("struct outer f(struct s y) { return (struct outer){ .in = y, .in.b = 2, 3 }; }"), by_position);
    EXPECT_EQ(why("struct list x = { { 1, 2, 3, 4, 5, 6 } };"), by_position);
    EXPECT_EQ(why("struct list x = { .all[1] = { 1, 2, 3 } };"), by_position);
    EXPECT_EQ(why("union u { struct s in; long n; } x = { 1, 2, 3 };"), by_position);
    EXPECT_EQ(why("long f(void) { return ((struct { struct s in; int z; }){ 1, 2, 3, 4 }).in.b; }"), by_position);
    EXPECT_EQ(why("struct outer f(struct s y) { return (struct outer){ 1, y, 3 }; }", "outer"), by_position);
}

TEST_F(RecordTexts, SeeNoPositionInDesignators) {
    EXPECT_EQ(why("struct s x = { 0 }, y[3] = { 0 }, z = { .b = 1, .a = 2 };"), "");
    EXPECT_EQ(why("struct outer x = { 0 }, y[3] = { { 0 } };"), "");
    EXPECT_EQ(why("struct outer x = { .in.b = 1, .n = 2 };"), "");
    EXPECT_EQ(why("struct outer x = { .in.b = 1, .n = 2 };", "outer"), "");
    EXPECT_EQ(why("struct outer x = { .in = { .b = 1 }, .in.a = 2 };"), "");
    EXPECT_EQ(why("struct s x[2] = { [0].a = 1, [1].b = 2, [1].c = 3 };"), "");
    EXPECT_EQ(why("struct outer f(struct s y) { return (struct outer){ 1, y, 3 }; }"), "");
    EXPECT_EQ(why("struct outer f(struct s y) { return (struct outer){ .in = y, .in.b = 2 }; }", "outer"), "");
}

}  // namespace
}  // namespace abiscope::source
