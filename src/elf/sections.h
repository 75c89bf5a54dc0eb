// The section header table (gABI chapter 4), in host order.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/decompress.h"
#include "bytes/limits.h"
#include "bytes/source.h"
#include "bytes/view.h"
#include "elf/header.h"
#include "finding/sink.h"

namespace abiscope::elf {

class Image;

struct Section {
    std::string_view name;         // empty when the name's offset is not a string
    std::uint32_t name_offset = 0;
    std::uint32_t type = 0;
    std::uint64_t flags = 0;
    std::uint64_t addr = 0;
    std::uint64_t offset = 0;      // bytes from the start of the ELF file
    std::uint64_t size = 0;        // bytes; in memory for SHT_NOBITS
    std::uint32_t link = 0;
    std::uint32_t info = 0;
    std::uint64_t addralign = 0;
    std::uint64_t entsize = 0;
    std::uint64_t record_offset = 0;   // file offset of this header on disk
};

// What the header says of the table, after the escapes for large counts. gABI "e_shnum", "e_shstrndx", and PN_XNUM of "e_phnum".
struct SectionTableShape {
    std::uint64_t count = 0;
    std::uint64_t string_index = 0;
};
[[nodiscard]] SectionTableShape section_table_shape(View file, const Header& header, Encoding encoding);

// As many whole headers as the file holds; findings for a table that runs past the end, names outside the string table, and contents
// past the end of the file. Empty when the file has no section headers.
[[nodiscard]] std::vector<Section> read_sections(const Image& image, finding::Sink& sink);

// What `objcopy --only-keep-debug` and `eu-strip -f` split off: headers of the program, and of its code nothing (SHT_NOBITS).
[[nodiscard]] bool is_debug_file(const std::vector<Section>& sections);

// The first section of that name, or null.
[[nodiscard]] const Section* find_section(const std::vector<Section>& sections, std::string_view name);

// The section whose address range holds `address` (SHF_ALLOC sections only), or null.
[[nodiscard]] const Section* section_at(const std::vector<Section>& sections, std::uint64_t address);

// Its bytes as they are on disk; empty for SHT_NOBITS; what is there when the file is too short.
[[nodiscard]] View section_bytes(const Image& image, const Section& section);

// The compressed stream of a section with SHF_COMPRESSED, or named .zdebug_*; nothing where the bytes are the contents. `size` is what the
// file claims the result has. Errors: truncated, unsupported.
struct CompressedSection {
    View bytes;
    Compression method = Compression::zlib;
    std::uint64_t size = 0;
};
[[nodiscard]] Result<std::optional<CompressedSection>> compressed_section(const Image& image, const Section& section);

// Its contents, decompressed when SHF_COMPRESSED or named .zdebug_* (zlib, zstd). The claimed size is believed only up to `limits` and
// to what the compressed bytes can yield. Errors: truncated, bad_value, limit_reached, unsupported.
struct SectionContents {
    SourcePtr source;   // keeps `view` alive
    View view;
};
[[nodiscard]] Result<SectionContents> section_contents(const Image& image, const Section& section, const Limits& limits = default_limits);

}  // namespace abiscope::elf
