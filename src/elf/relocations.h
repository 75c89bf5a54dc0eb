// Relocation tables as the dynamic loader finds them: DT_REL, DT_RELA, DT_RELR, DT_JMPREL.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bytes/endian.h"
#include "elf/image.h"

namespace abiscope::elf {

struct Relocation {
    std::uint64_t offset = 0;          // virtual address of the place
    std::uint32_t type = 0;
    std::uint32_t symbol = 0;          // index into the dynamic symbol table
    std::int64_t addend = 0;           // 0 for REL
    std::uint64_t record_offset = 0;   // file offset of the record on disk
};

enum class RelocationTable : std::uint8_t { rela, rel, jmprel };

// What a type means to a loader, so that code need not know the numbers of each machine.
enum class RelocationRole : std::uint8_t {
    none,
    relative,
    irelative,
    symbolic,
    glob_dat,
    jump_slot,
    copy,
    tls_module,
    tls_offset,
    tls_tpoff,
    tls_descriptor,
    size,
    unknown,
};
[[nodiscard]] RelocationRole role_of(std::uint16_t machine, std::uint32_t type);
[[nodiscard]] std::string relocation_name(std::uint16_t machine, std::uint32_t type);   // R_X86_64_JUMP_SLOT, or the number

struct RelocationRange {
    RelocationTable table = RelocationTable::rela;
    View records;                      // as far as the file holds them
    bool with_addend = true;
    bool whole = true;                 // the claimed size fits the file
    std::uint64_t size() const { return records.size() / record_size; }
    std::uint64_t record_size = 24;
};

// DT_RELA or DT_REL first, then DT_JMPREL; a DT_JMPREL that lies within the first range (as some linkers write it) is cut off it.
[[nodiscard]] std::vector<RelocationRange> relocation_ranges(const Image& image);
[[nodiscard]] inline Relocation relocation_at(const Image& image, const RelocationRange& range, std::uint64_t index) {
    Relocation relocation;
    if (index >= range.size()) return relocation;
    const std::byte* at = range.records.data() + index * range.record_size;
    Encoding encoding = image.encoding();
    relocation.record_offset = range.records.file_offset(index * range.record_size);
    if (encoding.wide) {
        relocation.offset = load<std::uint64_t>(at, encoding.order);
        std::uint64_t info = load<std::uint64_t>(at + 8, encoding.order);
        // 64-bit MIPS: a symbol, a special symbol and three types, each in its own byte, in that order (64-bit ELF Object File
        // Specification for MIPS, "Relocation"). As one number that is the usual form only where the first byte is the highest.
        bool split = image.header().machine == em_mips && encoding.order == Endian::little;
        relocation.symbol = static_cast<std::uint32_t>(split ? info : info >> 32);
        relocation.type = split ? byte_swap(static_cast<std::uint32_t>(info >> 32)) : static_cast<std::uint32_t>(info);
        if (range.with_addend) relocation.addend = load<std::int64_t>(at + 16, encoding.order);
    } else {
        relocation.offset = load<std::uint32_t>(at, encoding.order);
        std::uint32_t info = load<std::uint32_t>(at + 4, encoding.order);
        relocation.symbol = info >> 8;
        relocation.type = info & 0xff;
        if (range.with_addend) relocation.addend = load<std::int32_t>(at + 8, encoding.order);
    }
    return relocation;
}

struct RelrSummary {
    bool present = false;
    std::uint64_t places = 0;          // relative relocations it stands for
};
[[nodiscard]] RelrSummary read_relr(const Image& image);
// The places of DT_RELR, in its order, until `visit` returns false.
void visit_relr(const Image& image, const std::function<bool(std::uint64_t place)>& visit);

}  // namespace abiscope::elf
