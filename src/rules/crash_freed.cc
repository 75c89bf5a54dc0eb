// A pointer that was read out of a block in one of malloc's lists of free blocks.
#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/endian.h"
#include "core/glibc_heap.h"
#include "rules/crash_pointer_source.h"

namespace abiscope::rules {

namespace {

std::string_view list_words(core::FreeBlock::List list) {
    switch (list) {
        case core::FreeBlock::List::thread_cache: return "a thread's cache of free blocks (tcache)";
        case core::FreeBlock::List::fast_bin: return "a fast bin";
        case core::FreeBlock::List::bin: return "a bin of free chunks, whose links agree in both directions";
    }
    return {};
}

// Memory that a heap can be in.
bool may_be_heap(const core::Crash& crash, std::uint64_t address) {
    const core::Memory& memory = crash.process.memory;
    const core::Region* region = memory.region_at(address);
    return region != nullptr && region->writable() && memory.file_at(address) == nullptr && region != crash.process.main_stack();
}

// A pointer that a loop took out of a list's element, and what it was loaded through is gone.
struct Walked {
    core::GlibcHeap heap;
    std::vector<core::FreeBlock> blocks;   // that hold the value in that word
    std::uint64_t word = 0;
    bool last = false;   // the value is a link that leads nowhere, which every last block on the same page holds
};

// A word of the heap, not malloc's own, that is the address of one of the blocks, which is put in front.
std::optional<std::uint64_t> pointer_to(const core::Memory& memory, const core::GlibcHeap& heap, std::vector<core::FreeBlock>& blocks) {
    constexpr std::uint64_t most = 32 << 20;
    const core::Region* region = memory.region_at(blocks.front().chunk.address);
    if (region == nullptr) return std::nullopt;
    for (std::uint64_t at = region->start; at < region->end && at - region->start < most;) {
        View known = memory.chunk(at).bytes;
        std::uint64_t usable = std::min(known.size(), region->end - at) & ~std::uint64_t{7};
        for (std::uint64_t i = 0; i < usable; i += 8) {
            auto word = load<std::uint64_t>(known.data() + i, Endian::little);
            auto found = std::ranges::find(blocks, word, [](const core::FreeBlock& one) { return one.chunk.block(); });
            if (found == blocks.end() || heap.in_own_cache(at + i)) continue;
            std::iter_swap(blocks.begin(), found);
            return at + i;
        }
        at = usable != 0 ? at + usable : align_down(at, std::uint64_t{4096}) + 4096;
    }
    return std::nullopt;
}

std::optional<Walked> walked(core::Crash& crash, const PointerUse& use) {
    constexpr std::size_t most_blocks = 64;
    if (use.value == 0 || !crash.process.wide() || (use.slot && may_be_heap(crash, *use.slot))) return std::nullopt;
    std::uint64_t pc = use.call ? use.call->address : crash.fault.pc;
    bool links[] = {loads_links(crash, pc, 0), loads_links(crash, pc, 8)};
    if (!links[0] && !links[1]) return std::nullopt;
    auto heap = core::GlibcHeap::open(crash.process);
    if (!heap) return std::nullopt;
    for (std::uint64_t word : {0, 1}) {
        if (!links[word]) continue;
        std::vector<core::FreeBlock> blocks = heap->free_blocks_holding(use.value, word, most_blocks);
        if (blocks.empty()) continue;
        bool last = word == 0 && use.value == blocks.front().chunk.block() >> 12;
        return Walked{.heap = *std::move(heap), .blocks = std::move(blocks), .word = word, .last = last};
    }
    return std::nullopt;
}

std::optional<Cause> walked_pointer(core::Crash& crash, const PointerUse& use) {
    auto found = walked(crash, use);
    if (!found) return std::nullopt;
    auto dangling = pointer_to(crash.process.memory, found->heap, found->blocks);
    if (found->last && !dangling) return std::nullopt;
    const core::HeapChunk& chunk = found->blocks.front().chunk;
    bool one = found->blocks.size() == 1 || dangling;
    CauseBuilder builder = begin_pointer(RuleId::CRASH_USE_AFTER_FREE, crash, use);
    builder.with("what", use.what).with_address("value", use.value);
    builder.with("place",
                 one ? fmt::format("the freed block at {}", hexadecimal(chunk.block()))
                     : fmt::format("{} freed blocks, that at {} among them", found->blocks.size(), hexadecimal(chunk.block())));
    builder.memory(chunk.block() + found->word * 8, 8,
                   fmt::format("word {} of that block is malloc's own, and holds the value", found->word));
    builder.memory(chunk.address, 16, fmt::format("the header of that block: a chunk of {:#x} bytes", chunk.size()));
    builder.derived(fmt::format("the block {} is in {}: it is free", hexadecimal(chunk.block()), list_words(found->blocks.front().list)));
    if (dangling) builder.memory(*dangling, 8, fmt::format("{} still points to it", hexadecimal(*dangling)));
    builder.derived(fmt::format("the function loads pointers from {} bytes behind others, as a loop over a list does", found->word * 8));
    builder.confidence(Confidence::likely,
                       "which pointer the word was read through is not known any more: a block that was given out again and not set may "
                       "hold the same, and one that leads out of a block beside it reads the same");
    builder.reject("a wild pointer", "the value is what malloc keeps there");
    builder.help("valgrind PROGRAM", finding::FixKind::command);
    builder.help("a build with -fsanitize=address shows where the block was freed");
    return builder.build();
}

bool holds(const core::HeapChunk& chunk, std::uint64_t address) {
    return address >= chunk.block() && address - chunk.block() < chunk.room();
}

}  // namespace

CauseBuilder begin_pointer(RuleId rule, core::Crash& crash, const PointerUse& use) {
    CauseBuilder builder(rule, crash);
    builder.signal();
    if (use.operand) builder.operand(*use.operand);
    if (use.call)
        builder.memory(use.call->address, use.call->length(),
                       fmt::format("{} called: \"{}\"", place_words(crash, use.call->address), use.call->text));
    else builder.instruction();
    if (!use.reg.empty()) builder.reg(use.reg);
    return builder;
}

std::optional<Cause> freed_pointer(core::Crash& crash, const PointerUse& use) {
    if (!use.slot || use.value == 0 || !crash.process.wide() || !may_be_heap(crash, *use.slot)) return walked_pointer(crash, use);
    auto heap = core::GlibcHeap::open(crash.process);
    auto free = heap ? heap->free_block_of(*use.slot) : std::nullopt;
    if (!free) return std::nullopt;
    const core::HeapChunk& chunk = free->chunk;
    if (use.base && !holds(chunk, *use.base)) return std::nullopt;
    CauseBuilder builder = begin_pointer(RuleId::CRASH_USE_AFTER_FREE, crash, use);
    builder.with("what", use.what).with_address("value", use.value);
    builder.with("place", fmt::format("the freed block at {}", hexadecimal(chunk.block())));
    builder.memory(*use.slot, 8,
                   fmt::format("{} was loaded from {}, which holds it still", hexadecimal(use.value), hexadecimal(*use.slot)));
    builder.memory(chunk.address, 16, fmt::format("the header of that block: a chunk of {:#x} bytes", chunk.size()));
    builder.derived(fmt::format("the block {} is in {}: it is free", hexadecimal(chunk.block()), list_words(free->list)));
    builder.derived(fmt::format("word {} of a free block is malloc's own", (*use.slot - chunk.block()) / 8));
    if (use.moved)
        builder.confidence(Confidence::likely,
                           "the function moves its pointer: from a block in front, one that runs past its end reads the same word");
    else if (!use.base)
        builder.confidence(Confidence::likely,
                           "which pointer the word was read through is not known: one that leads out of a block beside it reads the same");
    else
        builder.reject("a read past the end of another block",
                       fmt::format("{} itself, through which it was read, points into this one", hexadecimal(*use.base)));
    builder.reject("memory that was never set", "a block that was given out again is in no list of free blocks");
    builder.reject("a wild pointer", "the value is what malloc keeps there");
    builder.help("valgrind PROGRAM", finding::FixKind::command);
    builder.help("a build with -fsanitize=address shows where the block was freed");
    return builder.build();
}

std::string neighbour_words(const core::Crash& crash, const PointerUse& use) {
    if (!use.slot || !use.base || !crash.process.wide() || !may_be_heap(crash, *use.slot) || !may_be_heap(crash, *use.base)) return {};
    auto heap = core::GlibcHeap::open(crash.process);
    auto free = heap ? heap->free_block_of(*use.slot) : std::nullopt;
    if (!free || holds(free->chunk, *use.base)) return {};
    std::uint64_t base = *use.base;
    bool behind = *use.slot > base;
    return fmt::format(
        "it was read {:#x} bytes {} {}, out of the block {} beside it, which is free: an index out of bounds looks like this, and is no use after free()",
        behind ? *use.slot - base : base - *use.slot, behind ? "behind" : "in front of", hexadecimal(base),
        hexadecimal(free->chunk.block()));
}

std::string last_link_words(core::Crash& crash, const PointerUse& use) {
    auto found = walked(crash, use);
    if (!found) return {};
    return fmt::format(
        "{} is what malloc keeps in the last free block of a list on the page {}, as in the free block {}: it was read there after free(), or "
        "from a block that was given out again and not set",
        hexadecimal(use.value), hexadecimal(use.value << 12), hexadecimal(found->blocks.front().chunk.block()));
}

std::string returned_words(const core::Crash& crash, std::uint64_t pointer) {
    // malloc/malloc.c: a block with a mapping of its own begins behind the chunk's header, and is larger than the first threshold.
    constexpr std::uint64_t page = 4096, header = 16, smallest = (128 << 10) + page;
    if (pointer % page != header) return {};
    const core::Memory& memory = crash.process.memory;
    std::uint64_t start = pointer - header;
    const core::Region* behind = memory.region_after(start);
    if (memory.region_at(start) != nullptr || (behind != nullptr && behind->start - start < smallest)) return {};
    auto size = core::largest_returned_block(crash.process);
    if (!size) return {};
    return fmt::format(
        "{} has the form of the start of a large block, 16 bytes into a page, and free() has given such blocks back to the kernel (the largest "
        "of up to 32 MiB: {:#x} bytes, mp_.mmap_threshold): it was most likely freed, or moved by realloc(), before",
        hexadecimal(pointer), *size);
}

std::string leftover_words(const core::Crash& crash, const PointerUse& use) {
    if (!use.slot || use.value == 0 || *use.slot % 16 != 0 || !crash.process.wide() || !may_be_heap(crash, *use.slot)) return {};
    // glibc 2.32 and later, PROTECT_PTR: a link is mixed with its own place; the last one is nothing but the place.
    std::uint64_t link = use.value ^ *use.slot >> 12;
    const core::Region* region = crash.process.memory.region_at(*use.slot);
    auto header = crash.process.memory.word(*use.slot - 8);
    bool sized = header && (*header & ~std::uint64_t{7}) >= 32 && *header % 16 < 8 && (*header & ~std::uint64_t{7}) <= 0x410;
    if (!sized || (link != 0 && (link % 16 != 0 || !region->holds(link)))) return {};
    return fmt::format(
        "{} at {} is a link as malloc writes it into a block that is freed: it has been freed, or was given out again and not set",
        hexadecimal(use.value), hexadecimal(*use.slot));
}

std::optional<Cause> pointer_source(core::Crash& crash, const PointerUse& use) {
    if (auto cause = unrelocated_pointer(crash, use)) return cause;
    return freed_pointer(crash, use);
}

}  // namespace abiscope::rules
