// Any bytes as a Go program's table of functions: every function with its names, lines, tables and inlined calls.
#include <cstddef>
#include <cstdint>
#include <span>

#include "golang/pclntab.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace abiscope;
    View bytes(std::as_bytes(std::span(data, size)), 0);
    constexpr std::uint64_t text = 0x401000;
    auto table = golang::PclnTable::open(bytes, {.address = 0x600000, .text = text, .funcdata = 0x600000, .sections = {}});
    if (!table) {
        static_cast<void>(table.error().describe());
        return 0;
    }
    for (std::uint32_t i = 0; i < table->size() && i < 1000; ++i) {
        auto function = table->at(i);
        if (!function) continue;
        static_cast<void>(table->name(*function));
        static_cast<void>(table->lines(*function));
        static_cast<void>(table->sp_delta(*function, function->entry));
        static_cast<void>(table->pcdata(*function, golang::PcData::stack_map_index, function->entry + 1));
        golang::SourceFrame frames[16];
        auto tree = table->funcdata(*function, golang::FuncData::inline_tree);
        View at = tree && *tree >= 0x600000 ? bytes.from(*tree - 0x600000) : View();
        if (table->frames(*function, function->entry + 4, at, frames) > std::size(frames)) __builtin_trap();
    }
    if (auto found = table->find(text + 20); found && found->index >= table->size()) __builtin_trap();
    return 0;
}
