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
    program.at(0x200, "8b 05 f2 1d 00 00 c3", "loads before");          // mov eax, [word - 8]
    program.at(0x300, "48 8d 05 e9 1c 00 00 c3", "computes");           // lea rax, [word - 16]
    program.at(0x400, "48 8d 05 f9 17 00 00 c3", "computes far off");   // lea rax, [word - 1024]
    program.at(0x500, "c7 05 f8 1a 00 00 01 00 00 00 c3", "stores");    // mov dword [word + 2], 1
    ReferenceOptions options{.watched = {{word, 4}}, .before = 128};
    auto watching = [&] {
        References references = references_of(program, options);
        return std::vector(references.watching().begin(), references.watching().end());
    };
    EXPECT_EQ(watching(), (std::vector<std::uint32_t>{0, 1, 3, 5}));
    // An object of its own in front of the word.
    options.apart = {word - 16};
    EXPECT_EQ(watching(), (std::vector<std::uint32_t>{0, 1, 5}));
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
