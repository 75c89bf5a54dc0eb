// Calls whose places were measured with the compilers themselves (GCC 12, clang 19, Go 1.19). tests/differential/abi_calls.py generates
// many more; these are the cases somebody already tripped over.
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/abi/call_asking.h"

namespace abiscope::abi {
namespace {

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

// To GCC a bit-field in a union is a member even without bits.
TEST(CallSysvAmd64, UnnamedBitFieldsInUnions) {
    constexpr std::string_view types =
        "union Z c\nfield d double\nfield - uint bits=0\nend\nunion W c\nfield d double\nfield - uint bits=3\nend\n"
        "union X cxx\nfield d double\nfield - uint bits=0\nend\nstruct S cxx\nfield f float\nfield - uint bits=3\nend\n";
    for (const char* type : {"Z", "W", "X", "S"}) EXPECT_EQ(arguments(gcc, types, type), "rdi") << type;
    for (const char* type : {"Z", "W", "X", "S"}) EXPECT_EQ(arguments(clang, types, type), "xmm0") << type;
    EXPECT_EQ(arguments("aapcs64/gcc-12", types, "Z"), "x0");
    EXPECT_EQ(arguments("aapcs64/clang-19", types, "Z"), "d0");
    EXPECT_EQ(arguments("aapcs64/clang-19", types, "W"), "x0");
}

// clang 19, X86.cpp, X86_64ABIInfo::classify knows no atomic types.
TEST(CallSysvAmd64, AStructWithAnAtomicIsInMemoryToClang) {
    constexpr std::string_view types = "struct A c\nfield a atomic(int)\nend\n";
    EXPECT_EQ(arguments(clang, types, "A atomic(int)"), "sp+0, rdi");
    EXPECT_EQ(arguments(gcc, types, "A"), "rdi");
}

// clang 19, MicrosoftCXXABI.cpp, isPermittedToBeHomogeneousAggregate.
TEST(CallArm64, AnEmptyBaseMakesNoHomogeneousAggregateOnWindows) {
    constexpr std::string_view types =
        "struct E cxx\nend\nstruct A cxx\nbase E\nfield a float\nfield b float\nend\nstruct B cxx\nfield a float\nfield b float\nend\n";
    EXPECT_EQ(arguments("win-arm64/clang-19", types, "A"), "x0");
    EXPECT_EQ(arguments("win-arm64/clang-19", types, "B"), "s0 s1@4");
    EXPECT_EQ(arguments("win-arm64/clang-19", "struct E cxx\nend\nunion U cxx\nfield a float\nfield e E\nend\n", "U"), "s0");
    EXPECT_EQ(arguments("aapcs64/clang-19", types, "A"), "s0 s1@4");
}

TEST(CallSysvAmd64, AnUnalignedRecordOfBitFieldsGoesToMemoryUnderClang) {
    constexpr std::string_view types =
        "struct I c\nfield a short bits=10\nend\nstruct P c packed\nfield p ptr\nfield c char\nfield i I\nend\n";
    EXPECT_EQ(arguments(clang, types, "P"), "sp+0");
}

// To clang an atomic is no floating-point type where a convention looks into a struct.
TEST(CallArm64, AtomicFloatsAreNoHomogeneousAggregateToClang) {
    constexpr std::string_view types = "struct A c\nfield a atomic(float)\nend\n";
    for (const char* profile : {"aapcs64/clang-19", "apple-arm64/clang-19"}) EXPECT_EQ(arguments(profile, types, "A"), "x0") << profile;
    EXPECT_EQ(arguments("aapcs64/gcc-12", types, "A"), "s0");
    EXPECT_EQ(arguments("lp64d-riscv64/clang-19", types, "A"), "a0");
    EXPECT_EQ(arguments("lp64d-riscv64/gcc-12", types, "A"), "fa0");
    EXPECT_EQ(result("win32-mingw/clang-19", types, "A"), "memory");
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

// clang 19, ABIInfoImpl.cpp, isEmptyField: "C++ record fields are never empty, at least in the Itanium ABI".
TEST(CallI386, AClassWithAnEmptyMemberIsNotEmptyToClang) {
    constexpr std::string_view types =
        "struct E cxx\nend\nstruct A cxx\nfield e E\nend\nstruct B cxx\nbase E\nend\nstruct N cxx\nfield e E nua\nend\nstruct Z cxx\nfield e "
        "array(0,E)\nend\n";
    EXPECT_EQ(arguments("sysv-i386/clang-19", types, "A int"), "sp+0, sp+4");
    EXPECT_EQ(arguments("apple-arm64/clang-19", types, "A int"), "x0, x1");
    EXPECT_EQ(arguments("aapcs32/clang-19", types, "A int"), "r0, r1");
    for (const char* type : {"E int", "B int", "N int", "Z int"}) {
        EXPECT_EQ(arguments("sysv-i386/clang-19", types, type), "ignored, sp+0") << type;
        EXPECT_EQ(arguments("apple-arm64/clang-19", types, type), "ignored, x0") << type;
    }
    EXPECT_EQ(arguments("sysv-i386/gcc-12", types, "A int"), "sp+0, sp+4");
    // A reference to it comes before its emptiness.
    constexpr std::string_view copied = "struct E cxx\nspecial copy_constructor user_provided\nend\n";
    EXPECT_EQ(arguments("win32-mingw/clang-19", copied, "E int"), "*sp+0, sp+4");
}

TEST(CallSysvAmd64, AWideVectorWithCompanyIsInMemoryToClang) {
    constexpr std::string_view types =
        "struct E c\nend\nstruct A c\nfield v vector(8,int)\nfield e E\nend\nstruct B c\nfield v vector(8,int)\nfield - int bits=0\nend\n";
    for (const auto& [profile, a] : {std::pair{clang, "sp+0"}, std::pair{gcc, "ymm0"}}) {
        EXPECT_EQ(ask(profile, types, "A", "", {.switches = {"-mavx"}}).arguments, a) << profile;
        EXPECT_EQ(ask(profile, types, "B", "", {.switches = {"-mavx"}}).arguments, "ymm0") << profile;
    }
}

// 2^60 empty structs in one, told in 60 steps.
TEST(CallI386, EmptyStructsOfEmptyStructsEnd) {
    std::string types = "struct E0 c\nend\n";
    for (int i = 1; i <= 60; ++i) types += fmt::format("struct E{0} c\nfield a E{1}\nfield b E{1}\nend\n", i, i - 1);
    EXPECT_EQ(arguments("sysv-i386/clang-19", types, "E60 int"), "ignored, sp+0");
}

TEST(CallSysvAmd64, ComplexIntegers) {
    for (const char* profile : {"sysv-amd64/gcc-12", "sysv-amd64/clang-19"}) {
        EXPECT_EQ(arguments(profile, "", "complex(int) complex(llong)"), "rdi, rsi rdx@8") << profile;
        EXPECT_EQ(result(profile, "", "complex(char)"), "rax") << profile;
    }
    EXPECT_EQ(arguments("aapcs64/gcc-12", "", "complex(int)"), "x0");
}

// clang 19, RISCV.cpp, detectFPCCEligibleStructHelper.
TEST(CallArm64, OddBitIntsTakeAWordOfApplesStack) {
    EXPECT_EQ(arguments(apple, "", "long long long long long long long long bitint(13) char bitint(7) bitint(8) bitint(16)"),
              "x0, x1, x2, x3, x4, x5, x6, x7, sp+0, sp+4, sp+8, sp+12, sp+14");
}

TEST(CallSysvAmd64, MisalignedBitFieldsOfUnionsGoToMemoryUnderGcc) {
    constexpr std::string_view types =
        "union U c packed\nfield a int bits=17\nend\nstruct S c\nfield f float\nfield s short\nfield u U\nend\n"
        "union V c packed\nfield a int bits=7\nend\nstruct T c\nfield f float\nfield s char\nfield u V\nend\n";
    EXPECT_EQ(arguments(gcc, types, "S"), "sp+0");
    EXPECT_EQ(arguments(clang, types, "S"), "rdi rsi@8");
    EXPECT_EQ(arguments(gcc, types, "T"), "rdi");
}

// GCC 12 and clang 19, as compiled.
TEST(CallSysvAmd64, AUnionKeptAsAFloat128IsTornByClang) {
    constexpr std::string_view types =
        "union U c\nfield a array(3,float)\nfield q float128\nend\nunion O c\nfield a float\nfield q float128\nend\n"
        "union V c\nfield v vector(4,float)\nfield a array(3,float)\nfield q float128\nend";
    EXPECT_EQ(arguments(clang, types, "U O V"), "rdi xmm0@8, xmm1, xmm2 xmm3@8");
    EXPECT_EQ(arguments(gcc, types, "U O"), "xmm0 xmm1@8, xmm2");
    EXPECT_EQ(ask(clang, types, "int", "U").results, "rax xmm0@8");
}

TEST(CallSysvAmd64, AFlexibleArrayAloneTakesASlotOfClang) {
    constexpr std::string_view types = "struct F c\nfield a flexible(int)\nend\nstruct S c\nfield a array(5,long)\nend";
    EXPECT_EQ(arguments(clang, types, "S F S"), "sp+0, sp+40, sp+48");
    EXPECT_EQ(arguments(gcc, types, "S F S"), "sp+0, ignored, sp+40");
}

TEST(CallArm64, AStructThatIsOneVectorOrComplexNumberIsThatToGccBesideAnArrayWithoutElements) {
    constexpr std::string_view types =
        "struct L c\nfield z array(0,llong)\nfield v vector(1,llong)\nend\nstruct D c\nfield z array(0,llong)\nfield v vector(1,double)\nend\n"
        "struct C c\nfield z array(0,llong)\nfield v complex(double)\nend\nstruct F c\nfield z array(0,int)\nfield v float\nend";
    EXPECT_EQ(arguments(arm, types, "L D C F"), "x0, d0, d1 d2@8, x1");
    EXPECT_EQ(arguments(arm32, types, "C"), "r0 r1@4 r2@8 r3@12");
}

TEST(CallArm64, AUnionThatIsOneVectorIsNoneToGccBesideAnArrayWithoutElements) {
    constexpr std::string_view types =
        "union U c\nfield v vector(2,llong)\nfield z array(0,double)\nend\nunion V c\nfield v vector(2,llong)\nend\n"
        "struct A c\nfield u U\nend\nstruct B c\nfield u V\nfield z array(0,double)\nend\nstruct D c\nfield v vector(2,llong)\nfield z array(0,V)\nend";
    EXPECT_EQ(arguments(arm, types, "A"), "x0 x1@8");
    EXPECT_EQ(arguments(arm, types, "B V D"), "x0 x1@8, q0, q1");
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

TEST(CallSysV, VectorsGoByTheSwitchesOfTheUnit) {
    constexpr const char* v32 = "vector(8,float)";
    constexpr const char* v64 = "vector(16,float)";
    EXPECT_EQ(ask(gcc, "", v32, v32).arguments, "(result)=rdi, sp+0");
    EXPECT_EQ(ask(gcc, "", v32, v32, {.switches = {"-mavx"}}).arguments, "ymm0");
    EXPECT_EQ(ask(clang, "", "", v64).results, "xmm0 xmm1@16 xmm2@32 xmm3@48");
    EXPECT_EQ(ask(clang, "", "", v64, {.switches = {"-mavx"}}).results, "ymm0 ymm1@32");
    EXPECT_EQ(ask(clang, "", "", v64, {.switches = {"-mavx512f"}}).results, "zmm0");
    auto assumed = [](const Answer& answer) {
        return std::ranges::any_of(answer.call.notes, [](const Step& note) { return note.what.starts_with("assumed"); });
    };
    EXPECT_TRUE(assumed(ask(gcc, "", v32)));
    EXPECT_FALSE(assumed(ask(gcc, "", v32, "", {.switches = {"-mavx"}})));
    EXPECT_FALSE(assumed(ask(gcc, "", "vector(4,float)")));
}

// clang 19, X86.cpp: "Pass over-sized _BitInt's indirect".
TEST(CallX86, WideBitIntsTravelByPointer) {
    EXPECT_EQ(arguments("win64-msvc/clang-19", "", "bitint(128) int"), "*rcx, rdx");
    EXPECT_EQ(ask("win64-msvc/clang-19", "", "int", "bitint(65)").arguments, "(result)=rcx, rdx");
    EXPECT_EQ(arguments("win32-mingw/clang-19", "", "bitint(65)", {.convention = Convention::fastcall}), "*ecx");
    EXPECT_EQ(arguments("sysv-i386/clang-19", "", "bitint(128)"), "*sp+0");
    EXPECT_EQ(arguments("sysv-i386/clang-19", "", "bitint(64)"), "sp+0");
    EXPECT_EQ(arguments("sysv-amd64/clang-19", "", "bitint(128)"), "rdi rsi@8");
}

TEST(CallX86, WhatGccGivesAModeLeavesFastcallItsRegisters) {
    constexpr const char* types = "struct C c\nfield c complex(int)\nend\nstruct P c\nfield a int\nfield b int\nend";
    EXPECT_EQ(arguments("sysv-i386/gcc-12", types, "C int", {.convention = Convention::fastcall}), "sp+0, ecx");
    EXPECT_EQ(arguments("sysv-i386/gcc-12", types, "P int", {.convention = Convention::fastcall}), "sp+0, sp+8");
}

TEST(CallWin64, LongDoubleOfAnMsAbiFunctionElsewhere) {
    EXPECT_EQ(ask(clang, "", "", "ldouble", {.convention = Convention::win64}).results, "st0");
    EXPECT_EQ(ask(gcc, "", "", "ldouble", {.convention = Convention::win64}).arguments, "(result)=rcx");
    EXPECT_EQ(ask("win64-mingw/clang-19", "", "", "ldouble").arguments, "(result)=rcx");
}

TEST(CallCxx, MicrosoftsThisIsFirstBeforeClassesAlone) {
    constexpr const char* types = "struct C cxx\nfield x int\nend\nstruct Big cxx\nfield a array(9,int)\nend";
    EXPECT_EQ(ask("win64-msvc/clang-19", types, "", "Big", {.receiver = "C"}).arguments, "this=rcx, (result)=rdx");
    EXPECT_EQ(ask("win64-msvc/clang-19", types, "", "complex(double)", {.receiver = "C"}).arguments, "(result)=rcx, this=rdx");
}

TEST(CallVectorcall, ABitFieldWithoutWidthIsNoPartOfAnAggregateOfFloats) {
    constexpr const char* types = "struct H c\nfield a double\nend\nstruct Z c\nfield - bool bits=0\nfield a double\nend";
    EXPECT_EQ(arguments("win64-msvc/clang-19", types, "H", {.convention = Convention::vectorcall64}), "xmm0");
    EXPECT_EQ(arguments("win64-msvc/clang-19", types, "Z", {.convention = Convention::vectorcall64}), "rcx");
}

// A record within is cleaned up before it is merged with what lies beside it: its X87UP does not follow X87, although the second eightbyte
// of the whole comes to INTEGER.
TEST(CallC, LongDoubleBesideAnIntegerWithinAUnion) {
    constexpr const char* types =
        "union In c\nfield a llong\nfield b array(1,ldouble)\nend\n"
        "struct Y c\nfield p llong\nfield q llong\nend\n"
        "union Out c\nfield x In\nfield y Y\nend\n"
        "union Flat c\nfield a llong\nfield b ldouble\nfield y Y\nend";
    for (std::string_view profile : {gcc, clang}) {
        EXPECT_EQ(arguments(profile, types, "In"), "sp+0") << profile;
        EXPECT_EQ(arguments(profile, types, "Out"), "sp+0") << profile;
        EXPECT_EQ(arguments(profile, types, "Flat"), "rdi rsi@8") << profile;
    }
}

TEST(CallCxx, ClassesThatAreNotCopiedBitwise) {
    for (const char* type : {"NT", "HoldsNT", "Pinned", "Virtual", "Destroyed"}) {
        EXPECT_EQ(arguments(gcc, cxx_types, type), "*rdi") << type;
        EXPECT_EQ(arguments(arm, cxx_types, type), "*x0") << type;
        EXPECT_EQ(ask(gcc, cxx_types, type).call.arguments[0].passed, Passed::by_hidden_reference) << type;
    }
    EXPECT_EQ(arguments(gcc, cxx_types, "MoveOnly"), "rdi");
    EXPECT_EQ(arguments(clang, cxx_types, "NT", {.trivial_abi = true}), "rdi");
    // clang drops the attribute of what is polymorphic.
    EXPECT_EQ(arguments(clang, cxx_types, "Virtual", {.trivial_abi = true}), "*rdi");
    // Too late for implicit members that it declared before, as those of a class with a member that is not trivial.
    EXPECT_EQ(arguments(clang, cxx_types, "HoldsNT", {.trivial_abi = true}), "rdi");
    // GCC ignores the attribute.
    EXPECT_EQ(arguments(gcc, cxx_types, "NT", {.trivial_abi = true}), "*rdi");
    EXPECT_EQ(ask(gcc, cxx_types, "int", "NT").arguments, "(result)=rdi, rsi");
    // Microsoft's compiler passes a small class in a slot although its destructor does something.
    EXPECT_EQ(arguments(msvc, cxx_types, "Destroyed"), "rcx");
    EXPECT_EQ(arguments(mingw, cxx_types, "Destroyed"), "*rcx");
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
