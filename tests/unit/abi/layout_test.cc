// What the compilers were seen to do (gcc 12.2, clang 19.1.7, MinGW-w64 gcc 12, cross gcc 12), transcribed: size, alignment and, where it
// says something, one member's offset. tests/differential/abi_layouts.py asks the compilers themselves about thousands more.
#include "abi/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "abi/profile_catalogue.h"
#include "support/type_text.h"

namespace abiscope::abi {
namespace {

struct Case {
    const char* name;      // of the last type declared
    const char* text;      // type_text.h
    const char* expected;  // profile: SIZE/ALIGNMENT@OFFSET in bytes of member x, ...
};

std::string shown(const char* profile_name, const Case& c) {
    test::TypeText text(c.text);
    auto profile = find_profile(profile_name);
    if (!profile) return profile.error().describe();
    TypeId id = text.named.back().second;
    auto layout = lay_out(text.table, id, *profile);
    if (!layout) return "error";
    std::string result = std::to_string(layout->size) + "/" + std::to_string(layout->alignment);
    for (const Placed& placed : layout->placed) {
        if (placed.name == "x" && placed.role == Role::member) result += "@" + std::to_string(placed.bit_offset / 8);
    }
    return result;
}

constexpr Case cases[] = {
    {"double behind char", "struct s c\nfield a char\nfield x double\nend",
     "sysv-amd64 16/8@8, sysv-i386 12/4@4, win32-msvc 16/8@8, win32-mingw 16/8@8, aapcs32 16/8@8"},
    {"long double behind char", "struct s c\nfield a char\nfield x ldouble\nend",
     "sysv-amd64 32/16@16, win64-msvc 16/8@8, win64-mingw 32/16@16, sysv-i386 16/4@4, win32-mingw 16/4@4, aapcs64 32/16@16, apple-arm64 16/8@8"},
    {"__int128", "struct s c\nfield a char\nfield x int128\nend",
     "sysv-amd64 32/16@16, sysv-i386 error, win64-msvc 32/16@16, win64-msvc/msvc-19 error"},
    {"a destructor that constraints keep out",
     "struct t cxx\nspecial destructor defaulted\nineligible\nfield a int\nfield b char\nend\nstruct s cxx\nbase t\nfield x char\nend",
     "sysv-amd64/gcc-12 12/4@8, sysv-amd64/clang-19 8/4@5, apple-arm64 12/4@8"},
    {"empty struct of C", "struct s c\nend", "sysv-amd64 0/1, win64-msvc 4/1, win64-mingw 0/1, win64-msvc/msvc-19 error"},
    {"empty member of C", "struct e c\nend\nstruct s c\nfield a char\nfield e e\nfield x int\nend",
     "sysv-amd64 8/4@4, win64-msvc 12/4@8, win64-mingw 8/4@4"},
    {"bit-field, then char", "struct s c\nfield a int bits=3\nfield x char\nend",
     "sysv-amd64 4/4@1, win64-msvc 8/4@4, win64-mingw 8/4@4, aapcs64 4/4@1"},
    {"types of one run differ", "struct s c\nfield a int bits=31\nfield b llong bits=2\nend",
     "sysv-amd64 8/8, win64-msvc 16/8, win64-mingw 16/8, sysv-i386 8/4"},
    {"zero width behind char", "struct s c\nfield a char\nfield - int bits=0\nfield x char\nend",
     "sysv-amd64 5/1@4, aapcs64 8/4@4, apple-arm64 5/1@4, win64-msvc 2/1@1, win64-mingw 2/1@1, lp64d-riscv64 5/1@4"},
    {"zero width of long long", "struct s c\nfield a char\nfield - llong bits=0\nfield x char\nend",
     "sysv-amd64 9/1@8, sysv-i386 5/1@4, aapcs64 16/8@8, win64-msvc 2/1@1"},
    {"unnamed bit-field", "struct s c\nfield a char\nfield - int bits=5\nend",
     "sysv-amd64 2/1, aapcs64 4/4, win64-msvc 8/4, apple-arm64 2/1"},
    {"zero width in a union", "union s c\nfield a char\nfield - llong bits=0\nend", "sysv-amd64 1/1, aapcs64 8/8, win64-msvc 1/1"},
    {"bit-field in a union", "union s c\nfield a int bits=3\nfield b char\nend",
     "sysv-amd64 4/4, win64-msvc 4/1, win64-mingw/clang-19 4/1, win64-mingw/gcc-12 4/4"},
    {"pack(1) and an aligned member", "struct s c pack=1\nfield a char\nfield x int align=8\nend",
     "sysv-amd64 5/1@1, win64-msvc 16/8@8, win64-mingw 5/1@1"},
    {"pack(2) and a bit-field", "struct s c pack=2\nfield a char\nfield b int bits=20\nfield x char\nend",
     "sysv-amd64 6/2@4, win64-msvc 8/2@6, win64-mingw 8/2@6"},
    {"packed bit-fields", "struct s c packed\nfield a char\nfield x int\nfield c short bits=3\nfield d int bits=30\nend",
     "sysv-amd64 10/1@1, win64-msvc 11/1@1, win64-mingw/clang-19 12/4@1, win64-mingw/gcc-12 11/1@1"},
    {"typedef with less alignment", "alias t int align=1\nstruct s c\nfield a char\nfield x t\nend",
     "sysv-amd64 5/1@1, win64-msvc 8/4@4, win64-mingw/clang-19 8/4@4, win64-mingw/gcc-12 5/1@1"},
    {"bit-field of an aligned typedef", "alias t int align=16\nstruct s c\nfield a int\nfield b t bits=5\nfield x char\nend",
     "sysv-amd64 32/16@17, win64-msvc 32/16@20, win64-mingw/clang-19 12/4@8, win64-mingw/gcc-12 32/16@20"},
    {"flexible tail", "struct s c\nfield n long\nfield c char\nfield x flexible(char)\nend",
     "sysv-amd64 16/8@9, win64-msvc 8/4@5, sysv-i386 8/4@5"},
    {"enumeration of 33 bits", "enum e 0 8589934591\nstruct s c\nfield x e\nend", "sysv-amd64 8/8@0, win64-msvc 4/4@0, sysv-i386 8/4@0"},
    {"packed enumeration", "enum e 0 1 packed\nstruct s c\nfield x e\nend", "sysv-amd64 1/1@0, win64-msvc 4/4@0, win64-mingw 1/1@0"},
    {"vector of 32 bytes", "struct s c\nfield a char\nfield x vector(8,float)\nend",
     "sysv-amd64 64/32@32, aapcs64 48/16@16, apple-arm64 48/16@16"},
    {"_Atomic struct of three", "struct t c\nfield a array(3,char)\nend\nstruct s c\nfield a char\nfield x atomic(t)\nend",
     "sysv-amd64/gcc-12 4/1@1, sysv-amd64/clang-19 8/4@4"},
    {"_Atomic long long", "struct s c\nfield a char\nfield x atomic(llong)\nend",
     "sysv-amd64 16/8@8, sysv-i386/gcc-12 16/8@8, sysv-i386/clang-19 16/8@8"},
    {"_BitInt(65)", "struct s c\nfield x bitint(65)\nend",
     "sysv-amd64/clang-19 16/8@0, sysv-i386/clang-19 12/4@0, aapcs64/clang-19 16/16@0, sysv-amd64/gcc-12 error"},
    {"empty base", "struct e cxx\nend\nstruct s cxx\nbase e\nfield x int\nend", "sysv-amd64 4/4@0, win64-msvc 4/4@0"},
    {"two empty bases", "struct e cxx\nend\nstruct f cxx\nend\nstruct s cxx\nbase e\nbase f\nfield x int\nend",
     "sysv-amd64 4/4@0, win64-msvc 8/4@4"},
    {"two empty bases, shared", "struct e cxx\nend\nstruct f cxx\nend\nstruct s cxx empty_bases\nbase e\nbase f\nfield x int\nend",
     "win64-msvc 4/4@0"},
    {"tail of a class with a constructor",
     "struct b cxx\nspecial default_constructor user_provided\nfield i int\nfield c char\nend\nstruct s cxx\nbase b\nfield x char\nend",
     "sysv-amd64 8/4@5, win64-msvc 12/4@8, apple-arm64 8/4@5"},
    {"tail of a POD", "struct b cxx\nfield i int\nfield c char\nend\nstruct s cxx\nbase b\nfield x char\nend",
     "sysv-amd64 12/4@8, apple-arm64 12/4@8"},
    {"tail of private members", "struct b cxx\nfield i int private\nfield c char private\nend\nstruct s cxx\nbase b\nfield x char\nend",
     "sysv-amd64 8/4@5, apple-arm64 12/4@8"},
    {"tail of a defaulted constructor",
     "struct b cxx\nspecial default_constructor defaulted\nfield i int\nfield c char\nend\nstruct s cxx\nbase b\nfield x char\nend",
     "sysv-amd64/gcc-12 12/4@8, sysv-amd64/gcc-12/c++20 8/4@5, sysv-amd64/clang-19/c++20 12/4@8"},
    {"tail of default initializers", "struct b cxx\nfield i int init\nfield c char init\nend\nstruct s cxx\nbase b\nfield x char\nend",
     "sysv-amd64/gcc-12 8/4@5, sysv-amd64/clang-19 8/4@5, apple-arm64 8/4@5"},
    {"virtual base", "struct b cxx\nfield i int\nend\nstruct s cxx\nbase b virtual\nfield x char\nend",
     "sysv-amd64 16/8@8, win64-msvc 24/8@8, win32-msvc 12/4@4"},
    {"virtual base and function", "struct b cxx\nfield i int\nend\nstruct s cxx\nbase b virtual\nvirtual g\nfield x int\nend",
     "sysv-amd64 16/8@8, win64-msvc 32/8@16, win32-msvc 16/4@8"},
    {"diamond",
     "struct b cxx\nfield i int\nend\nstruct l cxx\nbase b virtual\nfield a int\nend\nstruct r cxx\nbase b virtual\nfield b int\nend\nstruct s "
     "cxx\nbase l\nbase r\nfield x int\nend",
     "sysv-amd64 40/8@28, win64-msvc 48/8@32, sysv-i386 24/4@16, win32-msvc 24/4@16"},
    {"no_unique_address", "struct e cxx\nend\nstruct s cxx\nfield c char\nfield e e nua\nend", "sysv-amd64 1/1, win64-msvc 2/1"},
    {"msvc::no_unique_address", "struct e cxx\nend\nstruct s cxx\nfield c char\nfield e e mnua\nend", "win64-msvc 1/1, win64-mingw 2/1"},
    {"packed with a class member",
     "struct n cxx\nspecial default_constructor user_provided\nfield i int\nfield c char\nend\nstruct s cxx packed\nfield c char\nfield x n\nend",
     "sysv-amd64 12/4@4, apple-arm64 9/1@1, win64-msvc 9/1@1"},
    {"bit-field wider than its type", "struct s cxx\nfield w char bits=20\nfield x char\nend", "sysv-amd64 4/2@3, win64-msvc error"},
    {"pointers to members of a virtual base",
     "struct b cxx\nfield i int\nend\nstruct d cxx\nbase b virtual\nfield c int\nend\nstruct s cxx\nfield m data_member(d)\nfield x function_member(d)\nend",
     "sysv-amd64 24/8@8, win64-msvc 24/8@8, win32-msvc 24/8@8, sysv-i386 12/4@4"},
    {"[[no_unique_address]] and an empty virtual base that has a base",
     "struct e cxx\nend\nstruct f cxx\nbase e\nend\nstruct v cxx\nvirtual g()\nfield e e nua\nfield l long\nend\n"
     "struct b cxx\nbase f virtual\nbase v\nend\nstruct s cxx\nfield b b nua\nfield x char\nend",
     "sysv-amd64/gcc-12 24/8@17, sysv-amd64/clang-19 24/8@16"},
    {"[[no_unique_address]] and an empty virtual base without anything",
     "struct e cxx\nend\nstruct v cxx\nvirtual g()\nfield e e nua\nfield l long\nend\n"
     "struct b cxx\nbase e virtual\nbase v\nend\nstruct s cxx\nfield b b nua\nfield x char\nend",
     "sysv-amd64/gcc-12 24/8@16, sysv-amd64/clang-19 24/8@16"},
    {"ms_struct aligns what is no flexible tail", "struct s c style=ms\nfield a int\nfield x llong\nend",
     "sysv-i386/clang-19 16/8@8, sysv-i386/gcc-12 16/8@8"},
    {"ms_struct and a flexible tail", "struct s c style=ms\nfield a int\nfield x flexible(llong)\nend",
     "sysv-i386/clang-19 4/4@4, sysv-i386/gcc-12 8/8@8"},
    {"an empty [[no_unique_address]] member behind a bit-field",
     "struct e cxx\nend\nstruct b cxx\nspecial default_constructor user_provided\nfield c char\nfield - llong bits=3\nfield e e nua\nend\n"
     "struct s cxx\nbase b\nfield x char\nend",
     "win64-mingw/gcc-12 16/8@9, sysv-amd64/gcc-12 3/1@2"},
    {"what is left of a bit-field wider than its type is a bit-field of char",
     "struct s cxx packed\nfield b llong bits=128\nfield x char\nend",
     "aapcs32/gcc-12 24/8@16, sysv-i386/gcc-12 17/1@16, sysv-amd64/gcc-12 17/1@16"},
    {"and it starts a byte of its own",
     "struct s cxx packed\nfield a int bits=3\nfield b char bits=9\nfield c int bits=3\nfield x char\nend", "sysv-amd64/gcc-12 4/1@3"},
    {"of GCC, an attribute that asks for less than the type has is none",
     "struct u c style=ms\nfield d double align=2\nend\nstruct s c\nfield a char\nfield x u\nend", "sysv-i386/gcc-12 12/4@4"},
    {"a record of nothing but a _Complex double has its mode",
     "struct u c style=ms\nfield d complex(double)\nend\nstruct s c\nfield a char\nfield x u\nend", "sysv-i386/gcc-12 20/4@4"},
    {"a packed bit-field of an aligned typedef",
     "alias t int align=8\nunion u c pack=16\nfield b t bits=23 packed\nend\nstruct s c\nfield a char\nfield x u\nend",
     "sysv-i386/gcc-12 16/8@8"},
    {"a class that virtual bases align without making it larger",
     "struct e cxx align=32\nend\nstruct v cxx\nbase e virtual\nfield a array(16,char) align=16\nend\nstruct w cxx\nbase e virtual\nfield a array(8,char)\nend\n"
     "struct s cxx\nbase v virtual\nbase w virtual\nfield x int\nend",
     "sysv-amd64/gcc-12 96/32@8, sysv-amd64/clang-19 64/32@8"},
    {"and one that holds a record aligned as its machine mode is",
     "struct e cxx align=16\nend\nunion u cxx align=8\nfield d double\nend\nstruct v cxx\nbase e virtual\nfield a array(4,char)\nfield u u\nend\n"
     "struct f cxx\nvirtual g()\nend\nstruct s cxx\nbase f\nbase v\nfield x char\nend",
     "aapcs32/gcc-12 32/16@24, sysv-i386/gcc-12 48/16@32, aapcs64/gcc-12 48/16@32"},
    {"and one that is derived from such a record",
     "struct e cxx align=32\nend\nstruct p cxx align=16 packed\nfield a short\nend\nstruct d cxx\nbase e virtual\nend\nstruct v cxx\nbase p\nbase d\nend\n"
     "struct w cxx\nfield a array(16,char)\nspecial default_constructor user_provided\nend\nstruct s cxx\nbase v virtual\nbase w virtual\nfield x char\nend",
     "lp64d-riscv64/gcc-12 64/32@8, sysv-amd64/gcc-12 96/32@8"},
    {"an aligned enumeration", "enum e 0 1 align=16\nstruct s c\nfield a char\nfield x e\nend",
     "sysv-amd64/gcc-12 8/4@4, sysv-amd64/clang-19 32/16@16"},
    {"an aligned enumeration of C++", "enum e 0 1 align=16 cxx\nstruct s cxx\nfield a char\nfield x e\nend",
     "sysv-amd64/gcc-12 32/16@16, sysv-amd64/clang-19 32/16@16"},
    {"an enumeration aligned to less", "enum e 0 1 align=2 cxx\nstruct s cxx\nfield a char\nfield x e\nend",
     "sysv-amd64/gcc-12 8/4@4, sysv-amd64/clang-19 6/2@2"},
    {"an enumeration of 64 bits that is aligned to less",
     "enum e 0 9223372036854775807 align=2 cxx\nstruct s cxx\nfield a char\nfield x e\nend",
     "sysv-i386/gcc-12 16/8@8, sysv-i386/clang-19 10/2@2"},
    {"a typedef of an aligned enumeration", "enum e 0 1 align=2\nalias t e align=1\nstruct s c\nfield a char\nfield x t\nend",
     "win64-msvc 6/2@2"},
    {"with MinGW the rest of a wide bit-field counts twice", "struct s cxx packed\nfield a int\nfield b char bits=9\nfield x char\nend",
     "win64-mingw/gcc-12 8/1@7"},
    {"tail of a class whose base has nothing but an unnamed bit-field",
     "struct a cxx\nfield - int bits=21\nend\nstruct b cxx\nbase a\nfield i int\nfield c char\nend\nstruct s cxx\nbase b\nfield x char\nend",
     "apple-arm64/clang-19 16/4@12, aapcs64/clang-19 12/4@9"},
    {"a bit-field wider than its type in a packed union", "union s cxx packed\nfield b char bits=16\nend",
     "aapcs64/gcc-12 2/2, win64-mingw/gcc-12 2/2, sysv-amd64/gcc-12 2/1"},
    {"tail of a class whose first member has the type of a base's base",
     "struct a cxx\nend\nstruct m cxx\nbase a\nend\nstruct b cxx\nbase m\nfield f a\nfield i int\nfield c char\nend\nstruct s cxx\nbase b\nfield x char\nend",
     "apple-arm64/clang-19 16/4@12, aapcs64/clang-19 12/4@9"},
    {"a packed enumeration that is aligned", "enum e 0 1 align=2 packed cxx\nstruct s cxx\nfield a char\nfield x e\nend",
     "sysv-amd64/gcc-12 error"},
    {"tail of a class with an _Atomic member",
     "struct b cxx\nfield i atomic(int)\nfield c char\nend\nstruct s cxx\nbase b\nfield x char\nend",
     "sysv-amd64/clang-19 8/4@5, apple-arm64/clang-19 12/4@8"},
    {"nothing behind a bit-field",
     "struct b cxx\nspecial default_constructor user_provided\nfield c char\nfield - llong bits=3\nend\nstruct s cxx\nbase b\nfield x char\nend",
     "win64-mingw/gcc-12 24/8@16"},
    {"Go: final field without size", "struct z go\nend\nstruct s go\nfield a int64\nfield x z\nend", "go-amd64 16/8@8, go-386 12/4@8"},
    {"Go: complex64", "struct s go\nfield a int32\nfield x complex(float)\nend", "go-amd64 12/4@4"},
    {"Go: atomic.Int64",
     "struct sync/atomic.align64 go\nend\nstruct atomic.Int64 go\nfield _ sync/atomic.align64\nfield v int64\nend\nstruct s go\nfield a int32\nfield x atomic.Int64\nend",
     "go-386 16/8@8, go-amd64 16/8@8"},
};

TEST(Layout, IsWhatTheCompilersWereSeenToDo) {
    for (const Case& c : cases) {
        std::string_view expected = c.expected;
        for (std::string_view part : text::split(expected, ",")) {
            part = text::trim(part);
            std::size_t space = part.find(' ');
            std::string profile(part.substr(0, space));
            EXPECT_EQ(shown(profile.c_str(), c), part.substr(space + 1)) << c.name << " under " << profile;
        }
    }
}

Layout lay_out_text(const char* text, const char* profile) {
    test::TypeText types(text);
    auto layout = lay_out(types.table, types.named.back().second, *find_profile(profile));
    EXPECT_TRUE(layout) << layout.error().describe();
    return layout.value_or(Layout{});
}

std::vector<std::string> reasons(const Layout& layout) {
    std::vector<std::string> list;
    for (const Padding& p : layout.padding) {
        list.push_back(std::to_string(p.bit_offset) + "+" + std::to_string(p.bit_size) + " " + std::to_string(static_cast<int>(p.reason)) +
                       " " + p.before);
        EXPECT_FALSE(p.rule.empty());
    }
    return list;
}

std::string gap(std::uint64_t offset, std::uint64_t size, PaddingReason reason, const std::string& before) {
    return std::to_string(offset) + "+" + std::to_string(size) + " " + std::to_string(static_cast<int>(reason)) + " " + before;
}

TEST(Padding, NamesTheMemberThatCausesIt) {
    auto layout = lay_out_text("struct s c\nfield a char\nfield b int\nfield c short\nend", "sysv-amd64");
    EXPECT_THAT(reasons(layout),
                testing::ElementsAre(gap(8, 24, PaddingReason::member_alignment, "b"), gap(80, 16, PaddingReason::record_tail, "")));
    EXPECT_EQ(layout.padding[0].alignment, 4U);
    EXPECT_THAT(layout.padding[0].rule, testing::HasSubstr("3.1.2"));
}

TEST(Padding, TellsBitFieldsFromMembers) {
    const char* text = "struct s c\nfield a int bits=30\nfield b int bits=5\nfield - int bits=3\nfield - int bits=0\nfield c char\nend";
    EXPECT_THAT(reasons(lay_out_text(text, "sysv-amd64")),
                testing::ElementsAre(gap(30, 2, PaddingReason::bit_field_unit, "b"), gap(37, 3, PaddingReason::unnamed_bit_field, ""),
                                     gap(40, 24, PaddingReason::zero_width_bit_field, ""), gap(72, 24, PaddingReason::record_tail, "")));
    EXPECT_THAT(reasons(lay_out_text("struct s c\nfield a int bits=3\nfield c char\nend", "win64-msvc")),
                testing::ElementsAre(gap(3, 29, PaddingReason::bit_field_end, "c"), gap(40, 24, PaddingReason::record_tail, "")));
}

TEST(Padding, KnowsTailsThatNobodyMayUse) {
    const char* text = "struct b cxx\nfield i int\nfield c char\nend\nstruct s cxx\nbase b\nfield d char\nend";
    EXPECT_THAT(reasons(lay_out_text(text, "sysv-amd64")),
                testing::ElementsAre(gap(40, 24, PaddingReason::base_tail, "d"), gap(72, 24, PaddingReason::record_tail, "")));
    EXPECT_THAT(reasons(lay_out_text("struct e cxx\nend", "sysv-amd64")), testing::ElementsAre(gap(0, 8, PaddingReason::empty_record, "")));
    EXPECT_THAT(reasons(lay_out_text("struct z go\nend\nstruct s go\nfield a int64\nfield z z\nend", "go-amd64")),
                testing::ElementsAre(gap(64, 64, PaddingReason::go_trailing_zero_size, "")));
}

ErrorCode error_of(const char* text, const char* profile = "sysv-amd64") {
    test::TypeText types(text);
    auto layout = lay_out(types.table, types.named.back().second, *find_profile(profile));
    EXPECT_FALSE(layout);
    return layout ? ErrorCode::internal : layout.error().code;
}

TEST(Layout, RefusesWhatHasNone) {
    EXPECT_EQ(error_of("struct s c\nfield a array(1152921504606846976,int)\nend"), ErrorCode::bad_value);
    EXPECT_EQ(error_of("struct s c\nfield a array(4294967296,array(4294967296,int))\nend"), ErrorCode::bad_value);
    EXPECT_EQ(error_of("struct s c\nfield a int align=3\nend"), ErrorCode::bad_value);
    EXPECT_EQ(error_of("struct s c pack=5\nfield a int\nend"), ErrorCode::bad_value);
    EXPECT_EQ(error_of("struct s c\nfield a char bits=9\nend"), ErrorCode::bad_value);
    EXPECT_EQ(error_of("struct s c\nfield a vector(0,int)\nend"), ErrorCode::bad_value);
    for (const char* profile : {"sysv-amd64", "sysv-amd64/clang-19", "win64-msvc", "win64-mingw"}) {
        EXPECT_EQ(error_of("struct r c\nfield a int\nend\nstruct s c\nfield b r bits=3\nend", profile), ErrorCode::bad_value) << profile;
        EXPECT_EQ(error_of("struct s c\nfield b double bits=3\nend", profile), ErrorCode::bad_value) << profile;
        EXPECT_EQ(error_of("struct s c\nfield b ptr bits=3\nend", profile), ErrorCode::bad_value) << profile;
    }
    EXPECT_EQ(error_of("struct b cxx\nend\nunion s cxx\nbase b\nend"), ErrorCode::bad_value);
}

TEST(Layout, EndsOnTypesThatHoldThemselves) {
    TypeTable types;
    TypeId self = types.add({.kind = Kind::record, .language = Language::cxx, .name = "self"}, Record{});
    types.record(self)->fields.push_back({.name = "me", .type = self});
    EXPECT_EQ(lay_out(types, self, *find_profile("sysv-amd64")).error().code, ErrorCode::bad_value);
    TypeId base = types.add({.kind = Kind::record, .language = Language::cxx, .name = "base"}, Record{});
    types.record(base)->bases.push_back({.type = base});
    for (const char* profile : {"sysv-amd64", "win64-msvc", "go-amd64"}) EXPECT_FALSE(lay_out(types, base, *find_profile(profile)));
    TypeId alias = types.add({.kind = Kind::alias, .name = "a"});
    types.at(alias).target = alias;
    EXPECT_FALSE(lay_out(types, alias, *find_profile("sysv-amd64")));
    EXPECT_FALSE(lay_out(types, TypeId::none, *find_profile("sysv-amd64")));
}

TEST(Layout, EndsOnGraphsWithTooManySubobjects) {
    // Each class has the two before it as bases, doubling the number of subobjects.
    std::string text = "struct e0 cxx\nend\nstruct e1 cxx\nend\n";
    for (int i = 2; i < 60; ++i)
        text += "struct e" + std::to_string(i) + " cxx\nbase e" + std::to_string(i - 1) + "\nbase e" + std::to_string(i - 2) + "\nend\n";
    test::TypeText types(text);
    for (const char* profile : {"sysv-amd64/gcc-12", "sysv-amd64/clang-19", "win64-msvc"}) {
        auto layout = lay_out(types.table, types.named.back().second, *find_profile(profile));
        EXPECT_TRUE(layout || layout.error().code == ErrorCode::limit_reached) << profile;
    }
    std::string deep = "struct d0 c\nfield a int\nend\n";
    for (int i = 1; i < 2000; ++i) deep += "struct d" + std::to_string(i) + " c\nfield a d" + std::to_string(i - 1) + "\nend\n";
    test::TypeText deep_types(deep);
    EXPECT_EQ(lay_out(deep_types.table, deep_types.named.back().second, *find_profile("sysv-amd64")).error().code,
              ErrorCode::limit_reached);
}

// GCC 12 compares the types of empty subobjects with their qualifiers (cp/class.cc, check_subobject_offset); clang without.
TEST(LayoutItanium, AConstEmptyMemberMayShareItsBasesAddressUnderGcc) {
    constexpr std::string_view types =
        "struct E cxx\nend\nstruct A cxx\nbase E\nfield f const(E)\nfield g char\nend\nstruct B cxx\nbase E\nfield f E\nfield g char\nend\n";
    test::TypeText text(types);
    for (const auto& [name, gcc_size, clang_size] : {std::tuple{"A", 2U, 3U}, std::tuple{"B", 3U, 3U}}) {
        EXPECT_EQ(lay_out(text.table, text.type(name), *find_profile("sysv-amd64/gcc-12"))->size, gcc_size) << name;
        EXPECT_EQ(lay_out(text.table, text.type(name), *find_profile("sysv-amd64/clang-19"))->size, clang_size) << name;
    }
}

}  // namespace
}  // namespace abiscope::abi
