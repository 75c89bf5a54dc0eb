#include "golang/stack_map.h"

#include <gtest/gtest.h>

#include "golang/program.h"
#include "unit/golang/go_memory.h"

namespace abiscope::golang {
namespace {

std::vector<test::GoFunctionSpec> with_maps() {
    std::vector<test::GoFunctionSpec> functions = two_functions();
    functions[1].stack_map_index = {{8, -1}, {8, 1}, {16, 0}};
    functions[1].local_words = 5;
    functions[1].local_maps = {0b00001, 0b10010};
    return functions;
}

TEST(StackMap, TheMapIsThatOfTheCallBeforeTheReturnAddress) {
    for (const test::GoProgramSpec& spec :
         {test::GoProgramSpec{.minor = 17}, {.minor = 19, .word = 4}, {.minor = 24, .big = true}, {.minor = 27}}) {
        test::GoProgram made = make_go_program(spec, with_maps());
        RangeMemory memory = memory_of(made, spec);
        finding::Sink sink;
        auto program = Program::open(memory, std::nullopt, sink);
        ASSERT_TRUE(program);
        const PclnTable& table = program->main().table;
        auto function = table.find(made.text + 16);
        std::uint64_t entry = function->entry;
        auto locals = [&](std::uint64_t pc) { return pointer_map(memory, table, *function, FuncData::locals_pointer_maps, pc); };
        ASSERT_TRUE(locals(entry + 9));
        EXPECT_EQ(locals(entry + 9)->words, 5U);
        EXPECT_TRUE(locals(entry + 9)->holds_pointer(1));
        EXPECT_TRUE(locals(entry + 9)->holds_pointer(4));
        EXPECT_FALSE(locals(entry + 9)->holds_pointer(0));
        EXPECT_FALSE(locals(entry + 9)->holds_pointer(5));
        EXPECT_TRUE(locals(entry + 8)->holds_pointer(0));    // the pc before still belongs to the first run
        EXPECT_TRUE(locals(entry)->holds_pointer(0));        // at the entry: the first map
        EXPECT_TRUE(locals(entry + 17)->holds_pointer(0));
        EXPECT_FALSE(pointer_map(memory, table, *function, FuncData::args_pointer_maps, entry + 9));
        EXPECT_EQ(StackObjects(memory, table, program->main().module, program->release(), *function).size(), 0U);
    }
}

TEST(StackMap, AnIndexBeyondTheMapsGivesNone) {
    test::GoProgramSpec spec;
    std::vector<test::GoFunctionSpec> functions = with_maps();
    functions[1].stack_map_index = {{32, 2}};
    test::GoProgram made = make_go_program(spec, functions);
    RangeMemory memory = memory_of(made, spec);
    finding::Sink sink;
    auto program = Program::open(memory, std::nullopt, sink);
    ASSERT_TRUE(program);
    auto function = program->main().table.find(made.text + 16);
    EXPECT_FALSE(pointer_map(memory, program->main().table, *function, FuncData::locals_pointer_maps, made.text + 20));
}

}  // namespace
}  // namespace abiscope::golang
