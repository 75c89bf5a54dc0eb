// Calls under the RISC-V convention lp64d, as GCC 12 and clang 19 compile them.
#include <gtest/gtest.h>

#include "unit/abi/call_asking.h"

namespace abiscope::abi {
namespace {

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

TEST(CallRiscV, ABitFieldWithoutBitsBeforeTheSecondPartKeepsClangOutOfRegisters) {
    constexpr std::string_view types =
        "struct A c\nfield a float\nfield - uint bits=0\nfield b float\nend\nstruct B c\nfield a float\nfield b float\nfield - uint bits=0\nend\n"
        "struct Z c\nfield - uint bits=0\nfield a float\nend\nstruct C c\nfield x Z\nfield b float\nend\nstruct D c\nfield b float\nfield x Z\nend\n";
    constexpr const char* riscv_clang = "lp64d-riscv64/clang-19";
    for (const char* type : {"A", "D"}) EXPECT_EQ(arguments(riscv_clang, types, type), "a0") << type;
    for (const char* type : {"B", "C"}) EXPECT_EQ(arguments(riscv_clang, types, type), "fa0 fa1@4") << type;
    EXPECT_EQ(arguments(riscv_clang, types, "Z"), "fa0");
    EXPECT_EQ(arguments(riscv, types, "A"), "fa0 fa1@4");
}

TEST(CallRiscV, AStructOfAComplexIntegerIsTwoPartsToClang) {
    constexpr std::string_view types = "struct C c\nfield c complex(short)\nend\n";
    EXPECT_EQ(arguments("lp64d-riscv64/clang-19", types, "C"), "a0 a1@2");
    EXPECT_EQ(arguments("lp64d-riscv64/gcc-12", types, "C"), "a0");
    EXPECT_EQ(arguments("lp64d-riscv64/clang-19", types, "complex(short)"), "a0");
}

TEST(CallRiscV, ArraysOfEmptyClassesAreParts) {
    constexpr std::string_view types =
        "struct E cxx\nend\nstruct A cxx\nfield d double\nfield e array(1,E)\nend\nstruct B cxx\nfield d double\nfield e "
        "E\nend\n";
    EXPECT_EQ(arguments(riscv, types, "A"), "a0 a1@8");
    EXPECT_EQ(arguments(riscv, types, "B"), "fa0");
    constexpr std::string_view c =
        "struct E c\nend\nstruct A c\nfield d double\nfield i int\nfield e array(0,E)\nend\nstruct B c\nfield d double\nfield e "
        "array(3,E)\nend\n";
    EXPECT_EQ(arguments(riscv, c, "A"), "a0 a1@8");
    EXPECT_EQ(arguments(riscv, c, "B"), "fa0");
    EXPECT_EQ(arguments("lp64d-riscv64/clang-19", c, "A"), "fa0 a0@8");
}

TEST(CallRiscV, ArraysWithoutElementsAreNoPartsToGccWhateverTheyHold) {
    constexpr std::string_view types =
        "struct W cxx\nfield z array(0,uint128)\nfield d double\nfield i int\nend\nstruct N cxx\nfield z array(0,int)\nfield d double\nfield i int\nend\n"
        "struct T cxx\nfield a int\nfield b int\nfield c int\nend\nstruct M cxx\nfield z array(0,T)\nfield d double\nfield i int\nend\n"
        "struct C c\nfield z array(0,complex(double))\nfield d complex(double)\nend\nstruct D c\nfield z array(0,int)\nfield d double\nfield i int\nend";
    EXPECT_EQ(arguments(riscv, types, "W N M"), "a0 a1@8, fa0 a2@8, a3 a4@8");
    EXPECT_EQ(arguments(riscv, types, "C D"), "fa0 fa1@8, a0 a1@8");
}

TEST(CallRiscV, ABitFieldWhoseTypeReachesOverTheFloatBehindItTakesItAlongInClang) {
    constexpr std::string_view types =
        "struct S c\nfield a llong bits=30\nfield f float\nend\nstruct T c\nfield a int bits=30\nfield f float\nend";
    EXPECT_EQ(arguments("lp64d-riscv64/clang-19", types, "S T"), "a0, a1 fa1@4");
    EXPECT_EQ(arguments(riscv, types, "S T"), "a0 fa0@4, a1 fa1@4");
}

}  // namespace
}  // namespace abiscope::abi
