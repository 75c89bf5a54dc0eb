// Calls whose places were measured with the compilers themselves (GCC 12, clang 19, Go 1.19). tests/differential/abi_calls.py generates
// many more; these are the cases somebody already tripped over.
#include "abi/call.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "abi/profile_catalogue.h"
#include "base/text.h"
#include "support/type_text.h"

namespace abiscope::abi {
namespace {

constexpr std::string_view gcc = "sysv-amd64/gcc-12", clang = "sysv-amd64/clang-19", msvc = "win64-msvc/clang-19",
                           mingw = "win64-mingw/gcc-12", arm = "aapcs64/gcc-12", apple = "apple-arm64/clang-19",
                           riscv = "lp64d-riscv64/gcc-12", i386 = "sysv-i386/gcc-12", arm32 = "aapcs32/gcc-12",
                           win32 = "win32-msvc/clang-19", go = "go-amd64/go1.19";

constexpr std::string_view c_types = R"(
struct Z c
field a float
field - int bits=0
field b float
end
struct U c
field - llong bits=64
field a llong
end
struct PK c packed
field c char
field i int
end
struct PKa c packed
field i int
field c char
end
struct C3 c
field a array(3,char)
end
struct C16 c
field a array(16,char)
end
struct C17 c
field a array(17,char)
end
struct F1 c
field f float
end
struct F2 c
field a float
field b float
end
struct F3 c
field f array(3,float)
end
struct D4 c
field d array(4,double)
end
struct LD c
field a llong
field b double
end
struct DIF c
field a double
field b int
field c float
end
struct I3 c
field i array(3,int)
end
union UL c
field l ldouble
field i int
end
struct SL c
field l ldouble
end
struct E c
end
)";

constexpr std::string_view cxx_types = R"(
struct E cxx
end
struct NT cxx
field a int
special copy_constructor user_provided
special destructor user_provided
end
struct HoldsNT cxx
field n NT
end
struct Ctor cxx
field a int
constructor
end
struct Pr cxx
field a int private
special default_constructor defaulted
end
struct B cxx
field a int
end
struct D cxx
base B
field b int
end
struct MoveOnly cxx
field a int
special move_constructor defaulted
end
struct Pinned cxx
field a int
special copy_constructor deleted
end
struct Virtual cxx
field a int
virtual f()
end
struct Destroyed cxx
field a int
special destructor user_provided
end
struct S1 cxx
field e E
field f float
end
struct S3 cxx
base E
field d double
end
struct S4 cxx
field a long align=16
end
struct Big cxx
field a array(8,int)
end
)";

// "rdi", "xmm0 xmm1@8", "sp+8", "*rdi" for a pointer to what travels, "(rax)" for a second copy.
std::string places(const Travels& travels) {
    if (travels.passed == Passed::ignored && travels.locations.empty()) return "ignored";
    std::string out;
    for (const Location& location : travels.locations) {
        std::string name = location.kind == LocationKind::stack ? fmt::format("sp+{}", location.stack_offset) : location.name;
        if (location.byte_offset != 0) name += fmt::format("@{}", location.byte_offset);
        out += (out.empty() ? "" : " ") + (location.also ? "(" + name + ")" : name);
    }
    bool pointer = travels.passed == Passed::by_pointer_to_copy || travels.passed == Passed::by_hidden_reference;
    if (travels.passed == Passed::through_result_pointer) return "memory";
    return (pointer ? "*" : "") + out;
}

struct Answer {
    Call call;
    std::string arguments;  // joined by ", ", hidden ones as "this=rdi"
    std::string results;
};

struct Extra {
    std::optional<std::uint32_t> named;
    std::optional<Convention> convention;
    std::string_view receiver;
    bool trivial_abi = false;   // of every record
    bool recorded = false;      // the convention
    std::optional<bool> by_value;   // Record::passed_by_value, of every record
};

