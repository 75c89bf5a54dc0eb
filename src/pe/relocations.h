// Base relocations: the places the loader corrects when it cannot map an image at its preferred base.
// Source: PE Format, ".reloc Section".
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"

namespace abiscope::pe {

class Image;

struct RelocationBlock {
    std::uint64_t offset = 0;       // in the file on disk
    std::uint32_t page_rva = 0;
    std::uint32_t entry_count = 0;  // padding included
};

struct Relocations {
    std::vector<RelocationBlock> blocks;
    std::array<std::uint64_t, 16> count_by_type{};   // by IMAGE_REL_BASED_* number; [0] is padding
    bool complete = true;

    [[nodiscard]] std::uint64_t count() const;       // padding left out
};

struct Relocation {
    std::uint64_t offset = 0;       // of the entry in the file on disk
    std::uint32_t rva = 0;          // of the place to correct
    std::uint8_t type = 0;
};

// Empty when the image has none.
[[nodiscard]] Result<Relocations> read_relocations(const Image& image, finding::Sink& sink);

// Every entry in file order, padding included, until `visit` answers false.
void visit_relocations(const Image& image, const Relocations& relocations, const std::function<bool(const Relocation&)>& visit);

}  // namespace abiscope::pe
