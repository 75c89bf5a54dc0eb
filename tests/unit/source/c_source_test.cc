#include "source/c_source.h"

#include <gtest/gtest.h>

#include "abi/layout.h"
#include "abi/profile_catalogue.h"
#include "source/clang_module.h"

namespace abiscope::source {
namespace {

TEST(Prelude, KnowsTheUsualNamesAndOnlyThoseThatAreUsed) {
    EXPECT_EQ(prelude_for("struct S { int a; };", abi::Language::c), "");
    EXPECT_EQ(prelude_for("uint32_t a; size_t b;", abi::Language::c), "#include <stddef.h>\n#include <stdint.h>\n");
    EXPECT_NE(prelude_for("__m128 a;", abi::Language::c).find("float __m128 "), std::string::npos);
    EXPECT_EQ(prelude_for("bool a;", abi::Language::cxx), "");
    EXPECT_EQ(prelude_for("bool a;", abi::Language::c), "#include <stdbool.h>\n");
    EXPECT_EQ(prelude_for("typedef float __m128 __attribute__((vector_size(16)));", abi::Language::c), "");
}

class Clang : public testing::Test {
protected:
    void SetUp() override {
        if (auto module = open_clang(); !module) GTEST_SKIP() << module.error().describe();
    }

    static std::shared_ptr<const Declarations> read(std::string text, abi::Language language, const char* profile = "sysv-amd64",
                                                    std::vector<std::string> flags = {}) {
        CSource source({.name = "-e", .text = std::move(text), .language = language, .snippet = true, .flags = std::move(flags)});
        auto found = source.declarations(*abi::find_profile(profile));
        if (!found) ADD_FAILURE() << found.error().describe();
        return found ? *found : nullptr;
    }

    static const abi::Record& record(const Declarations& from, std::size_t index) { return *from.types.record(from.roots.at(index)); }
};

TEST_F(Clang, TellsAttributesFromWhatTheyLeadTo) {
    auto read_ = read(R"(
#define ALIGNED(n) __attribute__((aligned(1 << (n))))
typedef int ALIGNED(0) loose;
#pragma pack(push, 2)
struct P { char a; double b; };
#pragma pack(pop)
struct __attribute__((packed)) Q { char a; int b ALIGNED(3); };
struct ALIGNED(5) R { loose a; int b : 3; int : 0; unsigned : 5; };)",
                      abi::Language::c);
    ASSERT_TRUE(read_);
    EXPECT_EQ(record(*read_, 0).pack, 2u);
    EXPECT_TRUE(record(*read_, 1).packed);
    EXPECT_EQ(record(*read_, 1).fields[1].alignment, 8u);
    EXPECT_EQ(record(*read_, 1).pack, 0u);
    EXPECT_EQ(read_->types.at(read_->roots[2]).alignment, 32u);
    const abi::Record& bits = record(*read_, 2);
    EXPECT_EQ(read_->types.at(bits.fields[0].type).alignment, 1u);
    EXPECT_EQ(bits.fields[1].bit_width, 3u);
    EXPECT_EQ(bits.fields[2].bit_width, 0u);
    EXPECT_EQ(bits.fields[3].name, "");
}

TEST_F(Clang, TellsHowSpecialMembersAreDeclared) {
    auto read_ = read(R"(
struct A { A() = default; A(const A&) = delete; A(A&&); ~A(); };
struct B { B(); B& operator=(const B&) = default; explicit B(int); };
B::B() = default;
struct C : A { using A::A; private: int a = 1; };
template <class T> struct D { D(const T&); virtual void f(T, int) const = 0; T value; };
void use(D<B>&, D<int>*); struct E { D<int>* e; char x[sizeof(D<int>)]; };)",
                      abi::Language::cxx);
    ASSERT_TRUE(read_);
    const abi::SpecialMembers& a = record(*read_, 0).special;
    EXPECT_EQ(a.default_constructor, abi::Declared::defaulted);
    EXPECT_EQ(a.copy_constructor, abi::Declared::deleted);
    EXPECT_EQ(a.move_constructor, abi::Declared::user_provided);
    EXPECT_EQ(a.destructor, abi::Declared::user_provided);
    const abi::SpecialMembers& b = record(*read_, 1).special;
    EXPECT_EQ(b.default_constructor, abi::Declared::user_provided) << "defaulted only behind its first declaration";
    EXPECT_EQ(b.copy_assignment, abi::Declared::defaulted);
    EXPECT_TRUE(b.other_constructor);
    EXPECT_TRUE(record(*read_, 2).special.inherited_constructors);
    EXPECT_TRUE(record(*read_, 2).fields[0].has_initializer);
    EXPECT_EQ(record(*read_, 2).fields[0].access, abi::Access::private_);
    const abi::Record& instance = record(*read_, 3);
    EXPECT_EQ(read_->types.at(read_->roots[3]).name, "D<int>");
    ASSERT_EQ(instance.virtual_functions.size(), 1u);
    EXPECT_EQ(instance.virtual_functions[0].signature, "f(int, int) const");
    EXPECT_TRUE(instance.virtual_functions[0].pure);
}