Answer ask(std::string_view profile, std::string_view types, std::string_view parameters, std::string_view results = "", Extra extra = {}) {
    auto found = find_profile(profile);
    if (!found) {
        ADD_FAILURE() << found.error().describe();
        return {};
    }
    test::TypeText text(types);
    if (extra.trivial_abi) {
        for (auto& [name, id] : text.named) {
            if (Record* record = text.table.record(id)) record->trivial_abi = true;
        }
    }
    for (auto& [name, id] : text.named) {
        if (Record* record = text.table.record(id)) record->passed_by_value = extra.by_value;
    }
    Signature signature{.name = "f", .convention = extra.convention, .convention_recorded = extra.recorded, .named = extra.named};
    for (std::string_view word : text::split(parameters, " ")) {
        if (!word.empty()) signature.parameters.push_back({"p", text.type(word)});
    }
    for (std::string_view word : text::split(results, " ")) {
        if (!word.empty()) signature.results.push_back({"r", text.type(word)});
    }
    if (!extra.receiver.empty()) signature.receiver = text.type(extra.receiver);
    auto call = place_call(text.table, signature, *found);
    if (!call) {
        ADD_FAILURE() << profile << ": " << call.error().describe();
        return {};
    }
    Answer out{.call = *call};
    for (const Travels& travels : call->arguments) {
        std::string hidden = travels.name == "p" ? "" : travels.name + "=";
        out.arguments += (out.arguments.empty() ? "" : ", ") + hidden + places(travels);
        for (const Step& step : travels.steps) EXPECT_FALSE(step.rule.empty()) << step.what;
    }
    for (const Travels& travels : call->results) out.results += (out.results.empty() ? "" : ", ") + places(travels);
    return out;
}

std::string arguments(std::string_view profile, std::string_view types, std::string_view parameters, Extra extra = {}) {
    return ask(profile, types, parameters, "", extra).arguments;
}

std::string result(std::string_view profile, std::string_view types, std::string_view type) {
    return ask(profile, types, "", type).results;
}

TEST(CallSysvAmd64, Structs) {
    const std::map<std::string, std::string> wanted{
        {"Z", "xmm0"},         {"PK", "sp+0"}, {"PKa", "rdi"},        {"C3", "rdi"},   {"C16", "rdi rsi@8"},
        {"C17", "sp+0"},       {"F1", "xmm0"}, {"F3", "xmm0 xmm1@8"}, {"D4", "sp+0"},  {"LD", "rdi xmm0@8"},
        {"DIF", "xmm0 rdi@8"}, {"UL", "sp+0"}, {"SL", "sp+0"},        {"E", "ignored"}};
    for (const auto& [type, where] : wanted) EXPECT_EQ(arguments(gcc, c_types, type), where) << type;
}

TEST(CallSysvAmd64, UnnamedBitFieldIsIntegerToGccAndNothingToClang) {
    EXPECT_EQ(arguments(gcc, c_types, "U"), "rdi rsi@8");
    EXPECT_EQ(arguments(clang, c_types, "U"), "rdi@8");
}

TEST(CallSysvAmd64, AValueThatDoesNotFitUsesUpNothing) {
    EXPECT_EQ(arguments(gcc, c_types, "int int int int int int128 int"), "rdi, rsi, rdx, rcx, r8, sp+0, r9");
    EXPECT_EQ(arguments(clang, c_types, "int int int int int int128 int"), "rdi, rsi, rdx, rcx, r8, sp+0, sp+16");
    EXPECT_EQ(arguments(clang, c_types, "int int int int int int128 LD LD"), "rdi, rsi, rdx, rcx, r8, sp+0, sp+16 xmm0@8, sp+24");
    EXPECT_EQ(arguments(gcc, c_types, "int int128"), "rdi, rsi rdx@8");
    // The stack slot of a 128-bit integer is aligned.
    EXPECT_EQ(arguments(gcc, c_types, "int int int int int int int int128"), "rdi, rsi, rdx, rcx, r8, r9, sp+0, sp+16");
}

TEST(CallSysvAmd64, Results) {
    EXPECT_EQ(result(gcc, c_types, "SL"), "st0");
    EXPECT_EQ(result(gcc, c_types, "ldouble"), "st0");
    EXPECT_EQ(result(gcc, c_types, "complex(float)"), "xmm0");
    EXPECT_EQ(result(gcc, c_types, "complex(double)"), "xmm0 xmm1@8");
    EXPECT_EQ(result(gcc, c_types, "complex(ldouble)"), "st0 st1@16");
    EXPECT_EQ(result(gcc, c_types, "int128"), "rax rdx@8");
    EXPECT_EQ(result(gcc, c_types, "LD"), "rax xmm0@8");
    EXPECT_EQ(ask(gcc, c_types, "int", "C17").arguments, "(result)=rdi, rsi");
}

