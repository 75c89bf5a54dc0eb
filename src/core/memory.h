// The memory of a crashed process, as far as it is known: from the dump, or from a file that is proved to be the one that was mapped.
// Everything else is unknown, and never shown as zeros.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/notes.h"
#include "elf/image.h"

namespace abiscope::core {

enum class Origin : std::uint8_t { unknown, dump, file };

struct Region {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    std::uint32_t flags = 0;           // PF_*
    View dumped;                       // from `start` on; shorter than the region where it was not dumped
    View joined;                       // the same with the regions behind it, as far as they adjoin in memory and in the dump
    std::uint64_t claimed = 0;         // bytes the dump should hold of it: more than dumped.size() when it is truncated
    std::uint64_t record_offset = 0;   // of the program header, on disk
    bool noted = false;                // known of NT_FILE alone: gdb writes no program header for read-only mappings of files

    [[nodiscard]] bool readable() const { return (flags & 4) != 0; }
    [[nodiscard]] bool writable() const { return (flags & 2) != 0; }
    [[nodiscard]] bool executable() const { return (flags & 1) != 0; }
    [[nodiscard]] bool holds(std::uint64_t address) const { return address >= start && address < end; }
    [[nodiscard]] std::string permissions() const;   // "rw-"
};

struct Chunk {
    Origin origin = Origin::unknown;
    View bytes;                        // from the address on, as far as they are known without a gap
};

class Memory {
public:
    Memory() = default;
    // `wide`: a word is 8 bytes.
    Memory(const elf::Image& core, std::vector<MappedFile> files, bool wide);

    [[nodiscard]] const std::vector<Region>& regions() const { return regions_; }   // by address
    [[nodiscard]] const Region* region_at(std::uint64_t address) const;
    [[nodiscard]] const Region* region_before(std::uint64_t address) const;         // the last that ends at or before it
    [[nodiscard]] const Region* region_after(std::uint64_t address) const;          // the first that starts behind it
    [[nodiscard]] const MappedFile* file_at(std::uint64_t address) const;

    // What a mapping known of NT_FILE alone allows, as the file says. The first of the region that starts there.
    void permit(std::uint64_t start, std::uint32_t flags);

    // `bytes` stand for a read-only or unchanged mapping that was not dumped, from `start` on. They must outlive this.
    void back(std::uint64_t start, View bytes);

    [[nodiscard]] Chunk chunk(std::uint64_t address) const;
    // Exactly out.size() bytes, or false.
    [[nodiscard]] bool read(std::uint64_t address, std::span<std::byte> out) const;
    // At most `size` of them.
    [[nodiscard]] std::vector<std::byte> read_some(std::uint64_t address, std::size_t size) const;
    [[nodiscard]] std::optional<std::uint64_t> number(std::uint64_t address, std::uint8_t size) const;
    [[nodiscard]] std::optional<std::uint64_t> word(std::uint64_t address) const { return number(address, wide_ ? 8 : 4); }
    // Up to the NUL; nothing when it is not there within `most` known bytes.
    [[nodiscard]] std::optional<std::string> c_string(std::uint64_t address, std::size_t most = 4096) const;

private:
    void add_noted();

    struct Backing {
        std::uint64_t start;
        View bytes;
    };
    std::vector<Region> regions_;
    std::vector<MappedFile> files_;
    std::vector<Backing> backings_;    // by address
    Endian order_ = Endian::little;
    bool wide_ = true;
};

}  // namespace abiscope::core
