// Relocations of object files (per section) and of images from before 2009 (LC_DYSYMTAB). struct relocation_info and
// scattered_relocation_info of <mach-o/reloc.h>.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"
#include "macho/image.h"

namespace abiscope::macho {

struct Relocation {
    std::optional<std::uint32_t> section;   // index into Image::sections(); nothing for those of LC_DYSYMTAB
    std::uint32_t address = 0;              // r_address: from the start of the section, or of the first segment for LC_DYSYMTAB
    std::uint32_t symbol = 0;  // r_symbolnum: a symbol index when `external`, else a section number from 1; zero when scattered
    std::uint32_t value = 0;  // r_value, scattered only
    std::uint8_t type = 0;  // relocation_types(cpu_type)
    std::uint8_t length_log2 = 0;  // 0: one byte ... 3: eight bytes
    bool pc_relative = false;
    bool external = false;
    bool scattered = false;
    std::uint64_t file_offset = 0;  // of the record, in the file on disk

    [[nodiscard]] std::string type_name(std::uint32_t cpu_type) const;
};

struct Relocations {
    std::vector<Relocation> of_sections;
    std::vector<Relocation> external;  // LC_DYSYMTAB
    std::vector<Relocation> local;  // LC_DYSYMTAB
};

// Findings: MACHO-TABLE-TRUNCATED, MACHO-RELOCATION-INVALID (a symbol or section that does not exist; tables that overlap).
[[nodiscard]] Result<Relocations> read_relocations(const Image& image, finding::Sink& sink);

}  // namespace abiscope::macho