TEST_F(Clang, ParsesForTheTarget) {
    const char* text = "struct S {\n#ifdef _WIN32\n short w;\n#endif\n char a[sizeof(long)]; };";
    auto linux_ = read(text, abi::Language::c);
    auto windows = read(text, abi::Language::c, "win64-msvc");
    ASSERT_TRUE(linux_ && windows);
    EXPECT_EQ(record(*linux_, 0).fields.size(), 1u);
    EXPECT_EQ(record(*windows, 0).fields.size(), 2u);
    EXPECT_EQ(linux_->types.at(record(*linux_, 0).fields[0].type).count, 8u);
    EXPECT_EQ(windows->types.at(record(*windows, 0).fields[1].type).count, 4u);
}

TEST_F(Clang, TellsConventionsOnlyWhereTheSourceNamesOne) {
    auto read_ = read(
        "void a(int); void __attribute__((ms_abi)) b(int, ...); struct S { int x; } c(); static int d(struct S s, char *p) { return 0; }",
        abi::Language::c);
    ASSERT_TRUE(read_);
    ASSERT_EQ(read_->functions.size(), 4u);
    EXPECT_FALSE(read_->functions[0].convention);
    EXPECT_EQ(read_->functions[1].convention, abi::Convention::win64);
    EXPECT_EQ(read_->functions[1].named, 1u);
    EXPECT_FALSE(read_->functions[2].prototyped);
    EXPECT_EQ(read_->functions[3].parameters[1].name, "p");
    auto windows = read("struct S { void f(int); static void g(); void __cdecl h(); };", abi::Language::cxx, "win32-msvc");
    ASSERT_TRUE(windows);
    ASSERT_EQ(windows->functions.size(), 3u);
    EXPECT_FALSE(windows->functions[0].convention);
    EXPECT_TRUE(windows->functions[0].receiver);
    EXPECT_FALSE(windows->functions[1].receiver);
    EXPECT_EQ(windows->functions[2].convention, abi::Convention::cdecl32);
}

TEST_F(Clang, RefusesOnlyTheTypeItHasNoWordFor) {
    auto read_ = read("struct S { int __attribute__((address_space(3))) *p; }; struct T { int a; }; enum E; struct U { struct S *s; };",
                      abi::Language::c);
    ASSERT_TRUE(read_);
    auto profile = abi::find_profile("sysv-amd64");
    EXPECT_FALSE(abi::lay_out(read_->types, read_->roots.at(0), *profile));
    EXPECT_TRUE(abi::lay_out(read_->types, read_->roots.at(1), *profile));
    EXPECT_TRUE(abi::lay_out(read_->types, read_->roots.at(2), *profile));
    auto vtordisp = read("#pragma vtordisp(push, 2)\nstruct A { virtual void f(); }; struct B : virtual A { B(); void f() override; };",
                         abi::Language::cxx, "win64-msvc");
    ASSERT_TRUE(vtordisp);
    EXPECT_TRUE(abi::lay_out(vtordisp->types, vtordisp->roots.at(0), *abi::find_profile("win64-msvc")));
    auto refused = abi::lay_out(vtordisp->types, vtordisp->roots.at(1), *abi::find_profile("win64-msvc"));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("vtordisp"), std::string::npos);
}

