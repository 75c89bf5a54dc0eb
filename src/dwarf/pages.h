// The memory that reading mapped sections takes: a walk over 500 MB of debug information needs no more of it at once than a few units.
#pragma once

#include <atomic>
#include <cstdint>

#include "dwarf/debug.h"

namespace abiscope::dwarf {

// Gives back the pages of mapped sections. What is read again is mapped again.
void give_back_pages(const Sections& sections);
void give_back_pages(const Debug& debug);

// Does so each time a certain amount was read. For any number of threads.
class PageReturn {
public:
    explicit PageReturn(const Debug& debug) : debug_(debug) {}

    void have_read(std::uint64_t bytes);

private:
    const Debug& debug_;
    std::atomic<std::uint64_t> read_ = 0;
};

}  // namespace abiscope::dwarf
