#include "disasm/must_execute.h"

#include <gtest/gtest.h>

#include "unit/disasm/program.h"

namespace abiscope::disasm {
namespace {

Decoder decoder_for(Architecture architecture = Architecture::x86_64) { return *Decoder::create(architecture); }

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
    EXPECT_EQ(walk_of("eb fe").stop, WalkStop::endless_loop);
    Walk round = walk_of("e8 07 00 00 00 e8 02 00 00 00 eb f4 c5 fd fe c1 c3");          // calls a function twice, over and over
    EXPECT_EQ(round.stop, WalkStop::endless_loop);
    EXPECT_NE(round.find(Feature::avx2), nullptr);
    EXPECT_LT(round.instructions, 30U);
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
