// The garbage-collected heap of a Go program in memory: which span an address lies in, which object of it, whether that is allocated, and
// of which type where the heap itself says so. Source: runtime/mheap.go (mspan, allspans), runtime/mbitmap.go (isFree), runtime/malloc.go;
// from 1.22 on runtime/mbitmap.go (heapBitsInSpan, "malloc header"). Offsets by release in data/go.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "golang/memory.h"
#include "golang/module_data.h"
#include "golang/release.h"

namespace abiscope::golang {

enum class SpanState : std::uint8_t {
    dead,
    in_use,   // objects of the collected heap
    manual,   // stacks, and what the runtime keeps for itself
};
[[nodiscard]] std::string_view to_string(SpanState state);

struct Span {
    std::uint64_t address = 0;         // of its mspan
    AddressRange memory;
    SpanState state = SpanState::dead;
    std::uint8_t size_class = 0;       // 0: one object of its own size
    bool holds_pointers = false;       // of a span in use
    std::uint64_t element_size = 0;    // bytes
    std::uint64_t elements = 0;
    std::uint64_t free_index = 0;      // every object below it is taken
    std::uint64_t allocation_bits = 0; // address of a bit for each object, as the last collection left them
    std::uint64_t large_type = 0;      // descriptor of the type of one large object, from 1.22 on; 0: none
};

struct HeapObject {
    std::uint64_t start = 0;
    std::uint64_t size = 0;            // of its slot
    std::uint64_t index = 0;           // in the span
    std::optional<bool> allocated;     // nothing: its bit is not in memory
    std::uint64_t type = 0;            // descriptor; 0: the heap keeps none for objects of this kind
    std::uint64_t header = 0;          // bytes of the slot before the object
};

class HeapReader {
public:
    // Nothing when data/go does not describe the release on that architecture (GOARCH).
    [[nodiscard]] static std::optional<HeapReader> make(const Memory& memory, Release release, std::string_view architecture);

    // Those of runtime.mheap_.allspans that are not dead, by rising memory.
    [[nodiscard]] std::vector<Span> find_spans(const Module& module) const;
    // Nothing for a span that is not in use, or an address in its tail behind the last object.
    [[nodiscard]] std::optional<HeapObject> object_at(const Span& span, std::uint64_t address) const;

private:
    HeapReader(const Memory& memory, Release release) : memory_(&memory), release_(release) {}

    struct Field {
        std::uint64_t offset = 0, size = 0;
    };
    struct Fields {
        Field start, pages, state, span_class, element_size, elements, free_index, allocation_bits;
        std::optional<Field> large_type;
    };
    [[nodiscard]] std::optional<std::uint64_t> number(std::uint64_t address, Field field) const;
    [[nodiscard]] bool looks_like_span(std::uint64_t address) const;
    [[nodiscard]] Span read(std::uint64_t address) const;

    const Memory* memory_;
    Release release_;
    Fields at_;
    std::uint64_t size_ = 0;
};

}  // namespace abiscope::golang
