// What the garbage collector and the allocator of Go make of a type: which words hold pointers, how far the collector looks, and what an
// object of it takes on the heap.
#pragma once

#include <cstdint>
#include <vector>

#include "abi/profile.h"
#include "abi/type.h"
#include "base/result.h"

namespace abiscope::abi {

struct GoPointers {
    std::uint64_t bytes = 0;   // from the start to the end of the last word with a pointer (PtrBytes): nothing behind is looked at
    std::vector<bool> mask;    // one for each word of `bytes`
};

// Errors as of lay_out(); limit_reached when the mask would have more than a million words.
[[nodiscard]] Result<GoPointers> go_pointers(const TypeTable& types, TypeId type, const Profile& profile);

// One object on the heap.
struct GoAllocation {
    std::uint64_t size_class =
        0;         // bytes of the slot, the header in it; whole pages beyond the largest class; 0 for an object without bytes
    std::uint64_t header = 0;             // bytes before the object in its slot
    std::uint64_t span = 0;               // bytes of the run of pages that is cut into slots
    std::uint64_t objects_per_span = 0;
    bool tiny = false;                    // several objects without pointers share one slot
};

// Of an object of `size` bytes. Everything 0 under a profile that is not of Go.
[[nodiscard]] GoAllocation go_allocation(std::uint64_t size, bool has_pointers, const Profile& profile);

}  // namespace abiscope::abi
