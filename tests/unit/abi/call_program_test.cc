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

TEST(CallSwitches, SayHowTheStackIsAligned) {
    EXPECT_EQ(ask(gcc, "", "int").call.stack_alignment, 16U);
    EXPECT_EQ(ask(gcc, "", "int", "", {.switches = {"-mpreferred-stack-boundary=3"}}).call.stack_alignment, 8U);
    EXPECT_EQ(ask(gcc, "", "int", "", {.switches = {"-mpreferred-stack-boundary=63"}}).call.stack_alignment, 16U);
}

}  // namespace
}  // namespace abiscope::abi
