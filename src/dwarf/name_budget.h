// How many bytes of names may be copied out of a file. Names of a real program are about as long as the sections that hold them; in a
// hostile file a million entries can share one name of megabytes.
#pragma once

#include <atomic>
#include <cstdint>

#include "dwarf/debug.h"

namespace abiscope::dwarf {

class NameBudget {
public:
    explicit NameBudget(const Debug& debug) {
        std::int64_t bytes = 0;
        for (const Sections& file : debug.files()) {
            for (SectionId id : {SectionId::info, SectionId::types, SectionId::str}) bytes += static_cast<std::int64_t>(file.at(id).size());
        }
        left_ = 16 * bytes + (1 << 20);
    }

    // False when the names so far are more than any program has.
    [[nodiscard]] bool take(std::size_t size) { return left_.fetch_sub(static_cast<std::int64_t>(size), std::memory_order_relaxed) > 0; }

private:
    std::atomic<std::int64_t> left_;
};

}  // namespace abiscope::dwarf
