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
    std::string expansions = "_Z1fI";
    for (int i = 0; i < 60; ++i) expansions += "Dp";
    EXPECT_EQ(demangled(expansions), expansions);
    EXPECT_EQ(demangled("_ZN" + std::string(5000, '1') + "E"), "_ZN" + std::string(5000, '1') + "E");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace abiscope::report
