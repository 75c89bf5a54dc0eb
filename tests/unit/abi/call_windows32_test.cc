// Calls of 32-bit Windows, measured with the compilers themselves (MinGW's GCC 12, clang 19).
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/abi/call_asking.h"

namespace abiscope::abi {
namespace {

// clang 19, X86.cpp, shouldReturnTypeInRegister: neither is on its list; GCC does not ask what a struct is made of.
TEST(CallWindows32, StructsOfBitIntsAndAtomicsAreReturnedInMemory) {
    constexpr std::string_view types =
        "struct B c\nfield f bitint(33)\nend\nstruct A c\nfield f atomic(int)\nend\nstruct R c\nfield f array(1,bitint(20))\nend\n";
    for (const char* profile : {"win32-msvc/clang-19", "win32-mingw/clang-19"}) {
        for (const char* type : {"B", "A", "R", "atomic(F2)"})
            EXPECT_EQ(result(profile, std::string(types) + std::string(c_types), type), "memory") << profile << " " << type;
        EXPECT_EQ(result(profile, "", "bitint(33)"), "eax edx@4") << profile;
    }
    EXPECT_EQ(result("win32-mingw/gcc-12", types, "A"), "eax");
}

// GCC 12, stor-layout.cc: a record has no machine mode when a member has none.
TEST(CallWindows32, StructsWithOddMembersAreReturnedInMemoryByGcc) {
    constexpr std::string_view types =
        "struct A c\nfield a char\nfield b array(3,char)\nend\nstruct B c\nfield a array(4,char)\nend\nstruct C c\nfield a int\nfield b "
        "flexible(char)\nend\nstruct D c\nfield a int\nfield b array(0,char)\nend\n";
    constexpr const char* gcc32 = "win32-mingw/gcc-12";
    EXPECT_EQ(result(gcc32, types, "A"), "memory");
    EXPECT_EQ(result(gcc32, types, "B"), "eax");
    EXPECT_EQ(result(gcc32, types, "C"), "memory");
    EXPECT_EQ(result(gcc32, types, "D"), "eax");
}

// clang 19, MicrosoftCXXABI.cpp, isTrivialForMSVC: what trivial_abi says of calls does not count for results.
TEST(CallWindows32, AnEmptyResultOfAnySizeHasNoPlaceToClang) {
    constexpr std::string_view types = "struct E c\nend\nstruct A c\nfield e array(7,E)\nend\n";
    EXPECT_EQ(ask("win32-msvc/clang-19", types, "int", "A").arguments, "sp+0");
    EXPECT_EQ(arguments("win32-msvc/clang-19", types, "E int"), "sp+0, sp+4");
}

TEST(CallWindows32, UnnamedBitFieldsOfAUnionDoNotHideItsFloat) {
    constexpr std::string_view types = "union U c\nfield - short bits=0\nfield f float\nfield - short bits=14\nend\n";
    EXPECT_EQ(result("win32-mingw/clang-19", types, "U"), "st0");
}

TEST(CallWindows32, ADestructorKeepsAClassOutOfRegistersWhateverTrivialAbiSays) {
    constexpr std::string_view types = "struct T cxx trivial_abi\nfield a float\nspecial destructor user_provided\nend\n";
    EXPECT_EQ(result("win32-msvc/clang-19", types, "T"), "memory");
    EXPECT_EQ(arguments("win32-msvc/clang-19", types, "T"), "sp+0");
}

// clang 19, X86.cpp, canExpandIndirectArgument: the members' sizes add up to the aligned size, so they travel one by one, of a union one.
TEST(CallWindows32, OfAUnionWhoseMembersAddUpClangPassesTheLargestAlone) {
    constexpr std::string_view types =
        "union U c align=8\nfield p ptr\nfield f float\nend\nunion V c align=16\nfield a llong\nfield b int\nfield c float\nend\n"
        "union Y c align=8\nfield a int\nfield s F1\nend\nunion B c align=8\nfield a int\nfield b int bits=32\nend\n"
        "union A c align=8\nfield a int\nfield b atomic(int)\nend\n";
    const std::string all = std::string(c_types) + std::string(types);
    for (const char* profile : {"sysv-i386/clang-19", "win32-mingw/clang-19"}) {
        EXPECT_EQ(arguments(profile, all, "U int"), "sp+0, sp+4") << profile;
        EXPECT_EQ(arguments(profile, all, "V int"), "sp+0, sp+8") << profile;
        for (const char* whole : {"Y int", "B int", "A int"}) EXPECT_EQ(arguments(profile, all, whole), "sp+0, sp+8") << profile << whole;
    }
    EXPECT_EQ(arguments(i386, all, "U int"), "sp+0, sp+8");
    EXPECT_EQ(arguments("win32-mingw/clang-19", "union H cxx align=8\nfield p int\nfield f float private\nend\n", "H int"), "sp+0, sp+8");
}

// The same: "Structures with flexible arrays are always indirect", and LLVM copies no less than a word.
TEST(CallWindows32, AFlexibleArrayWithoutBytesTakesAWordOfTheStackToClang) {
    constexpr std::string_view types = "struct E c\nend\nstruct F c\nfield e E\nfield x flexible(E)\nend\n";
    for (const char* profile : {"sysv-i386/clang-19", "win32-mingw/clang-19"})
        EXPECT_EQ(arguments(profile, types, "F int"), "sp+0, sp+4") << profile;
    EXPECT_EQ(ask("win32-mingw/gcc-12", types, "F int").arguments, ask("win32-mingw/gcc-12", types, "E int").arguments);
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

}  // namespace
}  // namespace abiscope::abi
