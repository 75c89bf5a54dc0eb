// What tells how a program's function is called: DW_AT_calling_convention, the decoration of its symbol, the switches of its unit.
#include <gtest/gtest.h>

#include "source/program_conventions.h"
#include "source/program_switches.h"

namespace abiscope::source {
namespace {

using abi::Convention;

const debuginfo::ProgramAbi linux64{.format = "ELF", .language = abi::Language::c, .profile = "sysv-amd64/gcc-12", .machine = {}};
const debuginfo::ProgramAbi windows32{.format = "PE", .language = abi::Language::cxx, .profile = "win32-mingw/gcc-12", .machine = {}};
constexpr const char* gcc = "GNU C17 12.2.0 -mtune=generic -g";
constexpr const char* clang = "Debian clang version 19.1.7";

dwarf::FunctionSignature function(std::uint64_t number, const char* producer = clang, const char* symbol = "") {
    dwarf::FunctionSignature out{.name = "f", .linkage_name = symbol};
    if (number != 0) out.calling_convention = number;
    out.producer = producer;
    return out;
}

ProgramConvention convention_of(const dwarf::FunctionSignature& function, bool variadic, const debuginfo::ProgramAbi& own) {
    ProgramCalls units(own.profile);
    return convention_of(function, variadic, units.of(function.producer), own);
}

TEST(ProgramConvention, IsWhatTheDebugInformationSays) {
    EXPECT_EQ(convention_of(function(0), false, linux64).convention, std::nullopt);
    EXPECT_EQ(convention_of(function(1), false, linux64).convention, std::nullopt);
    EXPECT_EQ(convention_of(function(0xc1), false, linux64).convention, Convention::win64);
    EXPECT_EQ(convention_of(function(0xb1), false, windows32).convention, Convention::stdcall);
    EXPECT_EQ(convention_of(function(0xb3), false, windows32).convention, Convention::fastcall);
    EXPECT_EQ(convention_of(function(0xcb), false, linux64).refused, "its calling convention (DW_CC_LLVM_X86RegCall) is not modelled");
    EXPECT_EQ(convention_of(function(0xe0), false, linux64).refused, "its calling convention (DW_CC 0xe0) is not known");
    EXPECT_NE(convention_of(function(3), false, linux64).refused, "");
}

TEST(ProgramSwitches, SayWhichVectorRegistersThereAre) {
    using Switches = std::vector<std::string>;
    EXPECT_EQ(call_switches(gcc), Switches{});
    EXPECT_EQ(call_switches(clang), Switches{});
    EXPECT_EQ(call_switches("GNU C17 12.2.0 -mavx -mtune=generic -march=x86-64 -g"), Switches{"-mavx"});
    EXPECT_EQ(call_switches("GNU C17 12.2.0 -mfma -mtune=generic -march=x86-64 -g"), Switches{"-mavx"});
    EXPECT_EQ(call_switches("GNU C17 12.2.0 -march=x86-64-v3"), Switches{"-mavx"});
    EXPECT_EQ(call_switches("GNU C17 12.2.0 -march=x86-64-v3 -mno-avx"), Switches{});
    EXPECT_EQ(call_switches("GNU C17 12.2.0 -march=skylake-avx512"), Switches{"-mavx512f"});
    EXPECT_EQ(call_switches("GNU C17 12.2.0 -march=skylake-avx512 -mno-avx512f"), Switches{"-mavx"});
    EXPECT_EQ(call_switches("GNU C17 12.2.0 -mavx512bw"), Switches{"-mavx512f"});
    EXPECT_EQ(call_switches("GNU C17 12.2.0 -march=haswell -march=x86-64"), Switches{});
    EXPECT_EQ(call_switches("GNU C17 12.2.0 -mno-sse -mno-red-zone -mcmodel=kernel"), Switches{"-mno-red-zone"});
    EXPECT_EQ(call_switches("GNU C17 12.2.0 -mpreferred-stack-boundary=3"), Switches{"-mpreferred-stack-boundary=3"});
}

TEST(ProgramConvention, IsReadFromTheSymbolsOfWindows) {
    EXPECT_EQ(convention_of(function(0, gcc, "f@12"), false, windows32).convention, Convention::stdcall);
    EXPECT_EQ(convention_of(function(0, gcc, "_Z1fi@4"), false, windows32).convention, Convention::stdcall);
    EXPECT_EQ(convention_of(function(0, gcc, "@f@8"), false, windows32).convention, Convention::fastcall);
    EXPECT_EQ(convention_of(function(0, gcc, "f@@8"), false, windows32).convention, Convention::vectorcall32);
    for (const char* plain : {"f", "_Z1fi", "f@", "@8", "f@x8", "8", ""})
        EXPECT_EQ(convention_of(function(0, gcc, plain), false, windows32).convention, std::nullopt) << plain;
    EXPECT_EQ(convention_of(function(0, gcc, "memcpy@14"), false, linux64).convention, std::nullopt);
}

TEST(ProgramConvention, OfAMethodIsThiscallUnlessClangSaysNothing) {
    dwarf::FunctionSignature method = function(0xb5);
    method.has_this = true;
    EXPECT_EQ(convention_of(method, false, windows32).convention, std::nullopt);
    method.calling_convention.reset();
    EXPECT_EQ(convention_of(method, false, windows32).convention, Convention::cdecl32);
    EXPECT_EQ(convention_of(method, true, windows32).convention, std::nullopt);
    method.producer = gcc;
    EXPECT_EQ(convention_of(method, false, windows32).convention, std::nullopt);
}

TEST(ProgramConvention, DependsOnTheSwitchesOfTheUnit) {
    EXPECT_EQ(convention_of(function(0, "GNU C17 12.2.0 -mabi=ms -g"), false, linux64).convention, Convention::win64);
    EXPECT_EQ(convention_of(function(0, "GNU C17 12.2.0 -m32 -mregparm=3 -g"), false, linux64).refused,
              "its unit was compiled with -mregparm=3, which is not modelled");
    EXPECT_EQ(convention_of(function(0, "GNU C17 12.2.0 -mregparm=0 -g"), false, linux64).refused, "");
    debuginfo::ProgramAbi linux32{.format = "ELF", .language = abi::Language::c, .profile = "sysv-i386/gcc-12", .machine = {}};
    EXPECT_NE(convention_of(function(0, "GNU C17 12.2.0 -m32 -mrtd -g"), false, linux32).refused, "");
    EXPECT_NE(convention_of(function(0, "GNU C17 12.2.0 -m32 -freg-struct-return -g"), false, linux32).refused, "");
    EXPECT_EQ(convention_of(function(0, "GNU C17 12.2.0 -m32 -fpcc-struct-return -g"), false, linux32).refused, "");
    EXPECT_EQ(convention_of(function(0, "GNU C17 12.2.0 -mpreferred-stack-boundary=3 -m64 -g"), false, linux64).refused, "");
}

}  // namespace
}  // namespace abiscope::source
