#include "rules/crash_heap.h"

#include <fmt/format.h>

#include "core/glibc_heap.h"
#include "rules/c_library_names.h"

namespace abiscope::rules {

namespace {

// A dump may hold gigabytes of small blocks; each is a page that has to be read.
constexpr std::uint64_t most_chunks = 1'000'000;
constexpr std::size_t most_arenas = 64;

// glibc, malloc/malloc.c, _int_free(): printed after the block was found in the list that it was to be put into.
bool found_in_list(std::string_view text) {
    return text.starts_with("free(): double free detected in tcache") || text.starts_with("double free or corruption (fasttop)");
}

std::string arena_words(const core::HeapArena& arena) {
    return arena.main ? "the main arena" : fmt::format("the arena at {}", hexadecimal(arena.top_slot));
}

void tell_bad_chunk(CauseBuilder& builder, const core::HeapArena& arena, const core::HeapWalk& walk) {
    const core::HeapChunk& bad = *walk.bad;
    std::string pattern = pattern_words(bad.size_field);
    builder.memory(bad.address, 16,
                   fmt::format("the first bad chunk of {}, behind {} good ones: its size is {}{}: {}", arena_words(arena), walk.chunks,
                               hexadecimal(bad.size_field), pattern.empty() ? "" : " (" + pattern + ")", walk.contradiction));
    if (!walk.before) return;
    const core::HeapChunk& before = *walk.before;
    builder.memory(
        before.address, 16,
        fmt::format("the chunk in front of it: a block of {} bytes at {}, probably the one that was written past its end; a write in front "
                    "of the block at {} itself would look the same",
                    before.room(), hexadecimal(before.block()), hexadecimal(bad.block())));
}

}  // namespace

HeapWords tell_heap(CauseBuilder& builder, core::Crash& crash, std::string_view text) {
    if (found_in_list(text)) {
        builder.derived("malloc prints this after it has found the block in its list of free ones: it was freed twice");
        builder.reject("an overflow", "the block was looked up in the list, and is there");
    } else {
        builder.reject("a certain double free", "malloc prints these words also when an overflow changed the header of a chunk");
    }
    return tell_chunks(builder, crash);
}

void tell_own_records(CauseBuilder& builder, core::Crash& crash) {
    const core::Location& location = crash.symbols.at(crash.fault.pc);
    bool of_libc = location.module != nullptr && (location.module->is_program || location.module->name().starts_with("libc."));
    if (!of_libc || !is_c_function(location.function, reads_records)) return;
    builder.derived(fmt::format(
        "{} is malloc's own code, and follows malloc's own records: the header of a block or a list of free blocks was "
        "overwritten, by a write past the end of a block or to one that was free, before this call; or the block that is freed is none of malloc's",
        location.function));
    tell_chunks(builder, crash);
    builder.help("valgrind PROGRAM", finding::FixKind::command);
}

HeapWords tell_chunks(CauseBuilder& builder, core::Crash& crash) {
    auto heap = core::GlibcHeap::open(crash.process);
    if (!heap) {
        builder.derived("malloc's arenas were not found in the dump: it was not called yet, or they are not in it");
        return HeapWords::no_heap;
    }
    std::uint64_t left = most_chunks, good = 0;
    std::size_t arenas = 0;
    std::string unknown;
    for (const core::HeapArena& arena : heap->arenas()) {
        if (arenas == most_arenas || left == 0) {
            unknown = fmt::format("only {} of {} arenas were looked at", arenas, heap->arenas().size());
            break;
        }
        ++arenas;
        if (arena.top == 0) continue;
        core::HeapWalk walk = heap->walk(arena, left);
        left -= std::min(left, walk.chunks);
        good += walk.chunks;
        if (walk.bad) {
            tell_bad_chunk(builder, arena, walk);
            return HeapWords::unsound;
        }
        if (!walk.complete && unknown.empty()) unknown = fmt::format("{}: {}", arena_words(arena), walk.ended);
    }
    if (!unknown.empty()) {
        builder.derived(fmt::format("which chunk is damaged is not known: {} are consistent, and then {}", good, unknown));
        return HeapWords::unsound;
    }
    builder.derived(fmt::format(
        "the headers of all {} chunks, up to the end of the heap, are consistent: no overflow has reached one; the block that was freed, "
        "or a list of free blocks, is wrong",
        good));
    return HeapWords::sound;
}

}  // namespace abiscope::rules
