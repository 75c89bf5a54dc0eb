// Relocation tables as the dynamic loader finds them: DT_REL, DT_RELA, DT_RELR, DT_JMPREL.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

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
[[nodiscard]] Relocation relocation_at(const Image& image, const RelocationRange& range, std::uint64_t index);

struct RelrSummary {
    bool present = false;
    std::uint64_t places = 0;          // relative relocations it stands for
};
[[nodiscard]] RelrSummary read_relr(const Image& image);
// The places of DT_RELR, in its order, until `visit` returns false.
void visit_relr(const Image& image, const std::function<bool(std::uint64_t place)>& visit);

}  // namespace abiscope::elf
