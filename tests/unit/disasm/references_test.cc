#include "disasm/references.h"

#include <gtest/gtest.h>

#include "unit/disasm/program.h"

namespace abiscope::disasm {
namespace {

constexpr std::uint64_t word = base + 0x2000;

References references_of(const Program& program, const ReferenceOptions& options = {}) {
    Code code = program.code();
    auto references = References::find(code, FunctionStarts(code), options);
    EXPECT_TRUE(references);
    return *references;
}

std::vector<std::string_view> names(const Program& program, const References& references, std::size_t function) {
    std::vector<std::string_view> out;
    Code code = program.code();
    for (const Reference& each : references.of(function)) out.push_back(code.functions()[each.function].name);
    return out;
}

using Names = std::vector<std::string_view>;

TEST(References, FindsWhatInstructionsPointTo) {
    Program program;
    program.at(0, "e8 fb 00 00 00 e9 f6 01 00 00", "f");                // call g; jmp h
    program.at(0x100, "48 8d 05 f9 00 00 00 0f 84 f3 fe ff ff c3", "g");     // lea rax, [h]; jz f
    program.at(0x200, "48 8b 05 f9 fd ff ff 75 f7 c3", "h");                 // mov rax, [f]: not an address; a branch inside
    References references = references_of(program);
    EXPECT_EQ(names(program, references, 0), (Names{"g", "h"}));
    EXPECT_EQ(names(program, references, 1), (Names{"h", "f"}));
    EXPECT_EQ(names(program, references, 2), Names{});
}

TEST(References, TellsBranchesInsideFunctionsAndOutside) {
    Program program;
    program.at(0, "e9 fc 00 00 00 c3", "f");            // jmp g + 1
    program.at(0x100, "90 c3", "g");
    program.at(0x200, "e9 fb 00 00 00", "h");           // jmp where no function is
    program.at(0x280, "90", "i");
    program.bytes.resize(0x400, std::byte{0x90});
    References references = references_of(program);
    ASSERT_EQ(references.of(0).size(), 1U);
    EXPECT_EQ(references.of(0)[0].inside, 1U);
    EXPECT_FALSE(references.leads_outside(0));
    EXPECT_TRUE(references.leads_outside(2));
    // Unless nothing leads on from there.
    references = references_of(program, {.dead_ends = {{base + 0x300, 0x100}}});
    EXPECT_FALSE(references.leads_outside(2));
}

TEST(References, FindsAbsoluteAddressesWhereTheyStand) {
    Program program;
    program.at(0, "bf 00 11 40 00 c3", "f").at(0x100, "c3", "g");       // mov edi, g
    EXPECT_EQ(names(program, references_of(program), 0), Names{});
    EXPECT_EQ(names(program, references_of(program, {.absolute = true}), 0), Names{"g"});
}

TEST(References, SeesWhatIsWatched) {
    Program program;
    program.at(0x000, "f6 05 f9 1f 00 00 20 c3", "tests");              // test byte [word], 0x20
    program.at(0x100, "8b 05 fa 1e 00 00 c3", "loads");                 // mov eax, [word]
    program.at(0x200, "8b 05 ea 1d 00 00 c3", "loads before");          // mov eax, [word - 16]
    program.at(0x300, "48 8d 05 e9 1c 00 00 c3", "computes");           // lea rax, [word - 16]
    program.at(0x400, "48 8d 05 f9 17 00 00 c3", "computes far off");   // lea rax, [word - 1024]
    program.at(0x500, "c7 05 f8 1a 00 00 01 00 00 00 c3", "stores");    // mov dword [word + 2], 1
    ReferenceOptions options{.data = {word - 2048, 4096}};
    auto watching = [&](std::uint64_t before) {
        std::vector<std::uint32_t> out;
        Watched watched[] = {{.memory = {word, 4}, .before = before}};
        for (const Watcher& watcher : references_of(program, options).watching(watched)) out.push_back(watcher.function);
        return out;
    };
    EXPECT_EQ(watching(128), (std::vector<std::uint32_t>{0, 1, 3, 5}));
    EXPECT_EQ(watching(0), (std::vector<std::uint32_t>{0, 1, 5}));
    // An object of its own in front of the word.
    options.apart = {word - 16};
    EXPECT_EQ(watching(128), (std::vector<std::uint32_t>{0, 1, 5}));
}

// An instruction that looks at `word`: its bytes before the displacement and those behind.
struct Looking {
    std::string_view instruction, immediate;
    bool only_reads;
};

TEST(References, TellsWhoOnlyReads) {
    constexpr Looking cases[] = {
        {"80 3d", "00", true},              // cmp byte [word], 0
        {"80 0d", "01", false},             // or byte [word], 1
        {"81 3d", "01 00 00 00", true},     // cmp dword [word], 1
        {"83 3d", "00", true},              // cmp dword [word], 0
        {"f6 05", "20", true},              // test byte [word], 0x20
        {"f6 15", "", false},               // not byte [word]
        {"3a 05", "", true},                // cmp al, [word]
        {"48 8b 05", "", true},             // mov rax, [word]
        {"0f b6 05", "", true},             // movzx eax, byte [word]
        {"48 0f be 05", "", true},          // movsx rax, byte [word]
        {"c6 05", "01", false},             // mov byte [word], 1
        {"88 05", "", false},               // mov [word], al
        {"0f 94 05", "", false},            // sete [word]
        {"0f b0 0d", "", false},            // cmpxchg [word], cl
        {"0f 11 05", "", false},            // movups [word], xmm0
        {"c4 e3 7d 39 05", "00", false},    // vextracti128 [word], ymm0, 0
        {"62 f2 7d 48 8b 05", "", false},   // vpcompressd [word], zmm0
        {"0f 38 f6 05", "", false},         // wrssd [word], eax
        {"48 8d 05", "", false},            // lea rax, [word]
    };
    for (const Looking& each : cases) {
        std::vector<std::byte> bytes;
        append(bytes, each.instruction);
        auto displacement = static_cast<std::uint32_t>(word - base - bytes.size() - 4);
        for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<std::byte>(displacement >> i * 8));
        append(bytes, each.immediate);
        bytes.push_back(std::byte{0xc3});
        Code code(Architecture::x86_64, {{View(bytes, 0), base}}, {{base, bytes.size(), "f"}});
        auto references = References::find(code, FunctionStarts(code), {.data = {word - 64, 128}});
        ASSERT_TRUE(references);
        Watched watched[] = {{.memory = {word, 8}}};
        auto watchers = references->watching(watched);
        ASSERT_EQ(watchers.size(), 1U) << each.instruction;
        EXPECT_EQ(watchers[0].only_reads, each.only_reads) << each.instruction;
    }
}

TEST(References, FindsWhoStoresWhereFewDo) {
    Program program;
    program.at(0x000, "c6 05 f9 1f 00 00 01 c3", "stores");             // mov byte [word], 1
    program.at(0x100, "80 3d f9 1e 00 00 00 c3", "reads");              // cmp byte [word], 0
    program.at(0x200, "88 05 0a 1e 00 00 c3", "with another");          // mov [word + 16], al
    program.at(0x300, "88 05 0a 1d 00 00 c3", "with one more");         // the same
    program.at(0x400, "48 8d 05 f9 1b 00 00 c3", "computes");           // lea rax, [word]
    References references = references_of(program, {.data = {word, 64}});
    EXPECT_EQ(references.setters(1), (std::vector<bool>{true, false, false, false, false}));
    EXPECT_EQ(references.setters(2), (std::vector<bool>{true, false, true, true, false}));
}

TEST(References, ReadsNothingBehindTheCode) {
    for (std::size_t size = 0; size < 80; ++size) {
        Program program;
        program.bytes.resize(size, std::byte{0xe8});
        if (size != 0) program.functions.push_back({base, 0, "f"});
        Code code = program.code();
        auto references = References::find(code, FunctionStarts(code), {});
        EXPECT_EQ(references.has_value(), size != 0);
    }
}

}  // namespace
}  // namespace abiscope::disasm
