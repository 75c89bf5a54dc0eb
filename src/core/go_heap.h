// The collected heap of a crashed Go program, for questions about many addresses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/go_process.h"
#include "golang/heap.h"

namespace abiscope::core {

struct GoHeapPlace {
    golang::Span span;
    std::optional<golang::HeapObject> object;   // nothing: in the tail of the span, or the span is no heap
    std::string type;                           // as Go writes it; empty: the heap does not say
    std::uint64_t type_size = 0;                // bytes; a slot that is larger by a multiple holds an array of them
};

class GoHeap {
public:
    // Nothing when its list of spans is not found, or data/go does not describe the release. `go` must outlive it.
    [[nodiscard]] static std::optional<GoHeap> open(const GoProcess& go);

    [[nodiscard]] std::optional<GoHeapPlace> at(std::uint64_t address) const;
    // Whether any span lies in it.
    [[nodiscard]] bool uses(const Region& region) const;

private:
    GoHeap(const GoProcess& go, golang::HeapReader reader) : go_(&go), reader_(reader) {}

    const GoProcess* go_;
    golang::HeapReader reader_;
    std::vector<golang::Span> spans_;   // by address
};

}  // namespace abiscope::core
