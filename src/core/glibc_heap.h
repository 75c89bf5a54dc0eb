// The heap of glibc's malloc in a crashed process: its arenas, chunk by chunk, and its lists of free chunks. For 64-bit processes of
// glibc 2.23 and later; what is not as malloc/malloc.c lays it out is said to be so, never guessed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/process.h"

namespace abiscope::core {

// struct malloc_chunk: the size of the chunk before (while that is free), the own size with three flags, then the block itself.
struct HeapChunk {
    std::uint64_t address = 0;         // of its header
    std::uint64_t size_field = 0;

    [[nodiscard]] std::uint64_t size() const { return size_field & ~std::uint64_t{7}; }
    [[nodiscard]] bool previous_in_use() const { return (size_field & 1) != 0; }
    [[nodiscard]] std::uint64_t block() const { return address + 16; }
    // What malloc() may have been asked for at most: the last word lies in the next chunk's header.
    [[nodiscard]] std::uint64_t room() const { return size() < 16 ? 0 : size() - 8; }
};

struct HeapArena {
    std::uint64_t top_slot = 0;        // address of malloc_state.top
    std::uint64_t top = 0;             // the chunk at the end
    std::uint64_t system_memory = 0;   // bytes it took from the system
    bool main = false;
};

// A walk over the chunks of an arena.
struct HeapWalk {
    std::uint64_t start = 0;
    std::uint64_t chunks = 0;          // that are consistent
    bool complete = false;             // it came to the top chunk
    std::string ended;                 // why it did not, where no chunk is bad
    std::optional<HeapChunk> bad;      // the first whose header contradicts the heap
    std::string contradiction;         // what
    std::optional<HeapChunk> before;   // the chunk in front of it
};

struct FreeBlock {
    enum class List : std::uint8_t { thread_cache, fast_bin, bin } list = List::thread_cache;
    HeapChunk chunk;
};

class GlibcHeap {
public:
    // Nothing where no main arena is found. `process` must outlive it.
    [[nodiscard]] static std::optional<GlibcHeap> open(const Process& process);

    [[nodiscard]] const std::vector<HeapArena>& arenas() const { return arenas_; }   // the main one first

    // At most `most` chunks.
    [[nodiscard]] HeapWalk walk(const HeapArena& arena, std::uint64_t most) const;

    // The free chunk in whose first four words, which malloc uses for its lists, `slot` lies.
    [[nodiscard]] std::optional<FreeBlock> free_block_of(std::uint64_t slot) const;

    // The blocks in threads' caches and fast bins whose word number `word`, 0 or 1, holds `value`, and is malloc's; `most` of them at most.
    [[nodiscard]] std::vector<FreeBlock> free_blocks_holding(std::uint64_t value, std::uint64_t word, std::size_t most) const;

    // Whether it lies in a thread's cache itself, which points to the first block of each list.
    [[nodiscard]] bool in_own_cache(std::uint64_t address) const;

private:
    explicit GlibcHeap(const Process& process) : process_(&process) {}

    [[nodiscard]] bool find_main_arena(std::uint64_t start, std::uint64_t size);
    void add_arenas(std::uint64_t state_offset);
    [[nodiscard]] std::optional<std::uint64_t> first_chunk(const HeapArena& arena) const;
    [[nodiscard]] std::vector<std::uint64_t> thread_caches() const;
    [[nodiscard]] std::optional<HeapChunk> chunk_at(std::uint64_t address) const;
    // Each of them hands over the chunks of the lists for that number, until `visit` returns true.
    template <typename Visit>
    bool any_in_thread_caches(const std::vector<std::uint64_t>& caches, std::uint64_t number, Visit visit) const;
    template <typename Visit>
    bool any_in_fast_bins(std::uint64_t number, Visit visit) const;
    [[nodiscard]] bool in_thread_cache(const HeapChunk& chunk) const;
    [[nodiscard]] bool in_fast_bin(const HeapChunk& chunk) const;
    [[nodiscard]] bool in_bin(const HeapChunk& chunk) const;
    [[nodiscard]] std::uint64_t link_at(std::uint64_t slot, bool& known) const;

    const Process* process_;
    std::vector<HeapArena> arenas_;
    std::uint64_t state_offset_ = 0;  // of top within malloc_state
};

// Bytes of the largest block, of 128 KiB and more, that free() has given back to the kernel; nothing where it has given none back, or that
// is not known.
[[nodiscard]] std::optional<std::uint64_t> largest_returned_block(const Process& process);

}  // namespace abiscope::core
