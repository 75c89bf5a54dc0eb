#include "disasm/guards.h"

#include <gtest/gtest.h>

#include "unit/disasm/program.h"

namespace abiscope::disasm {
namespace {

constexpr std::string_view vpaddd_ymm = "c5 fd fe c1";

Decoder decoder_for(Architecture architecture = Architecture::x86_64) { return *Decoder::create(architecture); }

std::vector<GuardTest> tests_of(std::string_view before) {
    Program program;
    std::string text = std::string(before) + std::string(vpaddd_ymm) + "c3";
    program.at(0, text, "f");
    return tests_before(program.code(), decoder_for(), 0, base + bytes_of(before).size());
}

TEST(GuardTests, SeesAFlagInMemory) {
    auto tests = tests_of("f6 05 00 10 00 00 20 74 05");       // test byte ptr [rip+0x1000], 0x20; jz
    ASSERT_EQ(tests.size(), 1U);
    EXPECT_EQ(tests[0].kind, GuardTest::Kind::memory);
    EXPECT_EQ(tests[0].memory, base + 7 + 0x1000);
    EXPECT_EQ(tests[0].branch, base + 7);
}

TEST(GuardTests, SeesALoadedFlag) {
    // mov eax, [rip+0x1000]; and eax, 0x20; test eax, eax; jz
    auto tests = tests_of("8b 05 00 10 00 00 83 e0 20 85 c0 74 05");
    ASSERT_EQ(tests.size(), 1U);
    EXPECT_EQ(tests[0].kind, GuardTest::Kind::loaded);
    EXPECT_EQ(tests[0].memory, base + 6 + 0x1000);
    // mov rax, [rip+GOT]; mov eax, [rax+4]; bt eax, 10; jae
    tests = tests_of("48 8b 05 00 10 00 00 8b 40 04 0f ba e0 0a 73 05");
    ASSERT_EQ(tests.size(), 1U);
    EXPECT_EQ(tests[0].kind, GuardTest::Kind::loaded);
}

TEST(GuardTests, SeesAnAnswer) {
    auto tests = tests_of("e8 00 10 00 00 85 c0 74 05");        // call; test eax, eax; jz
    ASSERT_EQ(tests.size(), 1U);
    EXPECT_EQ(tests[0].kind, GuardTest::Kind::call_result);
    tests = tests_of("0f a2 81 e1 00 00 00 10 85 c9 74 05");    // cpuid; and ecx, AVX; test ecx, ecx; jz
    ASSERT_EQ(tests.size(), 1U);
    EXPECT_EQ(tests[0].kind, GuardTest::Kind::probe);
}

TEST(GuardTests, LeavesTheStackAside) {
    EXPECT_TRUE(tests_of("49 3b 66 10 76 05").empty());                     // cmp rsp, [r14+16]: Go asks whether there is stack left
    EXPECT_TRUE(tests_of("64 48 2b 14 25 28 00 00 00 75 05").empty());      // sub rdx, fs:[0x28]: was the stack smashed?
    EXPECT_EQ(tests_of("f6 05 00 10 00 00 20 74 05 49 3b 66 10 76 05").size(), 1U);
}

TEST(GuardTests, StopsAtTheMostThatAreWanted) {
    Program program;
    program.at(0, "f6 05 00 10 00 00 20 74 05 f6 05 00 20 00 00 20 74 05 c5 fd fe c1 c3", "f");
    EXPECT_EQ(tests_before(program.code(), decoder_for(), 0, base + 18).size(), 2U);
    EXPECT_EQ(tests_before(program.code(), decoder_for(), 0, base + 18, 1).size(), 1U);
}

TEST(GuardTests, IsNotFooled) {
    EXPECT_TRUE(tests_of("85 ff 74 05").empty());                           // an argument
    EXPECT_TRUE(tests_of("f6 44 24 08 20 74 05").empty());                  // a local variable
    EXPECT_TRUE(tests_of("f6 05 00 10 00 00 20").empty());                  // tested, and no branch
    EXPECT_TRUE(tests_of("f6 05 00 10 00 00 20 01 c8 74 05").empty());      // the branch is on the ADD in between
    Program program;
    program.at(0, "c5 fd fe c1 f6 05 00 10 00 00 20 74 05 c3", "f");
    EXPECT_TRUE(tests_before(program.code(), decoder_for(), 0, base).empty());      // the test comes after
}

TEST(MustExecute, GoesThroughStartToMain) {
    Program program;
    // lea rdi, [rip] -> main (0x40); call [rip] -> slot 0x402000; hlt
    program.at(0, "48 8d 3d 39 00 00 00 ff 15 f3 0f 00 00 f4", "_start");
    program.at(0x40, "e8 1b 00 00 00 c5 fd fe c1 c3", "main");      // call 0x60
    program.at(0x60, "f3 0f b8 c1 c3", "helper");
    WalkOptions options;
    options.slot = [](std::uint64_t slot) { return slot == 0x402000 ? Callee{Callee::Kind::starts_main, 0} : Callee{}; };
    Walk walk = must_execute(program.code(), decoder_for(), base, options);
    EXPECT_EQ(walk.main, base + 0x40);
    ASSERT_NE(walk.find(Feature::popcnt), nullptr);
    EXPECT_EQ(walk.find(Feature::popcnt)->address, base + 0x60);
    ASSERT_NE(walk.find(Feature::avx2), nullptr);
    EXPECT_EQ(walk.find(Feature::avx2)->text, "vpaddd ymm0, ymm0, ymm1");
    EXPECT_EQ(walk.stop, WalkStop::returned);

    // Without knowing what is behind the slot, nothing is certain.
    walk = must_execute(program.code(), decoder_for(), base);
    EXPECT_EQ(walk.stop, WalkStop::indirect_branch);
    EXPECT_TRUE(walk.uses.empty());
}

Walk walk_of(std::string_view code, const WalkOptions& options = {}) {
    Program program;
    program.at(0, code, "f");
    return must_execute(program.code(), decoder_for(), base, options);
}

TEST(MustExecute, StopsWhereItCouldGoTwoWays) {
    EXPECT_EQ(walk_of("74 00 c5 fd fe c1 c3").stop, WalkStop::conditional_branch);
    EXPECT_EQ(walk_of("ff d0 c5 fd fe c1 c3").stop, WalkStop::indirect_branch);
    EXPECT_EQ(walk_of("b8 3c 00 00 00 0f 05 c5 fd fe c1 c3").stop, WalkStop::system_call);      // exit
    EXPECT_EQ(walk_of("0f 0b c5 fd fe c1 c3").stop, WalkStop::trap);
    EXPECT_EQ(walk_of("06 c5 fd fe c1 c3").stop, WalkStop::undecodable);
    EXPECT_EQ(walk_of("eb fe").stop, WalkStop::limit);
    EXPECT_EQ(walk_of("e8 fb ff ff ff").stop, WalkStop::limit);                                 // calls itself for ever
    EXPECT_EQ(walk_of("e9 00 00 01 00").stop, WalkStop::unknown_callee);
    EXPECT_EQ(walk_of("90").stop, WalkStop::outside);
    for (std::string_view code :
         {"74 00 c5 fd fe c1 c3", "ff d0 c5 fd fe c1 c3", "b8 3c 00 00 00 0f 05 c5 fd fe c1 c3", "06 c5 fd fe c1 c3"}) {
        EXPECT_TRUE(walk_of(code).uses.empty()) << code;
    }
}

TEST(MustExecute, StepsOverWhatIsSaidToReturn) {
    WalkOptions options;
    options.callee = [](std::uint64_t target) { return target == base + 0x100 ? Callee{Callee::Kind::returns, 0} : Callee{}; };
    Walk walk = walk_of("e8 fb 00 00 00 c5 fd fe c1 c3", options);
    EXPECT_NE(walk.find(Feature::avx2), nullptr);
    options.callee = [](std::uint64_t) { return Callee{Callee::Kind::never_returns, 0}; };
    walk = walk_of("e8 fb 00 00 00 c5 fd fe c1 c3", options);
    EXPECT_EQ(walk.stop, WalkStop::no_return);
    EXPECT_EQ(walk.find(Feature::avx2), nullptr);
}

TEST(MustExecute, HarmlessInstructionsDoNotCount) {
    EXPECT_TRUE(walk_of("f3 0f bc c1 f3 0f 1e fa c3").uses.empty());
    EXPECT_TRUE(walk_of("0f a2 c3").probed);
}

}  // namespace
}  // namespace abiscope::disasm
