// Texts of structs with their members in another order: what moves with a member, and what is left alone.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "source/go_syntax.h"
#include "source/reorder.h"

namespace abiscope::source {
namespace {

// The record of a C text whose members are the words before each `;` or `,` that stand in `members`.
RecordText record_of(std::string_view text, const std::vector<std::string_view>& members) {
    RecordText out;
    out.body_begin = text.find('{') + 1;
    out.body_end = text.rfind('}');
    for (std::string_view member : members) {
        std::size_t begin = text.find(member);
        out.members.push_back({begin, begin + member.size()});
    }
    return out;
}

Reordered reordered(std::string_view text, const std::vector<std::string_view>& members, std::vector<std::uint32_t> order) {
    RecordText record = record_of(text, members);
    MemberOrder wanted{&record, std::move(order)};
    return reorder_members(text, abi::Language::c, {&wanted, 1});
}

TEST(Reorder, MovesAMemberWithItsComments) {
    Reordered made = reordered(
        "struct s {  // of s\n"
        "    // a\n"
        "    char a;  /* behind a\n"
        "                and below */\n"
        "    long b;  // behind b\n"
        "             // below b\n"
        "\n"
        "    /* c */\n"
        "    char c;\n"
        "    // the end\n"
        "};\n",
        {"char a", "long b", "char c"}, {1, 0, 2});
    EXPECT_EQ(made.refused, std::vector<std::string>{""});
    EXPECT_EQ(made.text,
              "struct s {  // of s\n"
              "    long b;  // behind b\n"
              "             // below b\n"
              "    // a\n"
              "    char a;  /* behind a\n"
              "                and below */\n"
              "\n"
              "    /* c */\n"
              "    char c;\n"
              "    // the end\n"
              "};\n");
}

TEST(Reorder, LeavesNoBlankLineBehindTheBrace) {
    EXPECT_EQ(reordered("struct s {\n    char a;\n\n    long b;\n};\n", {"char a", "long b"}, {1, 0}).text,
              "struct s {\n    long b;\n    char a;\n};\n");
}

TEST(Reorder, WorksInOneLine) {
    EXPECT_EQ(reordered("struct s { char a; long b; };", {"char a", "long b"}, {1, 0}).text, "struct s { long b; char a; };");
}

TEST(Reorder, TakesTheInnerStructAlong) {
    std::string_view text = "struct s {\n    char a;\n    struct t {\n        char x;\n        long y;\n    } b;\n};\n";
    RecordText outer = record_of(text, {"char a"});
    std::size_t begin = text.find("struct t"), end = text.find(" b;") + 2;
    outer.members.push_back({begin, end});
    RecordText inner = record_of(text, {"char x", "long y"});
    inner.body_begin = text.find('{', begin) + 1;
    inner.body_end = text.find('}', begin);
    std::vector<MemberOrder> wanted{{&outer, {1, 0}}, {&inner, {1, 0}}};
    EXPECT_EQ(reorder_members(text, abi::Language::c, wanted).text,
              "struct s {\n    struct t {\n        long y;\n        char x;\n    } b;\n    char a;\n};\n");
}

std::string refusal(std::string_view text, const std::vector<std::string_view>& members, std::vector<std::uint32_t> order) {
    Reordered made = reordered(text, members, std::move(order));
    EXPECT_EQ(made.text, text);
    return made.refused.front();
}

TEST(Reorder, RefusesWhatItDoesNotUnderstand) {
    EXPECT_EQ(refusal("struct s {\n    char a;\n#ifdef X\n    int x;\n#endif\n    long b;\n};", {"char a", "long b"}, {1, 0}),
              "line 3: a preprocessor directive stands between its members");
    EXPECT_EQ(refusal("struct s {\n    char a;\n    MORE\n    long b;\n};", {"char a", "long b"}, {1, 0}),
              "line 3: what stands between its members is not understood");
    EXPECT_EQ(refusal("struct s {\n    char a; long b;\n};", {"char a", "long b"}, {1, 0}),
              "line 2: its members, or its braces, share a line");
    EXPECT_EQ(refusal("struct s { char a;\n    long b;\n};", {"char a", "long b"}, {1, 0}),
              "line 1: its members, or its braces, share a line");
    EXPECT_EQ(refusal("struct s {\n    char a;\n    long b; };", {"char a", "long b"}, {1, 0}), "line 3: its closing brace shares a line");
}

TEST(Reorder, KeepsTogetherWhatIsDeclaredTogether) {
    std::string_view text = "struct s {\n    char a, *b;\n    long c;\n};\n";
    RecordText record = record_of(text, {"char a", "char a, *b", "long c"});
    MemberOrder parting{&record, {1, 2, 0}};
    EXPECT_EQ(reorder_members(text, abi::Language::c, {&parting, 1}).refused.front(),
              "line 2 declares members that would part: give each a declaration of its own");
    MemberOrder together{&record, {2, 0, 1}};
    EXPECT_EQ(reorder_members(text, abi::Language::c, {&together, 1}).text, "struct s {\n    long c;\n    char a, *b;\n};\n");
}

TEST(Reorder, KnowsTheTextOfGo) {
    std::string_view text =
        "package p\n"
        "type S struct {\n"
        "\tA bool `json:\"a\"` // behind A\n"
        "\t*T\n"
        "\tB, C int8; /* both */\n"
        "\tD struct {\n\t\tx int\n\t}\n"
        "}\n"
        "type O struct { a int8; b int64 }\n";
    auto file = parse_go(text);
    ASSERT_TRUE(file);
    std::vector<RecordText> records;
    for (const GoTypeDeclaration& declaration : file->declarations) {
        const GoType& body = file->types[declaration.type];
        RecordText& record = records.emplace_back();
        record.body_begin = body.body_begin;
        record.body_end = body.body_end;
        for (const GoField& field : body.fields) record.members.push_back({field.begin, field.end});
    }
    std::vector<MemberOrder> wanted{{&records[0], {1, 4, 0, 2, 3}}, {&records[1], {1, 0}}};
    Reordered made = reorder_members(text, abi::Language::go, wanted);
    EXPECT_EQ(made.refused, (std::vector<std::string>{"", ""}));
    EXPECT_EQ(made.text,
              "package p\n"
              "type S struct {\n"
              "\t*T\n"
              "\tD struct {\n\t\tx int\n\t}\n"
              "\tA bool `json:\"a\"` // behind A\n"
              "\tB, C int8; /* both */\n"
              "}\n"
              "type O struct { b int64; a int8 }\n");
}

TEST(Reorder, IsTotal) {
    for (std::string_view text : {"", "{", "struct s {", "}{", "struct s {\n/*", "struct s { a; b; }//"}) {
        RecordText record{.type = {}, .body_begin = 0, .body_end = text.size(), .members = {{0, 1}, {1, 3}, {2, 2}}, .fixed_because = {}};
        for (abi::Language language : {abi::Language::c, abi::Language::go}) {
            MemberOrder wanted{&record, {2, 1, 0}};
            EXPECT_EQ(reorder_members(text, language, {&wanted, 1}).text, text);
        }
    }
}

}  // namespace
}  // namespace abiscope::source
