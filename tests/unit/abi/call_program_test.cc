// Calls of a program's functions: what its debug information says of them counts, and other ABIs leave out what they do not have.
#include <gtest/gtest.h>

#include "unit/abi/call_asking.h"

namespace abiscope::abi {
namespace {

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

// "C++ ABI for the Arm Architecture", 3.1.5; clang 19's code for armv7-linux-gnueabihf, arm64-apple-macos, x86_64 and i686-pc-windows-msvc.
TEST(CallConstructors, ReturnTheObjectWhereTheAbiSaysSo) {
    auto result = [](std::string_view profile, Structor structor) {
        return ask(profile, "struct S cxx\nfield a int\nend", "int", "", {.receiver = "S", .structor = structor}).results;
    };
    EXPECT_EQ(result(gcc, Structor::constructor), "");
    EXPECT_EQ(result("aapcs64/clang-19", Structor::destructor), "");
    EXPECT_EQ(result("win64-mingw/gcc-12", Structor::constructor), "");
    EXPECT_EQ(result(msvc, Structor::constructor), "rax");
    EXPECT_EQ(result("win32-msvc/clang-19", Structor::constructor), "eax");
    EXPECT_EQ(result(msvc, Structor::destructor), "");
    for (Structor both : {Structor::constructor, Structor::destructor}) {
        EXPECT_EQ(result("aapcs32/gcc-12", both), "r0");
        EXPECT_EQ(result("apple-arm64", both), "x0");
    }
    EXPECT_EQ(result("apple-arm64", Structor::none), "");
}

TEST(CallSwitches, SayHowTheStackIsAligned) {
    EXPECT_EQ(ask(gcc, "", "int").call.stack_alignment, 16U);
    EXPECT_EQ(ask(gcc, "", "int", "", {.switches = {"-mpreferred-stack-boundary=3"}}).call.stack_alignment, 8U);
    EXPECT_EQ(ask(gcc, "", "int", "", {.switches = {"-mpreferred-stack-boundary=63"}}).call.stack_alignment, 16U);
}

}  // namespace
}  // namespace abiscope::abi
