#include "disasm/x86_stack.h"

#include <gtest/gtest.h>

namespace abiscope::disasm {
namespace {

TEST(X86Stack, KeepsWhatIsStored) {
    X86Stack stack;
    stack.move(-0x20);
    stack.store(8, 8, KnownBits::of(0x1122334455667788));
    EXPECT_EQ(stack.load(8, 8), KnownBits::of(0x1122334455667788));
    EXPECT_EQ(stack.load(12, 4).one, 0x11223344U);          // a part of it
    EXPECT_EQ(stack.load(12, 8), KnownBits{});              // more than it
    EXPECT_EQ(stack.load(0, 8), KnownBits{});
    stack.move(-8);                                         // a call: the same place, seen from further down
    EXPECT_EQ(stack.load(16, 8), KnownBits::of(0x1122334455667788));
    stack.store(20, 1, KnownBits{});                        // into the middle of it
    EXPECT_EQ(stack.load(16, 4), KnownBits{});
}

TEST(X86Stack, LosesWhatLiesBelowThePointer) {
    X86Stack stack;
    stack.move(-16);
    stack.store(0, 8, KnownBits::of(1));
    stack.store(8, 8, KnownBits::of(2));
    stack.move(8);
    stack.move(-8);
    EXPECT_EQ(stack.load(0, 8), KnownBits{});
    EXPECT_EQ(stack.load(8, 8), KnownBits::of(2));
}

TEST(X86Stack, ForgetsWhatItCannotPlace) {
    X86Stack stack;
    stack.store(0, 8, KnownBits::of(1));
    stack.lose();                                           // and rsp, -16
    EXPECT_EQ(stack.load(0, 8), KnownBits{});
    stack.store(0, 8, KnownBits::of(1));
    EXPECT_EQ(stack.load(0, 8), KnownBits{});
    X86Stack wide;
    wide.store(16, 4, KnownBits::of(1));
    wide.store(0, 0, KnownBits{});                          // the decoder does not say how much FXSAVE writes
    EXPECT_EQ(wide.load(16, 4), KnownBits{});
}

TEST(X86Stack, MeetsOnlyTheSamePlaces) {
    X86Stack one, other, deeper;
    one.store(0, 4, KnownBits::of(5));
    other.store(0, 4, KnownBits::of(7));
    EXPECT_EQ(one.met(other).load(0, 4), KnownBits::of(5).met(KnownBits::of(7)));
    deeper.move(-8);
    deeper.store(8, 4, KnownBits::of(5));
    EXPECT_EQ(one.met(deeper).load(0, 4), KnownBits{});
    other = {};
    other.store(0, 8, KnownBits::of(5));
    EXPECT_EQ(one.met(other).load(0, 4), KnownBits{});
}

TEST(X86Stack, DoesNotOverflow) {
    X86Stack stack;
    stack.move(INT64_MIN);
    stack.move(-1);
    stack.store(0, 8, KnownBits::of(1));
    EXPECT_EQ(stack.load(0, 8), KnownBits{});
    X86Stack far;
    far.move(8);
    far.store(INT64_MAX, 8, KnownBits::of(1));
    EXPECT_EQ(far.load(INT64_MAX, 8), KnownBits{});
}

}  // namespace
}  // namespace abiscope::disasm
