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

constexpr std::string_view first_member = "struct base { int kind; }; struct middle { struct base b; }; ";

std::string after(std::string_view before, std::string_view rest) { return std::string(before) + std::string(rest); }

TEST_F(RecordTexts, SeeCastsBetweenPointersToStructs) {
    constexpr std::string_view derived = "struct t { struct middle m; char a; long b; char c; }; ";
    std::string text = after(first_member, derived);
    EXPECT_EQ(why(text + "int f(struct t *p) { return ((struct base *)p)->kind; }", "t"), "t.c:2 casts a pointer to it to 'struct base *'");
    EXPECT_EQ(why(text + "long f(const struct base *p) { return ((const struct t *)p)->b; }", "t"),
              "t.c:2 casts a pointer to it from 'struct base *'");
    EXPECT_EQ(why(text + "struct base *f(struct t *p) { return p; }", "t"), "t.c:2 casts a pointer to it to 'struct base *'");
    EXPECT_EQ(why(text + "int f(struct t *p) { return ((struct base *)p)->kind; }", "base"), "");
    EXPECT_EQ(why(text + "int f(struct t *p) { return *(int *)p; }", "t"), "t.c:2 casts a pointer to it to 'int *'");
    EXPECT_EQ(why(text + "struct s *f(struct t *p) { return (struct s *)p; }", "t"), "t.c:2 casts a pointer to it to 'struct s *'");
    EXPECT_EQ(why(text + "struct s *f(struct t *p) { return (struct s *)p; }"), "t.c:2 casts a pointer to it from 'struct t *'");
    EXPECT_EQ(why(text + "union u { struct t t; struct s s; }; struct base *f(union u *p) { return (struct base *)p; }", "t"),
              "t.c:2 casts a pointer to it to 'struct base *'");
    EXPECT_EQ(
        why(text + "struct base *f(struct t *p) { return &p->m.b; } void g(void *); void h(struct t *p) { g(p); g((char *)p + 1); }", "t"),
        "");
    EXPECT_EQ(
        why("void *f(int); struct s *g(void) { return (struct s *)f(1); } const struct s *h(struct s *p) { return (const struct s *)p; }"),
        "");
}

TEST_F(RecordTexts, SeeOffsetsAndAssertions) {
    EXPECT_EQ(why("int o = __builtin_offsetof(struct s, b);"), "t.c:2 takes the offset of a member of it");
    EXPECT_EQ(why("unsigned long o = (unsigned long)&((struct s *)0)->b;"), "t.c:2 takes the offset of a member of it");
    EXPECT_EQ(why("int o = __builtin_offsetof(struct outer, in.b);"), "t.c:2 takes the offset of a member of it");
    EXPECT_EQ(why("struct s *f(long *p) { return (struct s *)((char *)p - __builtin_offsetof(struct s, b)); }"), "");
    EXPECT_EQ(why("struct s *f(long *p) { return (struct s *)((char *)p - (unsigned long)&((struct s *)0)->b); }"), "");
    EXPECT_EQ(why("_Static_assert(__builtin_offsetof(struct s, b) == 8, \"\");"), "t.c:2 asserts the offset of a member");
    EXPECT_EQ(why("_Static_assert(1 + sizeof(struct outer) == 41, \"\");"), "t.c:2 asserts its size or alignment");
    EXPECT_EQ(why("_Static_assert(sizeof(struct list) == 48, \"\");"), "t.c:2 asserts its size or alignment");
    EXPECT_EQ(why("typedef char right[sizeof(struct s) == 24 ? 1 : -1];"), "t.c:2 compares its size with a number");
    EXPECT_EQ(why("void *f(unsigned long); struct s *g(void) { return f(sizeof(struct s)); } long h(struct s *p) { return p[1].b; }"), "");
}

TEST_F(RecordTexts, SeeUnionsWhoseMembersBeginAlike) {
    EXPECT_EQ(why("union u { char tag; struct s s; };"), "t.c:2 holds it in a union beside another member that begins alike");
    EXPECT_EQ(why("union u { struct { char tag; } any; struct s s; };"),
              "t.c:2 holds it in a union beside another member that begins alike");
    EXPECT_EQ(why("union u { struct s s; struct s again[3]; long n; };"), "");
}

}  // namespace
}  // namespace abiscope::source
