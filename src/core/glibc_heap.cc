#include "core/glibc_heap.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/endian.h"
#include "core/spec.h"
#include "elf/exports.h"
#include "elf/spec.h"

namespace abiscope::core {

namespace {

// glibc, malloc/malloc.c and malloc/arena.c, for 64 bits. Places in struct malloc_state count from `top`: what is in front of it has
// changed (have_fastchunks came with 2.27), what is behind it has not.
constexpr std::uint64_t fast_bins = 10, fast_bins_before = 80;     // fastbinsY[NFASTBINS]
constexpr std::uint64_t bins = 127;                                // bins[NBINS * 2 - 2]: pairs, right behind last_remainder
constexpr std::uint64_t next_behind = 2064, system_memory_behind = 2088;
constexpr std::uint64_t state_behind = 2104;                       // end of the struct
// Of top. glibc 2.43 has no fast bins any more.
constexpr std::uint64_t state_offsets[] = {96, 88, 8};
constexpr std::uint64_t heap_size = std::uint64_t{64} << 20;       // HEAP_MAX_SIZE: heaps of other arenas are aligned to it
constexpr std::uint64_t smallest = 32, alignment = 16, fence = 16;
// struct tcache_perthread_struct: counts, then entries; 16-bit counts since 2.30, and 12 bins more since 2.42, behind those for small
// chunks.
constexpr std::uint64_t cache_bins = 64;
struct CacheLayout {
    std::uint64_t chunk_size;
    std::uint64_t entries;             // offset
};
constexpr CacheLayout cache_layouts[] = {{0x290, 128}, {0x250, 64}, {0x300, 152}};

constexpr std::uint64_t most_data = 4 << 20;           // bytes of the library's variables that are searched
constexpr std::size_t most_arenas = 256, most_threads = 1024, most_caches = 512, most_links = 1024, most_bin_links = 4096;
constexpr std::uint64_t most_thread_variables = 8192;   // bytes below the thread pointer

}  // namespace

std::optional<HeapChunk> GlibcHeap::chunk_at(std::uint64_t address) const {
    auto field = process_->memory.word(address + 8);
    return field ? std::optional(HeapChunk{address, *field}) : std::nullopt;
}

// A bin that is empty points to itself, and most are, always: no other data looks like that.
bool GlibcHeap::find_main_arena(std::uint64_t start, std::uint64_t size) {
    const Memory& memory = process_->memory;
    constexpr std::uint64_t least_empty = 16, most_candidates = 1024;
    std::uint64_t candidates = 0;
    size = std::min(size, most_data);
    for (std::uint64_t done = 0; done < size;) {
        View known = memory.chunk(start + done).bytes.clamped(0, size - done);
        std::uint64_t usable = known.size() & ~std::uint64_t{7};
        if (usable == 0) {
            done = align_down(done, std::uint64_t{4096}) + 4096;
            continue;
        }
        for (std::uint64_t i = 0; i < usable; i += 8) {
            // The last bin is for the largest chunks: it is empty in all but a few programs, and so is the one before.
            std::uint64_t bin = start + done + i - 16;
            if (load<std::uint64_t>(known.data() + i, Endian::little) != bin) continue;
            if (++candidates > most_candidates) return false;
            for (std::uint64_t number : {bins - 1, bins - 2}) {
                std::uint64_t top_slot = bin - number * 16;
                std::uint64_t empty = 0;
                for (std::uint64_t n = 0; n < bins; ++n) {
                    std::uint64_t one = top_slot + n * 16;
                    if (memory.word(one + 16) == one && memory.word(one + 24) == one) ++empty;
                }
                auto next = memory.word(top_slot + next_behind);
                if (empty < least_empty || !next) continue;
                for (std::uint64_t offset : state_offsets) {
                    arenas_.clear();
                    arenas_.push_back({.top_slot = top_slot, .main = true});
                    add_arenas(offset);
                    if (!arenas_.empty()) return true;
                }
            }
        }
        done += usable;
    }
    return false;
}

// The list of arenas comes back to the main one; where it does not, `offset` is that of another release.
void GlibcHeap::add_arenas(std::uint64_t offset) {
    const Memory& memory = process_->memory;
    std::uint64_t main = arenas_.front().top_slot;
    for (std::uint64_t at = main;;) {
        auto next = memory.word(at + next_behind);
        if (!next || arenas_.size() >= most_arenas) return arenas_.clear();
        at = *next + offset;
        if (at == main) break;
        if (memory.region_at(at) == nullptr) return arenas_.clear();
        arenas_.push_back({.top_slot = at});
    }
    state_offset_ = offset;
    for (HeapArena& arena : arenas_) {
        arena.top = memory.word(arena.top_slot).value_or(0);
        arena.system_memory = memory.word(arena.top_slot + system_memory_behind).value_or(0);
    }
}

namespace {

// Where the variables of glibc lie, a static program's among its own.
template <typename Visit>
bool any_variables(const Process& process, Visit visit) {
    for (const Module& module : process.modules) {
        if (!module.image) continue;
        elf::ExportTable exports(*module.image);
        bool library = false;
        exports.for_each(elf::HashedName("gnu_get_libc_version"), [&](std::uint64_t index) {
            library = exports.symbols().at(index).defined();
            return library;
        });
        // A static program has the library in itself.
        bool is_static = module.is_program && !module.image->dynamic();
        bool static_pie = module.is_program && !process.notes.auxiliary_value(at_base).value_or(0);
        if (!library && !is_static && !static_pie) continue;
        for (const elf::Segment& segment : module.image->segments()) {
            if (segment.type != elf::pt_load || (segment.flags & elf::pf_w) == 0) continue;
            if (visit(align_down(segment.vaddr + module.bias, std::uint64_t{8}), segment.memsz)) return true;
        }
    }
    return false;
}

}  // namespace

std::optional<GlibcHeap> GlibcHeap::open(const Process& process) {
    if (!process.wide() || process.order() != Endian::little) return std::nullopt;
    GlibcHeap out(process);
    if (any_variables(process, [&](std::uint64_t start, std::uint64_t size) { return out.find_main_arena(start, size); })) return out;
    return std::nullopt;
}

// malloc/malloc.c: mp_ begins with trim_threshold, top_pad, mmap_threshold and arena_test; free() of a block that has a mapping of its own
// sets the third to its size, and the first to twice that.
std::optional<std::uint64_t> largest_returned_block(const Process& process) {
    constexpr std::uint64_t top_pad = 128 << 10, arena_test = 8;
    constexpr std::uint64_t first_threshold = 128 << 10, last_threshold = 32 << 20, page = 4096;
    if (!process.wide() || process.order() != Endian::little) return std::nullopt;
    std::optional<std::uint64_t> found;
    any_variables(process, [&](std::uint64_t start, std::uint64_t size) {
        std::vector<std::byte> bytes = process.memory.read_some(start, std::min(size, most_data));
        for (std::uint64_t at = 0; at + 32 <= bytes.size(); at += 8) {
            auto word = [&](std::uint64_t number) { return load<std::uint64_t>(bytes.data() + at + number * 8, Endian::little); };
            std::uint64_t threshold = word(2);
            if (word(1) != top_pad || word(3) != arena_test || word(0) != 2 * threshold) continue;
            if (threshold > first_threshold && threshold <= last_threshold && threshold % page == 0) found = threshold;
        }
        return found.has_value();
    });
    return found;
}

std::optional<std::uint64_t> GlibcHeap::first_chunk(const HeapArena& arena) const {
    if (!arena.main) {
        // It lies in its own first heap, behind the heap's head.
        std::uint64_t state = arena.top_slot - state_offset_;
        std::uint64_t head = align_down(state, heap_size);
        if (process_->memory.word(head) != state) return std::nullopt;
        return align_up(arena.top_slot + state_behind, alignment);
    }
    auto top = chunk_at(arena.top);
    if (!top || arena.top == 0) return std::nullopt;
    // All that sbrk() gave lies in one piece, unless somebody else called it, too. A damaged top chunk does not say where it ends; its
    // region does.
    const Region* region = process_->memory.region_at(arena.top);
    if (region == nullptr) return std::nullopt;
    for (std::uint64_t end : {arena.top + top->size(), region->end}) {
        std::uint64_t start = end - arena.system_memory;
        if (start > arena.top || !region->holds(start) || start % alignment != 0) continue;
        return start;
    }
    return std::nullopt;
}

HeapWalk GlibcHeap::walk(const HeapArena& arena, std::uint64_t most) const {
    HeapWalk out;
    const Memory& memory = process_->memory;
    auto first = first_chunk(arena);
    if (!first) {
        out.ended = "where its first chunk lies is not known";
        return out;
    }
    out.start = *first;
    if (!arena.main && align_down(arena.top, heap_size) != align_down(*first, heap_size)) {
        out.ended = "it has several heaps";
        return out;
    }
    const Region* region = memory.region_at(arena.top);
    auto bad = [&](const HeapChunk& chunk, std::string why) {
        out.bad = chunk;
        out.contradiction = std::move(why);
        return out;
    };
    for (std::uint64_t at = out.start;;) {
        if (out.chunks >= most) {
            out.ended = fmt::format("only the first {} chunks were looked at", most);
            return out;
        }
        auto chunk = chunk_at(at);
        if (!chunk) {
            out.ended = fmt::format("{} is not in the dump", text::hex(at));
            return out;
        }
        if (chunk->size() == fence) {
            out.ended = fmt::format("at {} the heap has a gap: somebody else called sbrk()", text::hex(at));
            return out;
        }
        if (!out.before && !chunk->previous_in_use()) {
            out.ended = fmt::format("{} does not look like the first chunk", text::hex(at));
            return out;
        }
        if ((chunk->size_field & 2) != 0) return bad(*chunk, "it is marked as mapped by itself, within an arena");
        // Free chunks of the others do not say whose they are.
        if ((chunk->size_field & 4) != 0 && arena.main) return bad(*chunk, "it is marked as one of another arena");
        if (chunk->size() < smallest || chunk->size() % alignment != 0) return bad(*chunk, "no chunk has that size");
        if (!chunk->previous_in_use()) {
            auto previous = memory.word(at);
            if (!previous) {
                out.ended = fmt::format("{} is not in the dump", text::hex(at));
                return out;
            }
            if (*previous != out.before->size())
                return bad(*chunk,
                           fmt::format("it says that the chunk before it is free and has {:#x} bytes, which has {:#x}", *previous,
                                       out.before->size()));
        }
        if (at == arena.top) {
            if (region == nullptr || chunk->size() > region->end - at) return bad(*chunk, "the heap ends before it does");
            out.complete = true;
            return out;
        }
        if (chunk->size() > arena.top - at)
            return bad(*chunk, fmt::format("it would end behind the top chunk at {}", text::hex(arena.top)));
        ++out.chunks;
        out.before = chunk;
        at += chunk->size();
    }
}

// Each thread has the place of its cache among its variables, which lie below the thread pointer.
std::vector<std::uint64_t> GlibcHeap::thread_caches() const {
    const Memory& memory = process_->memory;
    std::vector<std::uint64_t> out;
    auto add = [&](std::uint64_t place) {
        if (out.size() >= most_caches || place < 4096 || place % alignment != 0 || std::ranges::find(out, place) != out.end()) return;
        auto chunk = chunk_at(place - 16);
        auto sized = [&](const CacheLayout& one) { return chunk && chunk->size() == one.chunk_size; };
        if (std::ranges::any_of(cache_layouts, sized)) out.push_back(place);
    };
    // It is the first thing a thread allocates, mostly.
    for (const HeapArena& arena : arenas_) {
        if (auto first = first_chunk(arena)) add(*first + 16);
    }
    std::size_t threads = 0;
    for (const ThreadStatus& thread : process_->notes.threads) {
        if (threads++ >= most_threads) break;
        auto base = thread.registers.get("fs_base");
        if (!base || *base < most_thread_variables) continue;
        std::uint64_t start = *base - most_thread_variables;
        const Region* region = memory.region_at(*base);
        if (region == nullptr) continue;
        start = std::max(start, region->start) & ~std::uint64_t{7};
        View known = memory.chunk(start).bytes.clamped(0, *base - start);
        for (std::uint64_t i = 0; i + 8 <= known.size(); i += 8) add(load<std::uint64_t>(known.data() + i, Endian::little));
    }
    return out;
}

bool GlibcHeap::in_own_cache(std::uint64_t address) const {
    return std::ranges::any_of(thread_caches(), [&](std::uint64_t cache) {
        auto own = chunk_at(cache - 16);
        return own && address >= cache && address - cache < own->room();
    });
}

// The pointer of a single list. Since 2.32 it is mixed with its own place (PROTECT_PTR); a pointer is a multiple of 16, which tells which.
std::uint64_t GlibcHeap::link_at(std::uint64_t slot, bool& known) const {
    auto word = process_->memory.word(slot);
    known = word.has_value();
    if (!known) return 0;
    std::uint64_t plain = *word;
    std::uint64_t mixed = plain ^ slot >> 12;
    auto valid = [&](std::uint64_t pointer) {
        return pointer == 0 || (pointer % alignment == 0 && process_->memory.region_at(pointer) != nullptr);
    };
    if (valid(mixed)) return mixed;
    if (valid(plain)) return plain;
    known = false;
    return 0;
}

template <typename Visit>
bool GlibcHeap::any_in_thread_caches(const std::vector<std::uint64_t>& caches, std::uint64_t number, Visit visit) const {
    for (std::uint64_t cache : caches) {
        auto own = chunk_at(cache - 16);
        for (const CacheLayout& layout : cache_layouts) {
            if (!own || own->size() != layout.chunk_size) continue;
            std::uint64_t entry = process_->memory.word(cache + layout.entries + number * 8).value_or(0);
            for (std::size_t i = 0; i < most_links && entry != 0; ++i) {
                auto one = chunk_at(entry - 16);
                if (!one || one->size() != smallest + number * alignment) break;
                if (visit(*one)) return true;
                bool known = false;
                entry = link_at(entry, known);
                if (!known) break;
            }
        }
    }
    return false;
}

template <typename Visit>
bool GlibcHeap::any_in_fast_bins(std::uint64_t number, Visit visit) const {
    if (state_offset_ < fast_bins_before) return false;
    for (const HeapArena& arena : arenas_) {
        std::uint64_t entry = process_->memory.word(arena.top_slot - fast_bins_before + number * 8).value_or(0);
        for (std::size_t i = 0; i < most_links && entry != 0; ++i) {
            auto one = chunk_at(entry);
            if (!one || one->size() != smallest + number * alignment) break;
            if (visit(*one)) return true;
            bool known = false;
            entry = link_at(entry + 16, known);
            if (!known) break;
        }
    }
    return false;
}

bool GlibcHeap::in_thread_cache(const HeapChunk& chunk) const {
    if (chunk.size() < smallest || chunk.size() % alignment != 0) return false;
    std::uint64_t number = (chunk.size() - smallest) / alignment;
    return number < cache_bins &&
        any_in_thread_caches(thread_caches(), number, [&](const HeapChunk& one) { return one.address == chunk.address; });
}

bool GlibcHeap::in_fast_bin(const HeapChunk& chunk) const {
    if (chunk.size() < smallest || chunk.size() % alignment != 0) return false;
    std::uint64_t number = (chunk.size() - smallest) / alignment;
    return number < fast_bins && any_in_fast_bins(number, [&](const HeapChunk& one) { return one.address == chunk.address; });
}

std::vector<FreeBlock> GlibcHeap::free_blocks_holding(std::uint64_t value, std::uint64_t word, std::size_t most) const {
    std::vector<FreeBlock> out;
    auto take = [&](FreeBlock::List list) {
        return [&, list](const HeapChunk& one) {
            if (process_->memory.word(one.block() + word * 8) == value) out.push_back({list, one});
            return out.size() >= most;
        };
    };
    std::vector<std::uint64_t> caches = thread_caches();
    for (std::uint64_t number = 0; number < cache_bins && out.size() < most; ++number)
        any_in_thread_caches(caches, number, take(FreeBlock::List::thread_cache));
    // The second word of a block in a fast bin is still the program's.
    for (std::uint64_t number = 0; word == 0 && number < fast_bins && out.size() < most; ++number)
        any_in_fast_bins(number, take(FreeBlock::List::fast_bin));
    return out;
}

// A free chunk in a bin: its neighbours in the list point back, the next chunk knows that it is free, and the list leads to an arena.
bool GlibcHeap::in_bin(const HeapChunk& chunk) const {
    const Memory& memory = process_->memory;
    if (chunk.size() < smallest || chunk.size() % alignment != 0) return false;
    auto after = chunk_at(chunk.address + chunk.size());
    if (!after || after->previous_in_use() || memory.word(after->address) != chunk.size()) return false;
    auto forward = memory.word(chunk.address + 16);
    auto backward = memory.word(chunk.address + 24);
    if (!forward || !backward || memory.word(*forward + 24) != chunk.address || memory.word(*backward + 16) != chunk.address) return false;
    std::uint64_t at = *forward;
    for (std::size_t i = 0; i < most_bin_links && at != chunk.address; ++i) {
        for (const HeapArena& arena : arenas_) {
            if (at >= arena.top_slot && at < arena.top_slot + bins * 16) return (at - arena.top_slot) % 16 == 0;
        }
        auto next = memory.word(at + 16);
        if (!next) return false;
        at = *next;
    }
    return false;
}

std::optional<FreeBlock> GlibcHeap::free_block_of(std::uint64_t slot) const {
    if (slot % 8 != 0) return std::nullopt;
    // The first two words are links in every list; the two behind them only of large chunks in a bin.
    for (std::uint64_t word = 0; word < 4; ++word) {
        std::uint64_t block = slot - word * 8;
        if (block % alignment != 0) continue;
        auto chunk = chunk_at(block - 16);
        if (!chunk || process_->memory.region_at(chunk->address) == nullptr) continue;
        constexpr std::uint64_t large = 1024;
        if (word < 2 && in_thread_cache(*chunk)) return FreeBlock{FreeBlock::List::thread_cache, *chunk};
        if (word == 0 && in_fast_bin(*chunk)) return FreeBlock{FreeBlock::List::fast_bin, *chunk};
        if ((word < 2 || chunk->size() >= large) && in_bin(*chunk)) return FreeBlock{FreeBlock::List::bin, *chunk};
    }
    return std::nullopt;
}

}  // namespace abiscope::core