TEST(CallSysvAmd64, AlCountsVectorRegisters) {
    Answer answer = ask(gcc, c_types, "ptr float double int", "", {.named = 1});
    EXPECT_EQ(answer.arguments, "rdi, xmm0, xmm1, rsi");
    EXPECT_TRUE(std::ranges::any_of(answer.call.notes, [](const Step& note) { return note.what.ends_with("in use: 2"); }));
    EXPECT_EQ(answer.call.red_zone, 128U);
    EXPECT_EQ(answer.call.stack_alignment, 16U);
}

TEST(CallSysvAmd64, WideVectorsNeedTheirInstructions) {
    auto profile = find_profile(gcc);
    ASSERT_TRUE(profile);
    test::TypeText text("");
    Signature signature{.parameters = {{"p", text.type("vector(8,float)")}}};
    auto without = place_call(text.table, signature, *profile);
    ASSERT_TRUE(without);
    EXPECT_EQ(places(without->arguments[0]), "sp+0");
    EXPECT_EQ(without->stack_alignment, 32U);
    profile->flags = {"-mavx"};
    auto with = place_call(text.table, signature, *profile);
    ASSERT_TRUE(with);
    EXPECT_EQ(places(with->arguments[0]), "ymm0");
    signature.named = 0;
    auto variadic = place_call(text.table, signature, *profile);
    ASSERT_TRUE(variadic);
    EXPECT_EQ(places(variadic->arguments[0]), "sp+0");
}

constexpr std::string_view many = "int int int int int int int int char char short llong";

TEST(CallManyArguments, OnTheStack) {
    EXPECT_EQ(arguments(gcc, "", many), "rdi, rsi, rdx, rcx, r8, r9, sp+0, sp+8, sp+16, sp+24, sp+32, sp+40");
    EXPECT_EQ(arguments(mingw, "", many), "rcx, rdx, r8, r9, sp+32, sp+40, sp+48, sp+56, sp+64, sp+72, sp+80, sp+88");
    EXPECT_EQ(arguments(arm, "", many), "x0, x1, x2, x3, x4, x5, x6, x7, sp+0, sp+8, sp+16, sp+24");
    EXPECT_EQ(arguments(apple, "", many), "x0, x1, x2, x3, x4, x5, x6, x7, sp+0, sp+1, sp+2, sp+8");
}

TEST(CallWin64, Slots) {
    EXPECT_EQ(arguments(msvc, c_types, "F1"), "rcx");
    EXPECT_EQ(arguments(msvc, c_types, "C3"), "*rcx");
    EXPECT_EQ(arguments(msvc, c_types, "C17 int"), "*rcx, rdx");
    EXPECT_EQ(arguments(mingw, c_types, "int double int float int double"), "rcx, xmm1, r8, xmm3, sp+32, sp+40");
    EXPECT_EQ(arguments(mingw, c_types, "ldouble int128"), "*rcx, *rdx");
    EXPECT_EQ(arguments(mingw, c_types, "ptr double", {.named = 1}), "rcx, xmm1 (rdx)");
    EXPECT_EQ(ask(mingw, c_types, "E int").call.arguments[1].locations[0].name, "rdx");   // an empty struct takes a slot
    EXPECT_EQ(result(mingw, c_types, "int128"), "xmm0");
    EXPECT_EQ(ask(mingw, c_types, "int", "E").arguments, "rcx");
    EXPECT_EQ(ask("win64-mingw/clang-19", c_types, "int", "E").arguments, "(result)=rcx, rdx");
    EXPECT_EQ(ask(mingw, c_types, "int").call.shadow_space, 32U);
    EXPECT_EQ(arguments(gcc, c_types, "F1 int", {.convention = Convention::win64}), "rcx, rdx");
}

