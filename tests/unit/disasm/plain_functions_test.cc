#include "disasm/plain_functions.h"

#include <random>

#include <gtest/gtest.h>

#include "disasm/lacking_walk.h"
#include "unit/disasm/program.h"

namespace abiscope::disasm {
namespace {

constexpr std::uint64_t flags = base + 0x100000;     // a word whose bit 5 says AVX2

void append_displacement(std::vector<std::byte>& to, std::uint64_t target, std::uint64_t at) {
    auto value = static_cast<std::uint32_t>(target - (at + 4));
    for (unsigned i = 0; i < 4; ++i) to.push_back(static_cast<std::byte>(value >> i * 8));
}

// Functions of random calls, tests and uses. `layout` knows where each starts, from the round before.
struct Generated {
    std::vector<std::byte> bytes;
    std::vector<Function> functions;
    std::vector<FunctionRole> roles;

    Generated(std::uint64_t seed, const std::vector<Function>& layout) {
        std::mt19937_64 random(seed);
        constexpr std::size_t count = 40;
        auto any = [&] {
            std::uint64_t index = random() % count;
            return index < layout.size() ? layout[index].address : base;
        };
        auto here = [&] { return base + bytes.size(); };
        auto branch = [&](std::string_view opcode, std::uint64_t target) {
            append(bytes, opcode);
            append_displacement(bytes, target, here());
        };
        for (std::size_t i = 0; i < count; ++i) {
            if (random() % 4 != 0) {
                while (bytes.size() % 16 != 0) bytes.push_back(std::byte{0xcc});
            }
            std::uint64_t start = here();
            FunctionRole role = FunctionRole::plain;
            for (std::uint64_t item = random() % 6; item != 0; --item) {
                switch (random() % 8) {
                    case 0: append(bytes, "89 c8 01 d1 48 83 c1 08"); break;    // mov eax, ecx; add ecx, edx; add rcx, 8
                    case 1: branch("e8", any()); break;
                    case 2: branch("0f 84", any()); break;
                    case 3:                                                     // lea rdi, [any]; call somewhere
                        branch("48 8d 3d", any());
                        branch("e8", base + 0x200000);
                        break;
                    case 4: {                                                   // test byte [flags], 0x20; jz out; call any; out:
                        role = std::max(role, FunctionRole::tests);
                        append(bytes, "f6 05");
                        append_displacement(bytes, flags, here() + 1);
                        append(bytes, "20 74 05");
                        branch("e8", any());
                        break;
                    }
                    case 5: {                                                   // a short branch to a neighbour
                        std::uint64_t neighbour = i + 1 < layout.size() ? layout[i + 1].address : base;
                        std::uint64_t displacement = neighbour - (here() + 2);
                        if (displacement + 128 >= 256) break;
                        append(bytes, "75");
                        bytes.push_back(static_cast<std::byte>(displacement));
                        break;
                    }
                    case 6:
                        if (i % 8 != 0) break;
                        role = FunctionRole::uses;
                        append(bytes, "c5 fd fe c1");                           // vpaddd ymm0, ymm0, ymm1
                        break;
                    default: append(bytes, "89 c2"); break;                     // mov edx, eax
                }
            }
            switch (random() % 4) {
                case 0: branch("e9", any()); break;
                case 1: append(bytes, "01 d1"); break;      // runs over its end
                default: append(bytes, "c3"); break;
            }
            functions.push_back({start, here() - start, {}});
            roles.push_back(role);
        }
        append(bytes, "c3");
    }
};

enum class PassOver : std::uint8_t { nothing, plain, whatever_leads_nowhere };

bool comes_to_avx2(const Generated& program, PassOver passed) {
    Code code(Architecture::x86_64, {{View(program.bytes, 0), base}}, program.functions);
    auto decoder = Decoder::create(Architecture::x86_64);
    LackingWalkOptions options;
    options.world.lacking = {Feature::avx, Feature::avx2};
    options.world.load = [](std::uint64_t address, unsigned size) {
        return address == flags && size <= 4 ? KnownBits{0x20, 0} : KnownBits{};
    };
    FunctionStarts starts(code);
    auto references = References::find(code, starts, {.data = {flags, 4}});
    EXPECT_TRUE(references);
    std::vector<FunctionRole> roles = program.roles;
    if (passed == PassOver::whatever_leads_nowhere) {
        std::vector<std::uint32_t> uses;
        for (std::uint32_t i = 0; i < roles.size(); ++i) {
            if (roles[i] == FunctionRole::uses) uses.push_back(i);
        }
        std::vector<bool> leading = leading_to(code, *references, uses);
        for (std::size_t i = 0; i < roles.size(); ++i) {
            if (!leading[i]) roles[i] = FunctionRole::plain;
        }
    }
    PlainFunctions plain(code, *references, roles);
    if (passed != PassOver::nothing) options.plain = &plain;
    std::uint64_t root = program.functions[1].address;
    return walk_lacking(code, *decoder, std::span(&root, 1), options).find(Feature::avx2) != nullptr;
}

TEST(PlainFunctions, LeadWhereFollowingThemLeads) {
    int reached = 0;
    constexpr int programs = 400;
    for (std::uint64_t seed = 0; seed < programs; ++seed) {
        // The sizes depend on how far neighbours are: until nothing moves.
        Generated program(seed, {});
        for (int round = 0; round < 4; ++round) program = Generated(seed, program.functions);
        bool followed = comes_to_avx2(program, PassOver::nothing);
        EXPECT_EQ(comes_to_avx2(program, PassOver::plain), followed) << "seed " << seed;
        EXPECT_EQ(comes_to_avx2(program, PassOver::whatever_leads_nowhere), followed) << "seed " << seed;
        reached += followed ? 1 : 0;
    }
    // Both answers are common.
    EXPECT_GT(reached, programs / 5);
    EXPECT_LT(reached, programs * 4 / 5);
}

TEST(PlainFunctions, FindsWhatLeadsThere) {
    Program program;
    program.at(0x000, "e8 fb 00 00 00 c3", "calls");                        // call middle
    program.at(0x100, "48 8d 05 f9 00 00 00 c3", "middle");                 // lea rax, [target]
    program.at(0x1ff, "90", "runs into it");
    program.at(0x200, "c3", "target");
    program.at(0x280, "e8 7b fd ff ff c3", "elsewhere");                    // call calls
    program.at(0x300, "90 c3", "apart");
    Code code = program.code();
    FunctionStarts starts(code);
    auto references = References::find(code, starts, {});
    ASSERT_TRUE(references);
    EXPECT_EQ(leading_to(code, *references, {3}), (std::vector<bool>{true, true, true, true, true, false}));
    EXPECT_EQ(leading_to(code, *references, {5}), (std::vector<bool>{false, false, false, false, false, true}));
}

TEST(PlainFunctions, DeadEndsAreLinkageTables) {
    std::vector<std::byte> table, code;
    append(table, "ff 35 02 10 00 00 ff 25 04 10 00 00 0f 1f 40 00 ff 25 02 10 00 00 68 00 00 00 00 e9 e0 ff ff ff");
    append(code, "e8 00 00 00 00 c3");
    Code both(Architecture::x86_64, {{View(table, 0), base}, {View(code, 0), base + 0x100}});
    auto decoder = Decoder::create(Architecture::x86_64);
    auto found = dead_ends(both, *decoder);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].address, base);
    EXPECT_EQ(found[0].size, table.size());
}

}  // namespace
}  // namespace abiscope::disasm
