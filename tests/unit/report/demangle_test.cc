#include "report/demangle.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace abiscope::report {
namespace {

TEST(Demangle, NamesOfCplusplus) {
    EXPECT_EQ(demangled("_ZNSt6vectorIiSaIiEE9push_backERKi"), "std::vector<int, std::allocator<int> >::push_back(int const&)");
    EXPECT_EQ(demangled("__ZN3app4mainEv"), "app::main()") << "Mach-O's underscore";
}

TEST(Demangle, LongNamesOfPrograms) {
    EXPECT_EQ(demangled("_ZN8abiscope7inspect11inspect_elfERKSt10shared_ptrIKNS_6SourceEENS_4ViewERKNS0_7OptionsERNS_7finding4SinkE"),
              "abiscope::inspect::inspect_elf(std::shared_ptr<abiscope::Source const> const&, abiscope::View, "
              "abiscope::inspect::Options const&, abiscope::finding::Sink&)");
    // The parameters of the function are its arguments, and those of the lambda in them are `auto`.
    EXPECT_EQ(demangled("_Z4eachIZ4mainEUlT_E_EvS1_"), "void each<main::{lambda(auto:1)#1}>(main::{lambda(auto:1)#1})");
    EXPECT_EQ(demangled("_ZN4llvm4yaml7yamlizeINS_7ELFYAML6SymbolENS0_12EmptyContextEEENSt9enable_ifIXsr22validatedMappingTraitsIT_"
                        "T0_EE5valueEvE4typeERNS0_2IOERS6_bRS7_"),
              "std::enable_if<validatedMappingTraits<llvm::ELFYAML::Symbol, llvm::yaml::EmptyContext>::value, void>::type "
              "llvm::yaml::yamlize<llvm::ELFYAML::Symbol, llvm::yaml::EmptyContext>(llvm::yaml::IO&, llvm::ELFYAML::Symbol&, bool, "
              "llvm::yaml::EmptyContext&)");
}

TEST(Demangle, NamesOfRust) {
    EXPECT_EQ(demangled("_RNvCs1234_7mycrate3foo"), "mycrate::foo");
    EXPECT_EQ(demangled("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE"), "core::fmt::Write::write_fmt") << "the hash is left out";
}

TEST(Demangle, OtherNamesStay) {
    for (const char* name : {"", "_", "_Z", "__", "main", "pthread_create", "_Zwhatever", "_R", "__libc_start_main"})
        EXPECT_EQ(demangled(name), name);
    EXPECT_EQ(demangled("a\x1b[31m"), "a\\x1b[31m") << "safe to print";
}

// void f(P1, P2...): each parameter is a pair of the one before, twice. 2^n times the first when it is written out.
std::string doubling(int levels) {
    std::string name = "_Z1f1aSt4pairIS_S_E";
    for (int i = 0; i < levels; ++i) name += "S0_IS" + std::to_string(i + 1) + "_S" + std::to_string(i + 1) + "_E";
    return name + "z";
}

TEST(Demangle, NamesThatGrowWithoutEndStay) {
    auto start = std::chrono::steady_clock::now();
    for (int levels : {30, 60, 200}) EXPECT_EQ(demangled(doubling(levels)), doubling(levels));
    // Each function is a local name of the one before, whose parameters are three of its argument.
    std::string nested = "_Z1fIiEvT_S0_S0_";
    for (int i = 0; i < 40; ++i) nested = "_ZZ" + nested.substr(2) + "E1gIT_T_T_EvT_T0_T1_";
    EXPECT_LT(demangled(nested).size(), std::size_t{1} << 20);
    std::string patterns = "_Z1fIJiiiiiiiiiiEEvDp";
    for (int i = 0; i < 20; ++i) patterns += "SpIDp";
    EXPECT_LT(demangled(patterns + "T_" + std::string(20, 'E')).size(), std::size_t{1} << 20);
    std::string expansions = "_Z1fI";
    for (int i = 0; i < 60; ++i) expansions += "Dp";
    EXPECT_EQ(demangled(expansions), expansions);
    EXPECT_EQ(demangled("_ZN" + std::string(5000, '1') + "E"), "_ZN" + std::string(5000, '1') + "E");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace abiscope::report