TEST(CallArm64, HomogeneousAggregatesAndPairs) {
    EXPECT_EQ(arguments(arm, c_types, "F3 D4"), "s0 s1@4 s2@8, d3 d4@8 d5@16 d6@24");
    EXPECT_EQ(arguments(arm, c_types, "D4 D4 F2 float"), "d0 d1@8 d2@16 d3@24, d4 d5@8 d6@16 d7@24, sp+0, sp+8");
    // What does not fit closes the vector registers.
    EXPECT_EQ(arguments(arm, c_types, "D4 F3 D4 float"), "d0 d1@8 d2@16 d3@24, s4 s5@4 s6@8, sp+0, sp+32");
    EXPECT_EQ(arguments(arm, c_types, "int int int int int int128"), "x0, x1, x2, x3, x4, x6 x7@8");
    EXPECT_EQ(arguments(apple, c_types, "int int int int int int128"), "x0, x1, x2, x3, x4, x5 x6@8");
    EXPECT_EQ(arguments(arm, c_types, "C17"), "*x0");
    EXPECT_EQ(ask(arm, c_types, "int", "C17").arguments, "(result)=x8, x0");
    EXPECT_EQ(arguments(apple, c_types, "int int double", {.named = 1}), "x0, sp+0, sp+8");
    EXPECT_EQ(arguments("win-arm64/clang-19", c_types, "int double F3", {.named = 1}), "x0, x1, x2 x3@8");
}

TEST(CallRiscV, Flattening) {
    // A pointer is no integer there.
    constexpr std::string_view pairs = "struct DP c\nfield d double\nfield p ptr\nend\nstruct DL c\nfield d double\nfield l long\nend\n";
    EXPECT_EQ(arguments(riscv, pairs, "DP DL"), "a0 a1@8, fa0 a2@8");
    EXPECT_EQ(result(riscv, pairs, "DP"), "a0 a1@8");
    EXPECT_EQ(arguments(riscv, c_types, "F1 F2 LD"), "fa0, fa1 fa2@4, a0 fa3@8");
    EXPECT_EQ(arguments(riscv, c_types, "F3"), "a0 a1@8");
    EXPECT_EQ(arguments(riscv, c_types, "int int128"), "a0, a1 a2@8");
    EXPECT_EQ(arguments(riscv, c_types, "int int128", {.named = 1}), "a0, a2 a3@8");
    EXPECT_EQ(arguments(riscv, c_types, "int int int int int int int C16"), "a0, a1, a2, a3, a4, a5, a6, a7 sp+0@8");
    EXPECT_EQ(arguments(riscv, c_types, "C17"), "*a0");
}

TEST(CallI386, Stack) {
    EXPECT_EQ(arguments(i386, c_types, "int double PK"), "sp+0, sp+4, sp+12");
    EXPECT_EQ(arguments(i386, "", "vector(4,float) int"), "xmm0, sp+0");
    Answer answer = ask(i386, c_types, "int", "F1");
    EXPECT_EQ(answer.arguments, "(result)=sp+0, sp+4");
    EXPECT_EQ(answer.call.callee_pops_bytes, 4U);
    EXPECT_EQ(result(i386, c_types, "double"), "st0");
    EXPECT_EQ(result(i386, c_types, "llong"), "eax edx@4");
}

TEST(CallWindows32, Conventions) {
    EXPECT_EQ(result(win32, c_types, "F2"), "eax edx@4");
    EXPECT_EQ(result(win32, c_types, "C3"), "memory");
    EXPECT_EQ(ask(win32, c_types, "int", "C17").call.callee_pops_bytes, 0U);
    EXPECT_EQ(arguments(win32, c_types, "int llong int int", {.convention = Convention::fastcall}), "ecx, sp+0, edx, sp+8");
    EXPECT_EQ(ask(win32, c_types, "int llong", "", {.convention = Convention::stdcall}).call.callee_pops_bytes, 12U);
    // A variadic function's caller pops, whatever the attribute says.
    Answer variadic = ask(win32, c_types, "int int", "", {.named = 1, .convention = Convention::stdcall});
    EXPECT_EQ(variadic.call.convention, Convention::cdecl32);
    EXPECT_EQ(variadic.call.callee_pops_bytes, 0U);
    EXPECT_EQ(arguments(win32, cxx_types, "int", {.receiver = "B"}), "this=ecx, sp+0");
}

