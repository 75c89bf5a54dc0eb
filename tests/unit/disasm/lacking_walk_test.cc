#include "disasm/lacking_walk.h"

#include <array>
#include <optional>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "unit/disasm/program.h"

namespace abiscope::disasm {
namespace {

constexpr std::uint64_t flags = base + 0x2000;      // a word whose bit 5 says AVX2

// Where AVX2 code is met on a CPU without it.
bool comes_to_avx2(const Program& program, std::function<bool(std::uint64_t)> resolver = {}) {
    auto decoder = Decoder::create(Architecture::x86_64);
    LackingWalkOptions options;
    options.world.lacking = {Feature::avx, Feature::avx2};
    options.world.load = [](std::uint64_t address, unsigned size) {
        return address == flags && size <= 4 ? KnownBits{0x20, 0} : KnownBits{};
    };
    options.resolver = std::move(resolver);
    std::uint64_t root = base;
    Code code = program.code();
    LackingWalk walk = walk_lacking(code, *decoder, std::span(&root, 1), options);
    EXPECT_TRUE(walk.whole);
    return walk.find(Feature::avx2) != nullptr;
}

Program guarded(std::string_view test) {
    Program program;
    program.at(0, test, "f").at(0x100, "c5 fd fe c1 c3", "avx2");       // vpaddd ymm0, ymm0, ymm1; ret
    return program;
}

TEST(LackingWalk, GoesTheWayOfACpuWithoutTheFeature) {
    EXPECT_FALSE(comes_to_avx2(guarded("f6 05 f9 1f 00 00 20 74 05 e8 f2 00 00 00 c3")));  // test [flags], 0x20; jz out; call avx2; ret
    EXPECT_TRUE(comes_to_avx2(guarded("f6 05 f9 1f 00 00 20 75 05 e8 f2 00 00 00 c3")));  // jnz: where the CPU has it not
    EXPECT_TRUE(comes_to_avx2(guarded("f6 05 f9 1f 00 00 10 74 05 e8 f2 00 00 00 c3")));  // another bit
    EXPECT_TRUE(comes_to_avx2(guarded("f6 05 f9 2f 00 00 20 74 05 e8 f2 00 00 00 c3")));  // another word
}

TEST(LackingWalk, FollowsTheBitThroughRegisters) {
    // mov eax, [flags]; and eax, 0x20; setne al; test al, al; jz; call
    EXPECT_FALSE(comes_to_avx2(guarded("8b 05 fa 1f 00 00 83 e0 20 0f 95 c0 84 c0 74 05 e8 eb 00 00 00 c3")));
    // lea rax, [flags]; bt dword [rax], 5; jae; call
    EXPECT_FALSE(comes_to_avx2(guarded("48 8d 05 f9 1f 00 00 0f ba 20 05 73 05 e8 ee 00 00 00 c3")));
    // mov eax, 7; xor ecx, ecx; cpuid; test ebx, 0x20; jz; call
    EXPECT_FALSE(comes_to_avx2(guarded("b8 07 00 00 00 31 c9 0f a2 f6 c3 20 74 05 e8 ed 00 00 00 c3")));
    // mov eax, 1; xor ecx, ecx; cpuid; test bl, 0x20; jz; call: that bit says something else
    EXPECT_TRUE(comes_to_avx2(guarded("b8 01 00 00 00 31 c9 0f a2 f6 c3 20 74 05 e8 ed 00 00 00 c3")));
}

TEST(LackingWalk, PutsBitsTogether) {
    // mov eax, [flags]; and eax, 0x20; lea ecx, [rax + 1]; inc eax; shr ecx, 5; jz; call: the bit is what is left
    EXPECT_FALSE(comes_to_avx2(guarded("8b 05 fa 1f 00 00 83 e0 20 8d 48 01 ff c0 c1 e9 05 74 05 e8 e8 00 00 00 c3")));
    // mov eax, [flags]; and eax, 0x20; xor ecx, ecx; lea eax, [rcx + rax*2 + 1]; test al, 0x40; jz; call
    EXPECT_FALSE(comes_to_avx2(guarded("8b 05 fa 1f 00 00 83 e0 20 31 c9 8d 44 41 01 a8 40 74 05 e8 e8 00 00 00 c3")));
    // mov eax, [flags]; and eax, 0x20; lea eax, [rax + rax + 1]; add eax, eax; test al, 0x80; jz; call
    EXPECT_FALSE(comes_to_avx2(guarded("8b 05 fa 1f 00 00 83 e0 20 8d 44 00 01 01 c0 a8 80 74 05 e8 e8 00 00 00 c3")));
    // mov eax, [flags]; and eax, 0x20; cmp eax, 1; sbb eax, eax; and eax, -4; add eax, 5; test al, 4; jz; call: 5 with the bit, 1 without
    EXPECT_FALSE(comes_to_avx2(guarded("8b 05 fa 1f 00 00 83 e0 20 83 f8 01 19 c0 83 e0 fc 83 c0 05 a8 04 74 05 e8 e3 00 00 00 c3")));
    // The same with add eax, 0x3f: what is carried may set the bit.
    EXPECT_TRUE(comes_to_avx2(guarded("8b 05 fa 1f 00 00 83 e0 1f 83 c0 3f 31 c9 a8 40 74 05 e8 e9 00 00 00 c3")));
}

TEST(LackingWalk, KnowsWhatACallReturns) {
    // call elsewhere; test al, 0x20; jz; call
    Program program = guarded("e8 fb 2f 00 00 a8 20 74 05 e8 f2 00 00 00 c3");
    EXPECT_TRUE(comes_to_avx2(program));
    auto decoder = Decoder::create(Architecture::x86_64);
    LackingWalkOptions options;
    options.world.lacking = {Feature::avx, Feature::avx2};
    options.result = [](std::uint64_t function) { return function == base + 0x3000 ? KnownBits{0x20, 0} : KnownBits{}; };
    std::uint64_t root = base;
    EXPECT_EQ(walk_lacking(program.code(), *decoder, std::span(&root, 1), options).find(Feature::avx2), nullptr);
}

TEST(LackingWalk, GoesThroughLeavesWithTheStack) {
    // sub rsp, 0x20; mov qword [rsp], 7; call cpuid; mov eax, [rsp + 12]; add rsp, 0x20; test al, 0x20; jz; call avx2; ret
    Program program = guarded("48 83 ec 20 48 c7 04 24 07 00 00 00 e8 ef 01 00 00 8b 44 24 0c 48 83 c4 20 a8 20 74 05 e8 de 00 00 00 c3");
    // Go's ABI0: mov eax, [rsp + 8]; mov ecx, [rsp + 12]; cpuid; mov [rsp + 16], eax; [rsp + 20], ebx; [rsp + 24], ecx; [rsp + 28], edx;
    // ret
    program.at(0x200, "8b 44 24 08 8b 4c 24 0c 0f a2 89 44 24 10 89 5c 24 14 89 4c 24 18 89 54 24 1c c3", "cpuid");
    EXPECT_TRUE(comes_to_avx2(program));
    auto decoder = Decoder::create(Architecture::x86_64);
    LackingWalkOptions options;
    options.world.lacking = {Feature::avx, Feature::avx2};
    options.world.stack_word = 8;
    options.leaf = [](std::uint64_t function) { return function == base + 0x200; };
    std::uint64_t root = base;
    EXPECT_EQ(walk_lacking(program.code(), *decoder, std::span(&root, 1), options).find(Feature::avx2), nullptr);
    // With a branch, both ways of which say that it is not there: cmp eax, 7; jb; ...; xor ebx, ebx; mov [rsp + 20], ebx; ret
    Program branching = guarded("48 83 ec 20 48 c7 04 24 07 00 00 00 e8 ef 01 00 00 8b 44 24 0c 48 83 c4 20 a8 20 74 05 e8 de 00 00 00 c3");
    branching.at(0x200, "31 c0 0f a2 83 f8 07 72 0e b8 07 00 00 00 31 c9 0f a2 89 5c 24 14 c3 31 db 89 5c 24 14 c3", "extensions");
    EXPECT_EQ(walk_lacking(branching.code(), *decoder, std::span(&root, 1), options).find(Feature::avx2), nullptr);
    branching.bytes[0x218] = std::byte{0xc0};  // xor eax, eax: what EBX holds there is not known
    EXPECT_NE(walk_lacking(branching.code(), *decoder, std::span(&root, 1), options).find(Feature::avx2), nullptr);
    // Another word of the result says nothing of AVX2.
    program.bytes[20] = std::byte{0x10};
    EXPECT_NE(walk_lacking(program.code(), *decoder, std::span(&root, 1), options).find(Feature::avx2), nullptr);
}

TEST(LackingWalk, StopsAtCallsThatDoNotReturn) {
    // test [flags], 0x20; jmp 1; call panics; 1: jz out; call avx2; out: ret. Behind the call the flags are not known.
    Program program = guarded("f6 05 f9 1f 00 00 20 eb 05 e8 f2 01 00 00 74 05 e8 eb 00 00 00 c3 e8 e5 01 00 00 eb f1");
    program.at(0x200, "c3", "panics");
    auto decoder = Decoder::create(Architecture::x86_64);
    LackingWalkOptions options;
    options.world.lacking = {Feature::avx, Feature::avx2};
    options.world.load = [](std::uint64_t address, unsigned size) {
        return address == flags && size <= 4 ? KnownBits{0x20, 0} : KnownBits{};
    };
    std::array roots = {base, base + 9};
    EXPECT_NE(walk_lacking(program.code(), *decoder, roots, options).find(Feature::avx2), nullptr);
    options.never_returns = [](std::uint64_t function) { return function == base + 0x200; };
    EXPECT_EQ(walk_lacking(program.code(), *decoder, roots, options).find(Feature::avx2), nullptr);
    // By another's word nothing there counts.
    options.never_returns = {};
    options.vouched = [](std::uint64_t address) { return address >= base + 0x100; };
    EXPECT_EQ(walk_lacking(program.code(), *decoder, roots, options).find(Feature::avx2), nullptr);
}

TEST(LackingWalk, TellsWhoseAddressIsTaken) {
    // lea rax, [base + 0x1007]; mov edi, 0x401234; mov [rsi], eax; push 0x77; ret
    Program program;
    program.at(0, "48 8d 05 00 10 00 00 bf 34 12 40 00 89 06 6a 77 c3", "f");
    auto decoder = Decoder::create(Architecture::x86_64);
    LackingWalkOptions options;
    std::set<std::uint64_t> taken;
    options.world.taken = [&](std::uint64_t address) { taken.insert(address); };
    std::uint64_t root = base;
    static_cast<void>(walk_lacking(program.code(), *decoder, std::span(&root, 1), options));
    EXPECT_EQ(taken, (std::set<std::uint64_t>{base + 0x1007, 0x401234, 0x77}));
}

TEST(LackingWalk, TellsWhatAFunctionReturns) {
    // test edi, edi; jz 1; mov eax, 0x21; ret; 1: mov eax, 1; ret
    Program program;
    program.at(0, "85 ff 74 06 b8 21 00 00 00 c3 b8 01 00 00 00 c3", "f");
    auto decoder = Decoder::create(Architecture::x86_64);
    LackingWalkOptions options;
    std::optional<KnownBits> returned;
    options.returned = [&](std::uint64_t function, const KnownBits& value) {
        EXPECT_EQ(function, base);
        returned = returned ? returned->met(value) : value;
    };
    std::uint64_t root = base;
    static_cast<void>(walk_lacking(program.code(), *decoder, std::span(&root, 1), options));
    ASSERT_TRUE(returned);
    EXPECT_EQ(*returned, (KnownBits{~std::uint64_t{0x21}, 1}));
    // jmp rax: nobody knows what is returned.
    program = {};
    program.at(0, "ff e0", "f");
    static_cast<void>(walk_lacking(program.code(), *decoder, std::span(&root, 1), options));
    EXPECT_EQ(*returned, KnownBits{});
}

TEST(LackingWalk, LooksAgainAtWhatItKnowsLessOf) {
    // test [flags], 0x20; jz out; call avx2; out: mov [rdx], eax; ret. What was known of flags is gone with the store.
    Program program = guarded("f6 05 f9 1f 00 00 20 74 05 e8 f2 00 00 00 89 02 c3");
    auto decoder = Decoder::create(Architecture::x86_64);
    LackingWalkOptions options;
    bool known = true;
    options.world.lacking = {Feature::avx, Feature::avx2};
    options.world.load = [&](std::uint64_t, unsigned) { return known ? KnownBits{0x20, 0} : KnownBits{}; };
    options.forgot = [&] { return std::exchange(known, false); };
    std::uint64_t root = base;
    EXPECT_NE(walk_lacking(program.code(), *decoder, std::span(&root, 1), options).find(Feature::avx2), nullptr);
}

TEST(LackingWalk, EndsWhenItHasFoundWhatIsSought) {
    // vpaddd; nop; nop; ret: both of what it needs are found at once.
    Program program;
    program.at(0, "e8 fb 00 00 00 c3", "f").at(0x100, "c5 fd fe c1 c3", "avx2");
    auto decoder = Decoder::create(Architecture::x86_64);
    LackingWalkOptions options;
    options.world.lacking = options.sought = {Feature::avx, Feature::avx2};
    std::uint64_t root = base;
    LackingWalk walk = walk_lacking(program.code(), *decoder, std::span(&root, 1), options);
    EXPECT_TRUE(walk.whole);
    EXPECT_NE(walk.find(Feature::avx2), nullptr);
}

TEST(LackingWalk, CallsWhatIsHandedOver) {
    EXPECT_TRUE(comes_to_avx2(guarded("48 8d 3d f9 00 00 00 e8 f4 1f 00 00 c3")));  // lea rdi, [avx2]; call elsewhere
    EXPECT_TRUE(comes_to_avx2(guarded("48 8d 05 f9 00 00 00 48 89 07 c3")));  // lea rax, [avx2]; mov [rdi], rax
    // lea rax, [avx2]; lea rdx, [f]; test [flags], 0x20; cmovz rax, rdx; ret: without the feature f is returned
    EXPECT_FALSE(comes_to_avx2(guarded("48 8d 05 f9 00 00 00 48 8d 15 f2 ff ff ff f6 05 eb 1f 00 00 20 48 0f 44 c2 c3")));
}

TEST(LackingWalk, LooksBehindTables) {
    // jmp rax; vpaddd: no branch leads there
    EXPECT_TRUE(comes_to_avx2(guarded("ff e0 c5 fd fe c1 c3")));
    // test [flags], 0x20; jnz 1; jmp rax; nop; 1: vpaddd: a table does not lead to what fills up to a place that a test leads to
    EXPECT_FALSE(comes_to_avx2(guarded("f6 05 f9 1f 00 00 20 75 07 ff e0 0f 1f 44 00 00 c5 fd fe c1 c3")));
    // The same where the place is not aligned: that nop was written by somebody.
    EXPECT_TRUE(comes_to_avx2(guarded("f6 05 f9 1f 00 00 20 75 06 ff e0 0f 1f 40 00 c5 fd fe c1 c3")));
}

TEST(LackingWalk, StopsAtTheNextFunction) {
    Program program;
    program.at(0, "e8 fb 1f 00 00", "f").at(0x10, "c5 fd fe c1 c3", "avx2");  // a call that does not return, padding
    EXPECT_FALSE(comes_to_avx2(program));
}

TEST(LackingWalk, EndsWhereItIsTold) {
    auto decoder = Decoder::create(Architecture::x86_64);
    Program program = guarded("90 90 90 90 c3");
    LackingWalkOptions options;
    options.max_instructions = 3;
    std::uint64_t root = base;
    EXPECT_FALSE(walk_lacking(program.code(), *decoder, std::span(&root, 1), options).whole);
}

}  // namespace
}  // namespace abiscope::disasm
