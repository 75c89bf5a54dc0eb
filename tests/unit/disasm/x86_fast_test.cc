// The fast path says what plain Zydis says, always.
#include "disasm/x86_fast.h"

#include <random>

#include <gtest/gtest.h>

#include "base/text.h"
#include "bytes/mapped_file.h"
#include "disasm/sweep_raw.h"

namespace abiscope::disasm::x86 {
namespace {

class FastPath : public testing::TestWithParam<Architecture> {
protected:
    FastDecoder fast{GetParam()};
    PlainDecoder plain{GetParam()};

    void expect_same(std::span<const std::byte> bytes) {
        Measure wanted = plain.measure(bytes.data(), bytes.size());
        Measure had = fast.measure(bytes.data(), bytes.size());
        ASSERT_TRUE(wanted == had) << text::hex_bytes(bytes.first(std::min<std::size_t>(bytes.size(), 15))) << " of " << bytes.size()
                                   << ": length " << int{wanted.length} << " needs " << int{wanted.code} << ", the fast path says "
                                   << int{had.length} << " and " << int{had.code};
    }

    // Whatever plain_step calls plain has that length, needs nothing and is no landmark.
    void expect_plain(std::span<const std::byte> bytes) {
        if (bytes.size() < fast_read_ahead) return;
        Step step = fast.wide() ? plain_step<true>(bytes.data()) : plain_step<false>(bytes.data());
        if (!step.plain) return;
        Measure wanted = plain.measure(bytes.data(), bytes.size());
        ASSERT_TRUE(wanted == (Measure{static_cast<std::uint8_t>(step.length), 0, Landmark::none})) << text::hex_bytes(bytes.first(15));
    }
};

INSTANTIATE_TEST_SUITE_P(Modes, FastPath, testing::Values(Architecture::x86, Architecture::x86_64));

TEST_P(FastPath, AgreesWithZydisOnRandomBytes) {
    std::mt19937_64 random(20240607);
    std::array<std::byte, 32> bytes{};
    constexpr std::array<unsigned char, 20> favourites{0x66, 0xf2, 0xf3, 0xf0, 0x2e, 0x3e, 0x64, 0x67, 0x48, 0x41,
                                                       0x4c, 0x0f, 0x0f, 0x0f, 0x38, 0x3a, 0xc4, 0xc5, 0x62, 0x8f};
    for (int turn = 0; turn < 1'500'000; ++turn) {
        for (std::size_t i = 0; i < bytes.size(); i += 8) {
            std::uint64_t value = random();
            std::memcpy(&bytes[i], &value, 8);
        }
        // Random bytes seldom have prefixes.
        for (std::size_t i = 0; i < static_cast<std::size_t>(turn % 5); ++i) {
            bytes[i] = static_cast<std::byte>(favourites[random() % favourites.size()]);
        }
        std::size_t size = turn % 9 == 0 ? random() % 18 : bytes.size();
        expect_same(std::span(bytes).first(size));
        expect_plain(bytes);
        if (HasFatalFailure()) return;
    }
}

TEST_P(FastPath, AgreesWithZydisOnEveryOpcodeAndModrm) {
    std::array<std::byte, 32> bytes{};
    constexpr std::array<std::string_view, 7> before{"", "\x0f", "\x66\x0f", "\xf3\x0f", "\xf2\x0f", "\x0f\x38", "\x66\x0f\x3a"};
    for (std::string_view start : before) {
        for (unsigned opcode = 0; opcode < 256; ++opcode) {
            for (unsigned modrm = 0; modrm < 256; ++modrm) {
                for (unsigned fill : {0x00U, 0x25U, 0xffU}) {
                    bytes.fill(static_cast<std::byte>(fill));
                    std::memcpy(bytes.data(), start.data(), start.size());
                    bytes[start.size()] = static_cast<std::byte>(opcode);
                    bytes[start.size() + 1] = static_cast<std::byte>(modrm);
                    expect_same(bytes);
                    expect_plain(bytes);
                    if (HasFatalFailure()) return;
                }
            }
        }
    }
}

TEST_P(FastPath, AgreesWithZydisOnEveryOffsetOfThisProgram) {
    auto self = open_file("/proc/self/exe");
    ASSERT_TRUE(self);
    std::span<const std::byte> bytes = (*self)->view().bytes();
    std::size_t most = std::min<std::size_t>(bytes.size(), 3'000'000);
    for (std::size_t at = 0; at < most; ++at) {
        expect_same(bytes.subspan(at));
        expect_plain(bytes.subspan(at));
        if (HasFatalFailure()) return;
    }
}

TEST_P(FastPath, SweepDoesNotDependOnHowTheWorkIsDivided) {
    auto self = open_file("/proc/self/exe");
    ASSERT_TRUE(self);
    View all = (*self)->view();
    // Code, tables and strings alike: places where falling into step takes longest.
    Code code(GetParam(), {{all.clamped(0, 4'000'000), 0x400000}});
    RawSweep whole = sweep_raw(code, std::size_t{1} << 40);
    for (std::size_t piece : {4096U, 5000U, 70'000U}) EXPECT_TRUE(whole == sweep_raw(code, piece)) << piece;

    std::vector<Function> functions;
    std::mt19937_64 random(1);
    for (std::uint64_t at = 0; at < 4'000'000; at += 1 + random() % 9000)
        functions.push_back({0x400000 + at, at % 3 == 0 ? 0 : random() % 4000, {}});
    Code named(GetParam(), {{all.clamped(0, 4'000'000), 0x400000}}, functions);
    RawSweep named_whole = sweep_raw(named, std::size_t{1} << 40);
    for (std::size_t piece : {4096U, 5000U, 70'000U}) EXPECT_TRUE(named_whole == sweep_raw(named, piece)) << piece;
}

}  // namespace
}  // namespace abiscope::disasm::x86