// What an argument uses up of the two registers that it does not travel in is each compiler's own.
TEST(CallWindows32, WhatFastcallUsesUp) {
    Extra fast{.convention = Convention::fastcall};
    EXPECT_EQ(arguments(i386, c_types, "llong int", fast), "sp+0, sp+8");
    EXPECT_EQ(arguments(win32, c_types, "llong int", fast), "sp+0, ecx");
    EXPECT_EQ(arguments("win32-mingw/clang-19", c_types, "llong int", fast), "sp+0, ecx");
    EXPECT_EQ(arguments(i386, c_types, "F1 int", fast), "sp+0, ecx");
    EXPECT_EQ(arguments(i386, c_types, "F2 int", fast), "sp+0, sp+8");
    EXPECT_EQ(arguments("win32-mingw/clang-19", c_types, "F2 int", fast), "sp+0, sp+8");
    EXPECT_EQ(arguments(win32, c_types, "F2 int", fast), "sp+0, ecx");
}

TEST(CallWindows32, MinGwReturnsAStructOfOneFloatAsOne) {
    EXPECT_EQ(result("win32-mingw/gcc-12", c_types, "F1"), "st0");
    EXPECT_EQ(result("win32-mingw/gcc-12", c_types, "SL"), "st0");
    EXPECT_EQ(result("win32-mingw/clang-19", c_types, "SL"), "memory");
    EXPECT_EQ(result(win32, c_types, "F1"), "eax");
}

TEST(CallWin64, VectorcallPutsHomogeneousAggregatesWhereNothingIsLeft) {
    Extra vector{.convention = Convention::vectorcall64};
    EXPECT_EQ(arguments(msvc, c_types, "D4 double int", vector), "xmm0 xmm2@8 xmm3@16 xmm4@24, xmm1, r8");
    EXPECT_EQ(arguments(msvc, c_types, "F3 D4 int", vector), "xmm0 xmm1@4 xmm2@8, *rdx, r8");
}

TEST(CallArm32, VfpRegistersAreFilledBack) {
    EXPECT_EQ(arguments(arm32, c_types, "float double float"), "s0, d1, s1");
    EXPECT_EQ(arguments(arm32, c_types, "int llong"), "r0, r2 r3@4");
    EXPECT_EQ(arguments(arm32, c_types, "int int int I3"), "r0, r1, r2, r3 sp+0@4");
    EXPECT_EQ(arguments(arm32, c_types, "int double", {.named = 1}), "r0, r2 r3@4");
    EXPECT_EQ(ask(arm32, c_types, "", "F3").results, "s0 s1@4 s2@8");
    EXPECT_EQ(ask(arm32, c_types, "int", "I3").arguments, "(result)=r0, r1");
    // A packed bit-field of a 64-bit type, to GCC.
    constexpr std::string_view packed = "struct P c packed\nfield f llong bits=47\nend\n";
    EXPECT_EQ(arguments(arm32, packed, "int P"), "r0, r2 r3@4");
    EXPECT_EQ(arguments("aapcs32/clang-19", packed, "int P"), "r0, r1 r2@4");
}

// The example of cmd/compile/abi-internal.md, with the registers of amd64.
TEST(CallGo, TheExampleOfItsDocument) {
    constexpr std::string_view types = "struct R go\nfield x uintptr\nfield y array(2,uintptr)\nend\n";
    Answer answer = ask(go, types, "uchar array(2,uintptr) uchar", "R string");
    EXPECT_EQ(answer.arguments, "RAX, sp+0, RBX");
    EXPECT_EQ(answer.results, "sp+16, RAX RBX@8");
    EXPECT_EQ(answer.call.arguments[0].spill_offset, 40U);
    EXPECT_EQ(answer.call.arguments[2].spill_offset, 41U);
    EXPECT_EQ(answer.call.spill_space, 8U);
    Answer stack = ask("go0-amd64/go1.19", types, "uchar array(2,uintptr) uchar", "R string");
    EXPECT_EQ(stack.arguments, "sp+0, sp+8, sp+24");
    EXPECT_EQ(stack.results, "sp+32, sp+56");
    EXPECT_EQ(ask("go0-arm64/go1.19", types, "uchar", "").arguments, "sp+8");
    // Before 1.17 there was the stack alone.
    EXPECT_EQ(ask("go-amd64/go1.16", types, "uchar", "").arguments, "sp+0");
}

