#include "disasm/decoder.h"

#include <random>

#include <gtest/gtest.h>

#include "unit/disasm/bytes_of.h"

namespace abiscope::disasm {
namespace {

Instruction decode(Architecture architecture, std::string_view bytes, std::uint64_t address = 0x1000, Syntax syntax = Syntax::intel) {
    auto decoder = Decoder::create(architecture);
    if (!decoder) return {};
    return decoder->decode(bytes_of(bytes), address, syntax).value_or(Instruction{});
}

TEST(Decoder, WritesBothSyntaxes) {
    EXPECT_EQ(decode(Architecture::x86_64, "48 8b 44 8b 10").text, "mov rax, [rbx+rcx*4+0x10]");
    EXPECT_EQ(decode(Architecture::x86_64, "48 8b 44 8b 10", 0, Syntax::att).text, "mov 0x10(%rbx,%rcx,4), %rax");
}

TEST(Decoder, SaysWhichMemoryIsTouched) {
    Instruction load = decode(Architecture::x86_64, "48 8b 44 8b 10");
    ASSERT_EQ(load.operands.size(), 2U);
    EXPECT_EQ(load.operands[0].reg, "rax");
    EXPECT_TRUE(load.operands[0].write);
    EXPECT_FALSE(load.operands[0].read);
    const Operand& from = load.operands[1];
    EXPECT_EQ(from.kind, Operand::Kind::memory);
    EXPECT_TRUE(from.read && !from.write && from.memory.access);
    EXPECT_EQ(from.size, 8U);
    EXPECT_EQ(from.memory.base, "rbx");
    EXPECT_EQ(from.memory.index, "rcx");
    EXPECT_EQ(from.memory.scale, 4);
    EXPECT_EQ(from.memory.displacement, 0x10);
    EXPECT_EQ(from.memory.address, std::nullopt);

    Instruction stack_protector = decode(Architecture::x86_64, "64 48 8b 04 25 28 00 00 00");
    EXPECT_EQ(stack_protector.operands[1].memory.segment, "fs");
    EXPECT_EQ(stack_protector.operands[1].memory.displacement, 0x28);
    EXPECT_EQ(stack_protector.operands[1].memory.address, std::nullopt);

    Instruction global = decode(Architecture::x86_64, "8b 05 10 00 00 00", 0x4000);
    EXPECT_EQ(global.operands[1].memory.base, "rip");
    EXPECT_EQ(global.operands[1].memory.address, 0x4016U);

    Instruction lea = decode(Architecture::x86_64, "48 8d 05 10 00 00 00", 0x4000);
    EXPECT_FALSE(lea.operands[1].memory.access);

    Instruction push = decode(Architecture::x86_64, "53");
    bool stores = false;
    for (const Operand& operand : push.operands)
        stores = stores || (operand.kind == Operand::Kind::memory && operand.write && operand.implicit);
    EXPECT_TRUE(stores);
}

struct Branch {
    Architecture architecture;
    std::string_view bytes;
    BranchKind kind;
    std::optional<std::uint64_t> target;
    std::optional<std::uint64_t> slot;
};

void PrintTo(const Branch& branch, std::ostream* out) { *out << branch.bytes << " " << to_string(branch.kind); }

class Branches : public testing::TestWithParam<Branch> {};

using enum BranchKind;
INSTANTIATE_TEST_SUITE_P(
    All, Branches,
    testing::Values(
        Branch{Architecture::x86_64, "e8 fb 0f 00 00", call, 0x2000, {}}, Branch{Architecture::x86_64, "eb fe", jump, 0x1000, {}},
        Branch{Architecture::x86_64, "0f 84 fa 0f 00 00", conditional_jump, 0x2000, {}},
        Branch{Architecture::x86_64, "ff 15 fa 0f 00 00", indirect_call, {}, 0x2000},
        Branch{Architecture::x86_64, "ff 25 fa 0f 00 00", indirect_jump, {}, 0x2000},
        Branch{Architecture::x86_64, "ff d0", indirect_call, {}, {}}, Branch{Architecture::x86_64, "f3 c3", function_return, {}, {}},
        Branch{Architecture::x86_64, "0f 0b", trap, {}, {}}, Branch{Architecture::x86_64, "0f 05", system_call, {}, {}},
        Branch{Architecture::x86_64, "cc", trap, {}, {}}, Branch{Architecture::x86_64, "90", none, {}, {}},
        Branch{Architecture::x86_64, "64 ff 14 25 10 00 00 00", indirect_call, {}, {}},     // through FS: no address
        Branch{Architecture::x86, "e8 fb 0f 00 00", call, 0x2000, {}},
        Branch{Architecture::x86, "ff 25 00 20 00 00", indirect_jump, {}, 0x2000}, Branch{Architecture::x86, "cd 80", system_call, {}, {}},
        Branch{Architecture::arm64, "00 04 00 94", call, 0x2000, {}}, Branch{Architecture::arm64, "00 04 00 14", jump, 0x2000, {}},
        Branch{Architecture::arm64, "00 80 00 54", conditional_jump, 0x2000, {}},
        Branch{Architecture::arm64, "c0 03 5f d6", function_return, {}, {}},
        Branch{Architecture::arm64, "00 80 00 b4", conditional_jump, 0x2000, {}},
        Branch{Architecture::arm64, "00 80 18 36", conditional_jump, 0x2000, {}},
        Branch{Architecture::arm64, "20 02 1f d6", indirect_jump, {}, {}},
        Branch{Architecture::arm64, "20 02 3f d6", indirect_call, {}, {}}, Branch{Architecture::arm64, "01 00 00 d4", system_call, {}, {}},
        Branch{Architecture::arm64, "00 00 20 d4", trap, {}, {}}, Branch{Architecture::arm, "fe 03 00 eb", call, 0x2000, {}},
        Branch{Architecture::arm, "fe 03 00 ea", jump, 0x2000, {}}, Branch{Architecture::arm, "fe 03 00 0a", conditional_jump, 0x2000, {}},
        Branch{Architecture::arm, "1e ff 2f e1", function_return, {}, {}},
        Branch{Architecture::arm, "10 80 bd e8", function_return, {}, {}}, Branch{Architecture::thumb, "70 47", function_return, {}, {}},
        Branch{Architecture::thumb, "00 bd", function_return, {}, {}}, Branch{Architecture::thumb, "00 f0 fe ff", call, 0x2000, {}},
        Branch{Architecture::ppc32, "48 00 10 01", call, 0x2000, {}}, Branch{Architecture::ppc32, "4e 80 00 20", function_return, {}, {}},
        Branch{Architecture::ppc32, "48 00 10 00", jump, 0x2000, {}},
        Branch{Architecture::ppc32, "41 82 10 00", conditional_jump, 0x2000, {}},
        Branch{Architecture::mips32, "03 e0 00 08", function_return, {}, {}}, Branch{Architecture::mips32, "0c 00 08 00", call, 0x2000, {}},
        Branch{Architecture::s390x, "07 fe", function_return, {}, {}}, Branch{Architecture::s390x, "c0 e5 00 00 08 00", call, 0x2000, {}},
        Branch{Architecture::sparc64, "40 00 04 00", call, 0x2000, {}},
        Branch{Architecture::sparc64, "81 c7 e0 08", function_return, {}, {}}));

TEST_P(Branches, KindAndTarget) {
    auto decoder = Decoder::create(GetParam().architecture);
    ASSERT_TRUE(decoder);
    auto instruction = decoder->decode(bytes_of(GetParam().bytes), 0x1000);
    ASSERT_TRUE(instruction);
    EXPECT_EQ(to_string(instruction->flow.branch), to_string(GetParam().kind)) << instruction->text;
    EXPECT_EQ(instruction->flow.target, GetParam().target) << instruction->text;
    EXPECT_EQ(instruction->flow.slot, GetParam().slot) << instruction->text;
    auto flow = decoder->flow(bytes_of(GetParam().bytes), 0x1000);
    ASSERT_TRUE(flow);
    EXPECT_EQ(flow->branch, instruction->flow.branch);
    EXPECT_EQ(flow->target, instruction->flow.target);
}

TEST(Decoder, OtherMachinesTouchMemoryToo) {
    Instruction load = decode(Architecture::arm64, "20 08 40 f9");
    EXPECT_EQ(load.text, "ldr x0, [x1, #0x10]");
    ASSERT_EQ(load.operands.size(), 2U);
    EXPECT_EQ(load.operands[1].memory.base, "x1");
    EXPECT_EQ(load.operands[1].memory.displacement, 0x10);
    EXPECT_TRUE(load.operands[1].read);
}

TEST(Decoder, SaysWhatItCannotDecode) {
    auto riscv = Decoder::create(Architecture::riscv64);
    ASSERT_FALSE(riscv);
    EXPECT_EQ(riscv.error().code, ErrorCode::unsupported);
}

TEST(Decoder, IsTotalOnAnyBytes) {
    std::mt19937_64 random(7);
    for (Architecture architecture : {Architecture::x86, Architecture::x86_64, Architecture::arm, Architecture::thumb, Architecture::arm64,
                                      Architecture::ppc32, Architecture::ppc64, Architecture::mips32, Architecture::mips64,
                                      Architecture::s390x, Architecture::sparc, Architecture::sparc64}) {
        auto decoder = Decoder::create(architecture);
        ASSERT_TRUE(decoder) << *find_name(architecture_names(), static_cast<std::uint64_t>(architecture));
        EXPECT_FALSE(decoder->decode({}, 0));
        for (int turn = 0; turn < 20'000; ++turn) {
            std::array<std::byte, 16> bytes{};
            for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
            auto some = std::span(bytes).first(random() % 17);
            auto instruction = decoder->decode(some, random());
            if (!instruction) continue;
            ASSERT_GE(instruction->length(), 1U);
            ASSERT_LE(instruction->length(), some.size());
            ASSERT_FALSE(instruction->text.empty());
        }
    }
}

}  // namespace
}  // namespace abiscope::disasm