TEST_F(Clang, SaysWhatItCannotRead) {
    for (const char* text : {"struct S { doubl a; };", "void f(int n) { struct S { int a[n]; } s; }", "struct S; int x[sizeof(struct S)];",
                             "struct S { int b : 40; };"}) {
        CSource source({.name = "-e", .text = text, .language = abi::Language::c, .snippet = true, .flags = {}});
        auto found = source.declarations(*abi::find_profile("sysv-amd64"));
        ASSERT_FALSE(found) << text;
        EXPECT_EQ(found.error().code, ErrorCode::bad_value);
        EXPECT_NE(found.error().what.find("-e:1"), std::string::npos) << found.error().what;
    }
    CSource flags({.name = "-e", .text = "int a;", .language = abi::Language::c, .snippet = true, .flags = {"--no-such-flag"}});
    EXPECT_FALSE(flags.declarations(*abi::find_profile("sysv-amd64")));
    CSource go({.name = "-e", .text = "int a;", .language = abi::Language::c, .snippet = true, .flags = {}});
    EXPECT_EQ(go.declarations(*abi::find_profile("go-amd64")).error().code, ErrorCode::bad_usage);
}

// "size, alignment" of the last record.
std::string sizes(const std::shared_ptr<const Declarations>& declared, const char* profile) {
    if (!declared) return "";
    auto found = abi::lay_out(declared->types, declared->roots.back(), *abi::find_profile(profile));
    return found ? std::to_string(found->size) + ", " + std::to_string(found->alignment) : found.error().what;
}

TEST_F(Clang, KnowsWhatGccMakesOfAlignments) {
    auto both = [](const char* text, abi::Language language) {
        return sizes(read(text, language, "sysv-amd64/gcc-12"), "sysv-amd64/gcc-12") + "; " +
            sizes(read(text, language, "sysv-amd64/clang-19"), "sysv-amd64/clang-19");
    };
    constexpr abi::Language c = abi::Language::c, cxx = abi::Language::cxx;
    EXPECT_EQ(both("struct __attribute__((aligned(8), aligned(2))) S { char a; };", c), "2, 2; 8, 8");
    EXPECT_EQ(both("struct __attribute__((aligned(2))) S { char a; } __attribute__((aligned(8)));", c), "8, 8; 8, 8");
    EXPECT_EQ(both("struct __attribute__((aligned(8))) S { char a; } __attribute__((aligned(2)));", c), "2, 2; 8, 8");
    EXPECT_EQ(both("struct __attribute__((aligned(8), aligned(2))) S { int a; };", c), "4, 4; 8, 8");
    EXPECT_EQ(both("typedef int T __attribute__((aligned(8), aligned(2))); struct S { char a; T b; };", c), "6, 2; 16, 8");
    EXPECT_EQ(both("struct S { char a __attribute__((aligned(8), aligned(2))); };", c), "8, 8; 8, 8");
    EXPECT_EQ(both("template<int... A> struct alignas(A...) P { char a; }; struct S { P<4, 8, 2> p; };", cxx), "2, 2; 8, 8");
    EXPECT_EQ(both("template<int... A> struct alignas(A...) P { char a; }; struct S { P<4, 0> p; };", cxx), "4, 4; 4, 4");
    EXPECT_EQ(both("template<class... A> struct alignas(A...) P { char a; }; struct S { P<int, double, short> p; };", cxx), "2, 2; 8, 8");
    EXPECT_EQ(both("template<int... A> struct S0 { alignas(A...) char a; }; struct S { S0<8, 2> p; };", cxx), "8, 8; 8, 8");
}

TEST_F(Clang, KnowsWhatClosuresAre) {
    auto size = [](const char* text, const char* profile) { return sizes(read(text, abi::Language::cxx, profile), profile); };
    const char* captures = "auto l = [x = 1, y = 'a'] { return x + y; }; struct S : decltype(l) { char c; };";
    EXPECT_EQ(size(captures, "sysv-amd64/gcc-12"), "12, 4");
    EXPECT_EQ(size(captures, "sysv-amd64/clang-19"), "8, 4");
    EXPECT_EQ(size(captures, "apple-arm64"), "8, 4");
    const char* no_pod =
        "struct N { N(const N&); }; auto f(const N& n) { return [x = 1, n] { return x; }; } struct S : decltype(f(*(N*)nullptr)) { char c; };";
    EXPECT_EQ(size(no_pod, "sysv-amd64/gcc-12"), "8, 4");
}

