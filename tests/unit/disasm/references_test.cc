#include "disasm/references.h"

#include <random>

#include <gtest/gtest.h>

#include "unit/disasm/program.h"

namespace abiscope::disasm {
namespace {

TEST(References, CallsAndAddresses) {
    Program program;
    program.at(0, "e8 1b 00 00 00 48 8d 05 34 00 00 00 c3", "main");       // call 0x20; lea rax, [rip] -> 0x40
    program.at(0x20, "c5 fd fe c1 75 fa c3", "called");                      // a loop of its own does not count
    program.at(0x40, "c5 fd fe c1 c3", "taken");
    program.at(0x60, "bf 80 10 40 00 c3", "user");                           // mov edi, 0x401080
    program.at(0x80, "c5 fd fe c1 c3", "taken_absolute");
    program.at(0xa0, "c5 fd fe c1 c3", "nobody");
    program.at(0xc0, "0f 84 5a ff ff ff c3", "jumper");                      // jz 0x20
    ReferenceIndex found(program.code());
    EXPECT_EQ(found.to(1).branches, 2U);
    EXPECT_EQ(found.to(1).first_branch, base);
    EXPECT_EQ(found.to(1).address_taken, 0U);
    EXPECT_EQ(found.to(2).branches, 0U);
    EXPECT_EQ(found.to(2).address_taken, 1U);
    EXPECT_EQ(found.to(2).first_taken, base + 5);
    EXPECT_EQ(found.to(4).address_taken, 1U);
    EXPECT_EQ(found.to(5).branches + found.to(5).address_taken, 0U);
}

TEST(References, Arm64) {
    Program program{.architecture = Architecture::arm64};
    program.at(0, "40 00 00 94 1f 00 00 54 1f 20 03 d5 c0 03 5f d6", "main");     // bl 0x100; b.nv 4: to itself
    program.at(0x100, "c0 03 5f d6", "called");
    program.at(0x200, "c0 ff ff 17 e0 07 f8 b4 c0 03 5f d6", "jumper");             // b 0x100; cbz x0, far away
    program.at(0x300, "00 f0 ff 35 00 f0 07 36", "tests");                          // cbnz w0, 0x100; tbz w0, #0, 0x104
    ReferenceIndex found(program.code());
    EXPECT_EQ(found.to(1).branches, 3U);
    EXPECT_EQ(found.to(1).first_branch, base);
    EXPECT_EQ(found.to(0).branches, 0U);
}

// Far larger than the pieces it is worked on in: calls across them, counted once each.
TEST(References, OfManyPieces) {
    std::mt19937 random(1);
    Program program;
    std::vector<std::uint64_t> calls(3000);
    std::string filler;
    for (int i = 0; i < 200; ++i) filler += "48 89 c3 ";                             // mov rbx, rax
    for (std::size_t i = 0; i < calls.size(); ++i) {
        std::size_t callee = random() % calls.size();
        if (callee == i) callee = (callee + 1) % calls.size();
        ++calls[callee];
        program.at(i * 1024, filler + "e8 00 00 00 00 c3", "f");
        auto displacement = static_cast<std::int32_t>(static_cast<std::int64_t>(callee * 1024) - static_cast<std::int64_t>(i * 1024 + 605));
        for (std::size_t byte = 0; byte < 4; ++byte)
            program.bytes[i * 1024 + 601 + byte] = static_cast<std::byte>(static_cast<std::uint32_t>(displacement) >> (8 * byte));
    }
    ReferenceIndex found(program.code());
    for (std::size_t i = 0; i < calls.size(); ++i) ASSERT_EQ(found.to(i).branches, calls[i]) << i;
    // The same code of which one function is known: the pieces are cut anywhere.
    program.functions.resize(1);
    EXPECT_EQ(ReferenceIndex(program.code()).to(0).branches, calls[0]);
}

}  // namespace
}  // namespace abiscope::disasm
