// The headers of a PE image: MS-DOS stub header, COFF file header, optional header with its data directories; and the two headers of
// object files. Sizes and offsets are in bytes, byte order is the host's. `offset` is where the record lies in the file on disk.
// Source: Microsoft PE Format, sections "MS-DOS Stub", "COFF File Header", "Optional Header"; winnt.h ANON_OBJECT_HEADER_BIGOBJ.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "bytes/view.h"
#include "finding/sink.h"
#include "pe/spec.h"

namespace abiscope::pe {

struct DosHeader {
    std::uint64_t offset = 0;
    std::uint16_t last_page_bytes = 0;
    std::uint16_t pages = 0;                // of 512 bytes
    std::uint16_t relocation_count = 0;
    std::uint16_t header_paragraphs = 0;    // of 16 bytes
    std::uint16_t min_extra_paragraphs = 0;
    std::uint16_t max_extra_paragraphs = 0;
    std::uint16_t initial_ss = 0;
    std::uint16_t initial_sp = 0;
    std::uint16_t checksum = 0;
    std::uint16_t initial_ip = 0;
    std::uint16_t initial_cs = 0;
    std::uint16_t relocation_table = 0;
    std::uint16_t overlay_number = 0;
    std::array<std::uint16_t, 4> reserved{};
    std::uint16_t oem_id = 0;
    std::uint16_t oem_info = 0;
    std::array<std::uint16_t, 10> reserved2{};
    std::uint32_t lfanew = 0;               // where "PE\0\0" is, from the start of the image
};

struct CoffHeader {
    std::uint64_t offset = 0;
    std::uint16_t machine = 0;
    std::uint32_t section_count = 0;
    std::uint32_t timestamp = 0;            // seconds since 1970, or a hash of the contents (notes.h: reproducible)
    std::uint32_t symbol_table = 0;         // from the start of the image; 0: none
    std::uint32_t symbol_count = 0;         // auxiliary records included
    std::uint16_t optional_header_size = 0;
    std::uint16_t characteristics = 0;
    bool big = false;                       // the 56-byte header of /bigobj, 20-byte symbols
};

struct DataDirectory {
    std::uint64_t offset = 0;
    std::uint32_t rva = 0;                  // Directory::certificates: an offset from the start of the image
    std::uint32_t size = 0;
};

struct OptionalHeader {
    std::uint64_t offset = 0;
    std::uint16_t magic = 0;
    std::uint8_t linker_major = 0;
    std::uint8_t linker_minor = 0;
    std::uint32_t code_size = 0;
    std::uint32_t initialized_data_size = 0;
    std::uint32_t uninitialized_data_size = 0;
    std::uint32_t entry_rva = 0;
    std::uint32_t code_base = 0;
    std::uint32_t data_base = 0;            // PE32 only
    std::uint64_t image_base = 0;
    std::uint32_t section_alignment = 0;
    std::uint32_t file_alignment = 0;
    std::uint16_t os_major = 0;
    std::uint16_t os_minor = 0;
    std::uint16_t image_major = 0;
    std::uint16_t image_minor = 0;
    std::uint16_t subsystem_major = 0;
    std::uint16_t subsystem_minor = 0;
    std::uint32_t win32_version = 0;
    std::uint32_t image_size = 0;
    std::uint32_t headers_size = 0;
    std::uint32_t checksum = 0;
    std::uint16_t subsystem = 0;
    std::uint16_t dll_characteristics = 0;
    std::uint64_t stack_reserve = 0;
    std::uint64_t stack_commit = 0;
    std::uint64_t heap_reserve = 0;
    std::uint64_t heap_commit = 0;
    std::uint32_t loader_flags = 0;
    std::uint32_t directory_count = 0;      // NumberOfRvaAndSizes as it stands; the loader looks at 16 at most
    std::vector<DataDirectory> directories; // those that are in the file, 16 at most

    [[nodiscard]] bool wide() const { return magic == magic_pe32_plus; }
};

[[nodiscard]] Result<DosHeader> read_dos_header(View image);
[[nodiscard]] Result<CoffHeader> read_coff_header(View image, std::uint64_t offset);
[[nodiscard]] Result<CoffHeader> read_big_object_header(View image);
[[nodiscard]] Result<OptionalHeader> read_optional_header(View image, std::uint64_t offset, finding::Sink& sink);

}  // namespace abiscope::pe
