// Words of a program's data.
#pragma once

#include <cstdint>
#include <span>

#include "bytes/endian.h"
#include "bytes/view.h"
#include "elf/image.h"
#include "elf/spec.h"

namespace abiscope::loader {

// The aligned words of `data` but those that are zero, `left` at the most.
template <typename Word, typename Visit>
void each_word(View data, std::uint64_t address, Endian order, std::uint64_t& left, Visit visit) {
    std::span<const std::byte> bytes = data.bytes();
    std::size_t at = (sizeof(Word) - address % sizeof(Word)) % sizeof(Word);
    for (; at + sizeof(Word) <= bytes.size() && left != 0; at += sizeof(Word), --left) {
        auto value = load<Word>(bytes.data() + at, order);
        if (value != 0) visit(address + at, std::uint64_t{value});
    }
}

// Those of the segments without code that are as wide as an address, as far as 64 MiB go: visit(address, value).
template <typename Visit>
void each_data_word(const elf::Image& image, Visit visit) {
    std::uint64_t left = std::uint64_t{1} << 23;
    for (const elf::Segment& segment : image.segments()) {
        if (segment.type != elf::pt_load || segment.executable()) continue;
        View bytes = image.bytes().clamped(segment.offset, segment.filesz);
        if (image.encoding().wide) each_word<std::uint64_t>(bytes, segment.vaddr, image.encoding().order, left, visit);
        else each_word<std::uint32_t>(bytes, segment.vaddr, image.encoding().order, left, visit);
    }
}

}  // namespace abiscope::loader