// gcc -m32: sizeof(max_align_t) is 48; glibc: int_fast16_t is as wide as a register.
TEST_F(Clang, KnowsTheTypesOfGccsHeaders) {
    auto layout = [](const char* text, const char* profile) {
        auto declared = read(text, abi::Language::c, profile);
        auto found =
            declared ? abi::lay_out(declared->types, declared->roots.at(0), *abi::find_profile(profile)) : fail(ErrorCode::bad_value, "");
        return found ? std::pair(found->size, found->alignment) : std::pair<std::uint64_t, std::uint64_t>();
    };
    using Size = std::pair<std::uint64_t, std::uint64_t>;
    for (const char* text : {"struct S { char c; max_align_t m; };", "#include <stddef.h>\nstruct S { char c; max_align_t m; };"}) {
        EXPECT_EQ(layout(text, "sysv-i386/gcc-12"), Size(64, 16));
        EXPECT_EQ(layout(text, "sysv-i386/clang-19"), Size(32, 8));
        EXPECT_EQ(layout(text, "sysv-amd64/gcc-12"), Size(48, 16));
    }
    const char* fast = "struct S { int_fast16_t a; uint_fast32_t b; int_fast8_t c; int_fast64_t d; };";
    EXPECT_EQ(layout(fast, "sysv-amd64/gcc-12"), Size(32, 8));
    EXPECT_EQ(layout(fast, "sysv-i386/clang-19"), Size(20, 4));
    EXPECT_EQ(layout(fast, "win64-mingw/gcc-12"), Size(24, 8));
}

TEST_F(Clang, HeedsShortEnumerations) {
    auto with = read("enum E { a }; enum F : int { b }; struct S { enum E e; enum F f; };", abi::Language::c, "sysv-amd64/clang-19",
                     {"-fshort-enums"});
    ASSERT_TRUE(with);
    EXPECT_TRUE(with->types.enumeration(record(*with, 0).fields[0].type)->packed);
    EXPECT_FALSE(with->types.enumeration(record(*with, 0).fields[1].type)->packed);
}

TEST_F(Clang, TellsHowMicrosoftStoresPointersToMembers) {
    constexpr const char* text = R"(
struct __single_inheritance A;
struct B;
struct S { int A::*a; int B::*b; };
struct B { int x; };
struct C { int x; };
struct T { int C::*c; };)";
    auto declared = read(text, abi::Language::cxx, "win64-msvc");
    ASSERT_TRUE(declared);
    auto inheritance = [&](std::size_t index, std::size_t field) {
        return declared->types.record(declared->types.at(record(*declared, index).fields[field].type).owner)->inheritance;
    };
    EXPECT_EQ(inheritance(0, 0), abi::Inheritance::single);
    EXPECT_EQ(inheritance(0, 1), abi::Inheritance::unspecified);   // of B nothing was known yet
    auto linux_ = read("struct B; struct S { int B::*b; };", abi::Language::cxx, "sysv-amd64");
    ASSERT_TRUE(linux_);
    EXPECT_FALSE(linux_->types.record(linux_->types.at(record(*linux_, 0).fields[0].type).owner)->inheritance);
}

TEST_F(Clang, TakesMicrosoftsAnonymousMembersWhereGccDoes) {
    constexpr const char* text = "struct T { char a; int b; }; struct S { char c; struct T; };";
    EXPECT_EQ(record(*read(text, abi::Language::c, "win64-mingw/gcc-12"), 1).fields.size(), 2u);
    EXPECT_EQ(record(*read(text, abi::Language::c, "sysv-amd64/gcc-12"), 1).fields.size(), 1u);
}

TEST_F(Clang, TellsTheVectorRegistersOfTheFlags) {
    auto switches = [](std::vector<std::string> flags) {
        auto declared = read("void f(int);", abi::Language::c, "sysv-amd64", std::move(flags));
        return declared->functions.at(0).switches;
    };
    using Switches = std::vector<std::string>;
    EXPECT_EQ(switches({}), Switches{});
    EXPECT_EQ(switches({"-march=haswell"}), Switches{"-mavx"});
    EXPECT_EQ(switches({"-mavx", "-mno-avx"}), Switches{});
    EXPECT_EQ(switches({"-march=x86-64-v4"}), Switches{"-mavx512f"});
}

}  // namespace
}  // namespace abiscope::source
