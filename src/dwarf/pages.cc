#include "dwarf/pages.h"

#include "bytes/mapped_file.h"

namespace abiscope::dwarf {

namespace {

constexpr std::uint64_t step = 8 << 20;

}  // namespace

void give_back_pages(const Sections& sections) {
    for (const SectionData& section : sections.data) {
        if (!section.stream) abiscope::give_back_pages(section.view);
    }
}

void give_back_pages(const Debug& debug) {
    for (const Sections& file : debug.files()) give_back_pages(file);
}

void PageReturn::have_read(std::uint64_t bytes) {
    std::uint64_t before = read_.fetch_add(bytes, std::memory_order_relaxed);
    if (before / step != (before + bytes) / step) give_back_pages(debug_);
}

}  // namespace abiscope::dwarf