TEST(CallGo, AValueInPartsOrNotAtAll) {
    EXPECT_EQ(arguments(go, "", "int64 int64 int64 int64 int64 int64 int64 int64 string int64"),
              "RAX, RBX, RCX, RDI, RSI, R8, R9, R10, sp+0, R11");
    EXPECT_EQ(arguments(go, "", "array(1,float) array(0,int64) complex(double)"), "X0, ignored, X1 X2@8");
}

TEST(CallCxx, ClassesThatAreNotCopiedBitwise) {
    for (const char* type : {"NT", "HoldsNT", "Pinned", "Virtual", "Destroyed"}) {
        EXPECT_EQ(arguments(gcc, cxx_types, type), "*rdi") << type;
        EXPECT_EQ(arguments(arm, cxx_types, type), "*x0") << type;
        EXPECT_EQ(ask(gcc, cxx_types, type).call.arguments[0].passed, Passed::by_hidden_reference) << type;
    }
    EXPECT_EQ(arguments(gcc, cxx_types, "MoveOnly"), "rdi");
    EXPECT_EQ(arguments(clang, cxx_types, "NT", {.trivial_abi = true}), "rdi");
    EXPECT_EQ(ask(gcc, cxx_types, "int", "NT").arguments, "(result)=rdi, rsi");
    // Microsoft's compiler passes a small class in a slot although its destructor does something.
    EXPECT_EQ(arguments(msvc, cxx_types, "Destroyed"), "rcx");
    EXPECT_EQ(arguments(mingw, cxx_types, "Destroyed"), "*rcx");
}

TEST(CallCxx, WhatAFileSaysOfAClassIsBelieved) {
    EXPECT_EQ(arguments(clang, cxx_types, "NT", {.by_value = true}), "rdi");
    EXPECT_EQ(arguments(clang, cxx_types, "NT", {.by_value = false}), "*rdi");
    EXPECT_EQ(arguments(clang, "struct S cxx\nfield a int\nend", "S", {.by_value = false}), "*rdi");
    EXPECT_EQ(arguments(clang, "struct S c\nfield a int\nend", "S", {.by_value = false}), "rdi");
}

TEST(CallConventions, OfAProgramAreLeftOutWhereThereIsNone) {
    Extra windows{.convention = Convention::win64, .recorded = true};
    EXPECT_EQ(arguments(gcc, "", "int double", windows), "rcx, xmm1");
    EXPECT_EQ(arguments(arm, "", "int double", windows), "x0, d0");
    EXPECT_EQ(ask(arm, "", "int double", "", windows).call.notes.back().what, "compilers for aapcs64 leave the attribute win64 out");
    Extra vectors{.convention = Convention::vectorcall64, .recorded = true};
    EXPECT_EQ(ask(win32, "", "double", "", vectors).call.convention, Convention::vectorcall32);
    EXPECT_EQ(ask(msvc, "", "double", "", vectors).call.convention, Convention::vectorcall64);
    // clang's vectorcall of System V has no shadow space: nothing here places it.
    TypeTable table;
    auto refused = place_call(table, {.convention = Convention::vectorcall64, .convention_recorded = true}, *find_profile(clang));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
}

TEST(CallCxx, MicrosoftReturnsPlainClassesOnly) {
    for (const char* type : {"Ctor", "Pr", "D"}) {
        EXPECT_EQ(result(msvc, cxx_types, type), "memory") << type;
        EXPECT_EQ(result(mingw, cxx_types, type), "rax") << type;
    }
    EXPECT_EQ(result(msvc, cxx_types, "B"), "rax");
    // On 32 bits, a member that asks for more than the stack has makes a class travel by pointer, but not one that is not copied bitwise.
    constexpr std::string_view aligned =
        "struct T cxx\nfield a int align=16\nend\nstruct N cxx\nfield a int align=16\nspecial copy_constructor user_provided\nend\n";
    EXPECT_EQ(arguments(win32, aligned, "T N"), "*sp+0, sp+4");
    // On arm64, a class whose default constructor does something is not homogeneous.
    constexpr std::string_view made = "struct M cxx\nfield a float init\nfield b float\nend\n";
    EXPECT_EQ(arguments("win-arm64/clang-19", made, "M"), "x0");
    EXPECT_EQ(arguments(arm, made, "M"), "s0 s1@4");
}

