// Sections: parts of a segment. struct section and section_64 of <mach-o/loader.h>.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/checked.h"
#include "bytes/reader.h"
#include "macho/spec.h"

namespace abiscope::macho {

struct Section {
    std::string_view name;                    // sectname, up to 16 bytes of the file, not escaped
    std::string_view segment_name;            // segname as written here; in MH_OBJECT files the only place that names the segment
    std::uint32_t index = 0;                  // among all sections; n_sect minus one
    std::uint32_t segment_index = 0;
    std::uint64_t header_file_offset = 0;     // of the section's record, in the file on disk
    std::uint64_t address = 0;
    std::uint64_t size = 0;                   // bytes in memory
    std::uint32_t offset = 0;                 // from the start of the image; means nothing for zero-fill
    std::uint32_t align_log2 = 0;
    std::uint32_t relocation_offset = 0;      // reloff, from the start of the image
    std::uint32_t relocation_count = 0;       // nreloc, as claimed
    std::uint32_t flags = 0;                  // type and attributes
    std::uint32_t reserved1 = 0;              // first entry in the indirect symbol table, for pointer and stub sections
    std::uint32_t reserved2 = 0;              // bytes of one stub, for stub sections
    std::uint32_t reserved3 = 0;

    [[nodiscard]] std::uint32_t type() const { return flags & section_type_mask; }
    [[nodiscard]] std::uint32_t attributes() const { return flags & ~std::uint32_t{section_type_mask}; }
    [[nodiscard]] bool is_zero_fill() const;
    [[nodiscard]] bool has_instructions() const;
    [[nodiscard]] bool contains_address(std::uint64_t value) const { return range_contains(address, size, value); }
    [[nodiscard]] std::string full_name() const;   // "__TEXT,__text"
    [[nodiscard]] std::string path() const;        // "macho/section[__TEXT,__text]"
};

// Bytes of one record in the segment command.
[[nodiscard]] constexpr std::uint64_t section_record_size(bool wide) { return wide ? 80 : 68; }

// Reads one record at the cursor. The caller checks the reader.
[[nodiscard]] Section read_section(Reader& reader, bool wide);

// The text of a fixed field of 16 bytes: up to the first NUL, or all of it.
[[nodiscard]] std::string_view fixed_name(View field);

}  // namespace abiscope::macho
