#include "dwarf/call_frames.h"

#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "dwarf/expression.h"

namespace abiscope::dwarf {
namespace {

using Bytes = std::vector<std::uint8_t>;

View view_of(const Bytes& bytes) { return {std::as_bytes(std::span(bytes)), 0x1000}; }

Machine machine() {
    return {.register_value = [](std::uint64_t number) { return number < 17 ? std::optional(number * 0x100) : std::nullopt; },
            .memory = [](std::uint64_t address, std::uint8_t size) { return size == 8 ? std::optional(address + 1) : std::nullopt; },
            .address_size = 8,
            .order = Endian::little};
}

std::optional<std::uint64_t> value_of(const Bytes& expression, std::optional<std::uint64_t> initial = {}) {
    return evaluate(view_of(expression), machine(), initial);
}

TEST(Expression, ComputesWithNumbersRegistersAndMemory) {
    EXPECT_EQ(value_of({0x35, 0x33, 0x1c}), 2);                    // lit5 lit3 minus
    EXPECT_EQ(value_of({0x77, 0x10}), 0x710);                      // breg7 16
    EXPECT_EQ(value_of({0x77, 0x10, 0x06}), 0x711);                // breg7 16, deref
    EXPECT_EQ(value_of({0x23, 0x08}, 0x20), 0x28);                 // plus_uconst 8 on what was pushed
    EXPECT_EQ(value_of({0x31, 0x32, 0x33, 0x17, 0x1c}), ~std::uint64_t{0});   // 1 2 3 rot: 3 1 2 (2 on top), minus
    EXPECT_EQ(value_of({0x11, 0x7f, 0x19}), 1);                    // consts -1, abs
}

TEST(Expression, WhatIsNotKnownHasNoValue) {
    EXPECT_EQ(value_of({}), std::nullopt);
    EXPECT_EQ(value_of({0x22}), std::nullopt);                     // plus, nothing on the stack
    EXPECT_EQ(value_of({0x92, 0x20, 0x00}), std::nullopt);         // bregx 32: no such register
    EXPECT_EQ(value_of({0x31, 0x94, 0x04}), std::nullopt);         // deref_size 4: that memory is unknown
    EXPECT_EQ(value_of({0x31, 0x30, 0x1b}), std::nullopt);         // 1 / 0
    EXPECT_EQ(value_of({0x03, 0x00}), std::nullopt);               // addr, cut off
    EXPECT_EQ(value_of({0x98, 0x00, 0x00}), std::nullopt);         // call2: not in call frame information
}

TEST(Expression, DividesTheSmallestNumberByMinusOne) {
    EXPECT_EQ(value_of({0x0e, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x11, 0x7f, 0x1b}), std::uint64_t{1} << 63);
}

TEST(Expression, EndsWhereItWouldGoOnForEver) {
    EXPECT_EQ(value_of({0x30, 0x2f, 0xfc, 0xff}), std::nullopt);   // lit0, skip -4
    EXPECT_EQ(value_of({0x2f, 0x00, 0x80}), std::nullopt);         // skip to before the start
}

// CIE "zR", code 1, data -8, return address 16, pointers relative (0x1b); def_cfa r7 8, offset r16 at -8. FDE of 0x20 bytes: after 1 byte
// def_cfa_offset 16 and r6 at -16, after 4 def_cfa_register r6.
const Bytes eh_frame{0x14, 0,    0,    0,    0,    0,    0,    0,    0x01, 'z', 'R', 0, 0x01, 0x78, 0x10, 0x01, 0x1b, 0x0c, 0x07, 0x08,
                     0x90, 0x01, 0,    0,    0x1c, 0,    0,    0,    0x1c, 0,   0,   0, 0xe0, 0x0f, 0,    0,    0x20, 0,    0,    0,
                     0,    0x41, 0x0e, 0x10, 0x86, 0x02, 0x43, 0x0d, 0x06, 0,   0,   0, 0,    0,    0,    0,    0,    0,    0,    0};

CallFrames frames(const Bytes& bytes) { return {{view_of(bytes), 0x400000, true}, View(), 0, 8, Endian::little}; }

TEST(CallFrames, GivesTheRulesOfEachAddress) {
    CallFrames all = frames(eh_frame);
    // The pointer stands at 0x400020 and says 0xfe0 from there.
    auto entry = all.find(0x401000);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->start, 0x401000);
    EXPECT_EQ(entry->size, 0x20);
    EXPECT_EQ(entry->return_register, 16);
    auto at_start = all.row(*entry, 0x401000);
    ASSERT_TRUE(at_start);
    EXPECT_EQ(at_start->cfa_register, 7);
    EXPECT_EQ(at_start->cfa_offset, 8);
    EXPECT_EQ(at_start->registers.at(16).offset, -8);
    EXPECT_FALSE(at_start->registers.contains(6));
    auto pushed = all.row(*entry, 0x401001);
    EXPECT_EQ(pushed->cfa_offset, 16);
    EXPECT_EQ(pushed->registers.at(6).offset, -16);
    auto set_up = all.row(*entry, 0x40101f);
    EXPECT_EQ(set_up->cfa_register, 6);
    EXPECT_EQ(set_up->cfa_offset, 16);
}

TEST(CallFrames, KnowsNothingOfOtherAddresses) {
    CallFrames all = frames(eh_frame);
    EXPECT_FALSE(all.find(0x400fff));
    EXPECT_FALSE(all.find(0x401020));
    EXPECT_FALSE(all.find(~std::uint64_t{0}));
}

TEST(CallFrames, ReadsWhatIsCutOffAnywhere) {
    for (std::size_t size = 0; size < eh_frame.size(); ++size) {
        Bytes cut(eh_frame.begin(), eh_frame.begin() + static_cast<std::ptrdiff_t>(size));
        CallFrames all = frames(cut);
        EXPECT_EQ(all.find(0x401000).has_value(), size >= 56) << size;
    }
}

TEST(CallFrames, AHostileEntryDoesNotKeepItBusy) {
    Bytes bytes = eh_frame;
    // remember_state for ever: more states than a row may have behind it.
    bytes[24] = 0xff;
    bytes[25] = 0x0f;
    bytes.resize(49);
    bytes.resize(24 + 4 + 0xfff, 0x0a);
    CallFrames all = frames(bytes);
    auto entry = all.find(0x401000);
    ASSERT_TRUE(entry);
    EXPECT_FALSE(all.row(*entry, 0x40101f));
}

}  // namespace
}  // namespace abiscope::dwarf
