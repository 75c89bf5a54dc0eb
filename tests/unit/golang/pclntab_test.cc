#include "golang/pclntab.h"

#include <gtest/gtest.h>

#include "golang/module_data.h"
#include "golang/pclntab_format.h"
#include "golang/program.h"
#include "golang/release_data.h"
#include "unit/golang/go_memory.h"

namespace abiscope::golang {
namespace {

std::vector<test::GoProgramSpec> shapes() {
    std::vector<test::GoProgramSpec> out;
    for (unsigned minor = 16; minor <= 27; ++minor) {
        out.push_back({.minor = minor});
        out.push_back({.minor = minor, .word = 4});
        out.push_back({.minor = minor, .big = true, .quantum = 2});
        out.push_back({.minor = minor, .word = 4, .big = true, .quantum = 4});
    }
    return out;
}

TEST(Pclntab, EveryReleaseIsFoundAndReadWithoutSymbols) {
    for (const test::GoProgramSpec& spec : shapes()) {
        SCOPED_TRACE(testing::Message() << "1." << spec.minor << " word " << spec.word << (spec.big ? " big" : ""));
        test::GoProgram made = make_go_program(spec, two_functions());
        RangeMemory memory = memory_of(made, spec);
        finding::Sink sink;
        auto program = Program::open(memory, std::nullopt, sink);
        ASSERT_TRUE(program) << program.error().what;
        const FoundModule& main = program->main();
        EXPECT_EQ(main.module.address, made.module);
        EXPECT_TRUE(main.module.shape_known);
        EXPECT_TRUE(main.module.fits.contains(Release{static_cast<std::uint16_t>(spec.minor)})) << main.module.fits.to_string();
        EXPECT_TRUE(main.module.has_main);
        const PclnTable& table = main.table;
        ASSERT_EQ(table.size(), 2U);
        EXPECT_FALSE(table.find(made.text - 1));
        EXPECT_FALSE(table.find(made.text + 48));
        EXPECT_EQ(table.end(), made.text + 48);
        auto first = table.find(made.text + 15);
        ASSERT_TRUE(first);
        EXPECT_EQ(table.name(*first), "runtime.goexit");
        EXPECT_EQ(table.file(*first, first->entry), "/go/src/runtime/asm.s");
        EXPECT_EQ(table.line(*first, first->entry), 90);
        EXPECT_EQ(first->start_line, spec.minor >= 20 ? std::optional(88) : std::nullopt);
        EXPECT_EQ(table.sp_delta(*first, first->entry), 8);
        auto second = table.find(made.text + 16);
        ASSERT_TRUE(second);
        EXPECT_EQ(second->index, 1U);
        EXPECT_EQ(second->end, made.text + 48);
        EXPECT_EQ(second->args, 8);
        EXPECT_EQ(table.sp_delta(*second, second->entry + 4), 24);
        EXPECT_EQ(table.sp_delta(*second, second->entry + 28), 0);
        EXPECT_EQ(table.sp_delta(*second, second->entry + 32), std::nullopt);
        EXPECT_EQ(table.lines(*second).first, 10);
        EXPECT_EQ(table.lines(*second).last, 31);
    }
}

TEST(Pclntab, InlinedCallsAreFramesInnermostFirst) {
    for (const test::GoProgramSpec& spec : shapes()) {
        SCOPED_TRACE(testing::Message() << "1." << spec.minor << " word " << spec.word << (spec.big ? " big" : ""));
        std::vector<test::GoFunctionSpec> functions = two_functions();
        // main.inner was inlined at the call at offset 8, which is main.middle's, inlined at offset 12.
        test::GoProgram made = make_go_program(spec, functions);
        RangeMemory memory = memory_of(made, spec);
        finding::Sink sink;
        auto program = Program::open(memory, std::nullopt, sink);
        ASSERT_TRUE(program);
        auto function = program->main().table.find(made.text + 20);
        SourceFrame frames[8];
        ASSERT_EQ(program->frames(program->main(), *function, made.text + 20, frames), 3U);
        EXPECT_EQ(frames[0].function, "main.inner");
        EXPECT_EQ(frames[0].line, 31);
        EXPECT_TRUE(frames[0].inlined);
        EXPECT_EQ(frames[1].function, "main.middle");
        EXPECT_EQ(frames[1].line, 22);
        EXPECT_EQ(frames[2].function, "main.outer");
        EXPECT_EQ(frames[2].line, 11);
        EXPECT_FALSE(frames[2].inlined);
        EXPECT_EQ(program->frames(program->main(), *function, made.text + 16, frames), 1U);
        EXPECT_EQ(program->frames(program->main(), *function, made.text + 20, std::span(frames, 2)), 2U);
    }
}

TEST(Pclntab, ATreeThatLeadsInACircleOnlyFillsTheFrames) {
    test::GoProgramSpec spec;
    std::vector<test::GoFunctionSpec> functions = two_functions();
    functions[1].inlined[0].parent_pc = 4;
    functions[1].inlined[1].parent_pc = 4;
    test::GoProgram made = make_go_program(spec, functions);
    RangeMemory memory = memory_of(made, spec);
    finding::Sink sink;
    auto program = Program::open(memory, std::nullopt, sink);
    ASSERT_TRUE(program);
    SourceFrame frames[8];
    EXPECT_EQ(program->frames(program->main(), *program->main().table.find(made.text + 20), made.text + 20, frames), 8U);
}

TEST(Pclntab, AHeaderThatLiesIsNoTable) {
    test::GoProgramSpec spec;
    test::GoProgram made = make_go_program(spec, two_functions());
    std::uint64_t at = made.table - made.rodata;
    auto read = [&](std::size_t offset, std::uint8_t value) {
        std::vector<std::byte> bytes(made.read_only.begin() + static_cast<std::ptrdiff_t>(at), made.read_only.end());
        bytes[offset] = static_cast<std::byte>(value);
        return read_pcln_header(View(bytes, 0)).has_value();
    };
    EXPECT_TRUE(read(6, 1));
    EXPECT_FALSE(read(6, 3));        // quantum
    EXPECT_FALSE(read(7, 16));       // pointer size
    EXPECT_FALSE(read(4, 1));        // padding
    EXPECT_FALSE(read(8 + 6, 1));    // 2^48 functions
    EXPECT_FALSE(read(8, 0));        // none
    EXPECT_FALSE(read(32 + 5, 1));   // names beyond the next part
    EXPECT_FALSE(read(64 + 3, 0x7f));
}

TEST(Pclntab, EveryCutIsSurvived) {
    test::GoProgramSpec spec{.minor = 17};
    test::GoProgram made = make_go_program(spec, two_functions());
    std::uint64_t at = made.table - made.rodata;
    for (std::size_t size = 0; at + size <= made.read_only.size(); ++size) {
        std::vector<std::byte> bytes(made.read_only.begin() + static_cast<std::ptrdiff_t>(at),
                                     made.read_only.begin() + static_cast<std::ptrdiff_t>(at + size));
        auto table = PclnTable::open(View(bytes, 0), {.address = made.table, .text = made.text, .funcdata = 0, .sections = {}});
        if (!table) continue;
        for (std::uint32_t i = 0; i < table->size(); ++i) {
            auto function = table->at(i);
            if (!function) continue;
            static_cast<void>(table->name(*function));
            static_cast<void>(table->file(*function, function->entry));
            static_cast<void>(table->lines(*function));
            static_cast<void>(table->funcdata(*function, FuncData::inline_tree));
        }
    }
}

TEST(Pclntab, TheFormatsAreThoseOfTheData) {
    for (unsigned word : {4U, 8U}) {
        for (auto [format, minor] : {std::pair(PclnFormat::go1_16, 16), std::pair(PclnFormat::go1_18, 18),
                                     std::pair(PclnFormat::go1_20, 20), std::pair(PclnFormat::go1_20, 27)}) {
            Release release{static_cast<std::uint16_t>(minor)};
            auto layout = struct_layout("runtime._func", release, word);
            ASSERT_TRUE(layout);
            FuncLayout ours = func_layout(format, word);
            EXPECT_EQ(ours.size, layout->field("nfuncdata")->offset + 1);
            EXPECT_EQ(ours.pcsp, layout->field("pcsp")->offset);
            EXPECT_EQ(ours.unit, layout->field("cuOffset")->offset);
            EXPECT_EQ(ours.id, layout->field("funcID")->offset);
            EXPECT_EQ(ours.funcdata_count, layout->field("nfuncdata")->offset);
            auto line = layout->field("startLine");
            EXPECT_EQ(ours.start_line, line ? line->offset : 0);
            EXPECT_EQ(struct_layout("runtime.inlinedCall", release, word)->size(), inlined_call_size(format));
        }
    }
}

TEST(Pclntab, PartsOfTheTextAreTranslated) {
    test::GoProgramSpec spec;
    test::GoProgram made = make_go_program(spec, two_functions());
    RangeMemory memory = memory_of(made, spec);
    auto table =
        PclnTable::open(memory.at(made.table),
                        {.address = made.table, .text = 0x401000, .funcdata = 0, .sections = {{0, 16, 0x401000}, {16, 48, 0x500000}}});
    ASSERT_TRUE(table);
    EXPECT_EQ(table->at(1)->entry, 0x500000U);
    EXPECT_EQ(table->find(0x500004)->index, 1U);
    EXPECT_EQ(table->find(0x40100f)->index, 0U);
    EXPECT_FALSE(table->find(0x401010));   // between the parts
    EXPECT_FALSE(table->find(0x500020));
}

}  // namespace
}  // namespace abiscope::golang