TEST(CallCxx, EmptyClasses) {
    EXPECT_EQ(arguments(gcc, cxx_types, "E int"), "ignored, rdi");
    EXPECT_EQ(arguments(arm, cxx_types, "E int"), "x0, x1");
    EXPECT_EQ(arguments(apple, cxx_types, "E int"), "ignored, x0");
    EXPECT_EQ(arguments(riscv, cxx_types, "E int"), "a0, a1");
    EXPECT_EQ(arguments(riscv, cxx_types, "S1"), "fa0@4");
    EXPECT_EQ(arguments(arm, cxx_types, "S1 S3"), "x0, d0");
    EXPECT_EQ(arguments(arm, cxx_types, "int S4"), "x0, x2 x3@8");
    EXPECT_EQ(arguments(apple, cxx_types, "int S4"), "x0, x1 x2@8");
}

TEST(CallCxx, MemberFunctionsThatReturnStructs) {
    EXPECT_EQ(ask(gcc, cxx_types, "int", "Big", {.receiver = "B"}).arguments, "(result)=rdi, this=rsi, rdx");
    EXPECT_EQ(ask(mingw, cxx_types, "int", "Big", {.receiver = "B"}).arguments, "(result)=rcx, this=rdx, r8");
    EXPECT_EQ(ask(msvc, cxx_types, "int", "Big", {.receiver = "B"}).arguments, "this=rcx, (result)=rdx, r8");
    // A member function of Microsoft's returns every class so.
    EXPECT_EQ(ask(msvc, cxx_types, "int", "B", {.receiver = "B"}).arguments, "this=rcx, (result)=rdx, r8");
    EXPECT_EQ(ask("win-arm64/clang-19", cxx_types, "", "B", {.receiver = "B"}).arguments, "this=x0, (result)=x1");
}

TEST(CallErrors, AreErrors) {
    auto profile = find_profile(gcc);
    ASSERT_TRUE(profile);
    TypeTable table;
    auto missing = place_call(table, {.parameters = {{"p", static_cast<TypeId>(7)}}}, *profile);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::bad_value);
    TypeId self = table.add({.kind = Kind::alias});
    table.at(self).target = self;
    EXPECT_FALSE(place_call(table, {.parameters = {{"p", self}}}, *profile));
    TypeId integer = table.add({.kind = Kind::scalar, .scalar = Scalar::int_});
    auto foreign = place_call(table, {.convention = Convention::aapcs64, .parameters = {{"p", integer}}}, *profile);
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().code, ErrorCode::unsupported);
    EXPECT_FALSE(place_call(table, {.parameters = {{"p", integer}}, .named = 2}, *profile));
    EXPECT_FALSE(place_call(table, {.results = {{"a", integer}, {"b", integer}}}, *profile));
}

// A graph of unions that are two levels each other: 2^60 paths lead to one char.
TEST(CallErrors, HostileTypesEnd) {
    TypeTable table;
    TypeId type = table.add({.kind = Kind::scalar, .scalar = Scalar::character});
    for (int i = 0; i < 60; ++i) {
        Record record{.kind = RecordKind::union_};
        record.fields.resize(2);
        record.fields[0].type = record.fields[1].type = type;
        type = table.add({.kind = Kind::record, .name = "u"}, record);
    }
    for (std::string_view name : {gcc, msvc, arm, riscv, i386, arm32, win32}) {
        auto profile = find_profile(name);
        ASSERT_TRUE(profile);
        auto call = place_call(table, {.parameters = {{"p", type}}, .results = {{"r", type}}}, *profile);
        EXPECT_TRUE(call || call.error().code == ErrorCode::limit_reached) << name;
    }
}

}  // namespace
}  // namespace abiscope::abi
