#include "disasm/direct_calls.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/disasm/program.h"

namespace abiscope::disasm {
namespace {

TEST(DirectCalls, FindsCallsOfTheFunctionsAskedFor) {
    Program program;
    program.at(0, "e8 fb 00 00 00 e8 f6 01 00 00 c3", "f").at(0x100, "e8 fb fe ff ff e8 e8 f5 ff ff ff c3", "g").at(0x200, "c3", "h");
    std::array targets = {base + 0x100};
    // The second is the operand of the call before it: E8 and the four bytes behind it, as it happens.
    EXPECT_THAT(direct_calls(program.code(), targets), testing::ElementsAre(base, base + 0x106));
    std::array both = {base, base + 0x200};
    EXPECT_THAT(direct_calls(program.code(), both), testing::ElementsAre(base + 5, base + 0x100));
    EXPECT_THAT(direct_calls(program.code(), {}), testing::IsEmpty());
    program.at(0x210, "e8 00 00 00", "cut off");
    EXPECT_THAT(direct_calls(program.code(), targets), testing::SizeIs(2));
}

}  // namespace
}  // namespace abiscope::disasm
