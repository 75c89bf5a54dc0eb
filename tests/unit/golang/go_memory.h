// A made-up program as the readers' memory.
#pragma once

#include "bytes/source.h"
#include "golang/memory.h"
#include "support/go_builder.h"

namespace abiscope::golang {

inline RangeMemory memory_of(const test::GoProgram& program, const test::GoProgramSpec& spec) {
    SourcePtr read_only = Source::from_memory("read-only", program.read_only);
    SourcePtr writable = Source::from_memory("writable", program.writable);
    std::vector<MemoryRange> ranges = {
        {.address = program.text, .size = 0x1000, .bytes = {}, .writable = false, .executable = true},
        {.address = program.rodata, .size = read_only->size(), .bytes = read_only->view(), .writable = false, .executable = false},
        {.address = program.data, .size = writable->size(), .bytes = writable->view(), .writable = true, .executable = false}};
    return {spec.big ? Endian::big : Endian::little, spec.word, std::move(ranges), {read_only, writable}};
}

// Two functions, the second with a call inlined into a call inlined into it.
inline std::vector<test::GoFunctionSpec> two_functions() {
    return {
        {.name = "runtime.goexit", .size = 16, .file = "/go/src/runtime/asm.s", .lines = {{16, 90}}, .stack = {{16, 8}}, .start_line = 88},
        {.name = "main.outer",
         .size = 32,
         .lines = {{4, 10}, {4, 31}, {4, 22}, {20, 11}},
         .stack = {{4, 0}, {24, 24}, {4, 0}},
         .inline_index = {{4, -1}, {4, 1}, {4, 0}, {20, -1}},
         .inlined = {{"main.middle", 12, 20}, {"main.inner", 8, 30}},
         .start_line = 9}};
}

}  // namespace abiscope::golang
