#include "pe/header.h"

#include <algorithm>

#include <fmt/format.h>

#include "bytes/reader.h"
#include "pe/damage.h"

namespace abiscope::pe {

Result<DosHeader> read_dos_header(View image) {
    Reader reader(image, Endian::little, "the MS-DOS header");
    DosHeader header{.offset = image.file_offset()};
    reader.skip(2);
    header.last_page_bytes = reader.u16();
    header.pages = reader.u16();
    header.relocation_count = reader.u16();
    header.header_paragraphs = reader.u16();
    header.min_extra_paragraphs = reader.u16();
    header.max_extra_paragraphs = reader.u16();
    header.initial_ss = reader.u16();
    header.initial_sp = reader.u16();
    header.checksum = reader.u16();
    header.initial_ip = reader.u16();
    header.initial_cs = reader.u16();
    header.relocation_table = reader.u16();
    header.overlay_number = reader.u16();
    for (std::uint16_t& word : header.reserved) word = reader.u16();
    header.oem_id = reader.u16();
    header.oem_info = reader.u16();
    for (std::uint16_t& word : header.reserved2) word = reader.u16();
    header.lfanew = reader.u32();
    if (!reader.ok()) return fail(reader.error());
    return header;
}

Result<CoffHeader> read_coff_header(View image, std::uint64_t offset) {
    Reader reader(image.from(offset), Endian::little, "the COFF file header");
    CoffHeader header{.offset = image.file_offset(offset)};
    header.machine = reader.u16();
    header.section_count = reader.u16();
    header.timestamp = reader.u32();
    header.symbol_table = reader.u32();
    header.symbol_count = reader.u32();
    header.optional_header_size = reader.u16();
    header.characteristics = reader.u16();
    if (!reader.ok()) return fail(reader.error());
    return header;
}

Result<CoffHeader> read_big_object_header(View image) {
    Reader reader(image, Endian::little, "the header of a big object file");
    CoffHeader header{.offset = image.file_offset(), .big = true};
    reader.skip(6);      // Sig1, Sig2, Version
    header.machine = reader.u16();
    header.timestamp = reader.u32();
    reader.skip(32);     // ClassID, SizeOfData, Flags, MetaDataSize, MetaDataOffset
    header.section_count = reader.u32();
    header.symbol_table = reader.u32();
    header.symbol_count = reader.u32();
    if (!reader.ok()) return fail(reader.error());
    return header;
}

Result<OptionalHeader> read_optional_header(View image, std::uint64_t offset, finding::Sink& sink) {
    Reader reader(image.from(offset), Endian::little, "the optional header");
    OptionalHeader header{.offset = image.file_offset(offset)};
    header.magic = reader.u16();
    if (reader.ok() && header.magic != magic_pe32 && header.magic != magic_pe32_plus) {
        Error error = reader.bad_value("magic", "0x10b (PE32) or 0x20b (PE32+)", name_or_hex(magic_names, header.magic));
        if (header.magic == magic_rom) error.code = ErrorCode::unsupported;
        return fail(std::move(error));
    }
    bool wide = header.wide();
    header.linker_major = reader.u8();
    header.linker_minor = reader.u8();
    header.code_size = reader.u32();
    header.initialized_data_size = reader.u32();
    header.uninitialized_data_size = reader.u32();
    header.entry_rva = reader.u32();
    header.code_base = reader.u32();
    if (!wide) header.data_base = reader.u32();
    header.image_base = reader.word(wide);
    header.section_alignment = reader.u32();
    header.file_alignment = reader.u32();
    header.os_major = reader.u16();
    header.os_minor = reader.u16();
    header.image_major = reader.u16();
    header.image_minor = reader.u16();
    header.subsystem_major = reader.u16();
    header.subsystem_minor = reader.u16();
    header.win32_version = reader.u32();
    header.image_size = reader.u32();
    header.headers_size = reader.u32();
    header.checksum = reader.u32();
    header.subsystem = reader.u16();
    header.dll_characteristics = reader.u16();
    header.stack_reserve = reader.word(wide);
    header.stack_commit = reader.word(wide);
    header.heap_reserve = reader.word(wide);
    header.heap_commit = reader.word(wide);
    header.loader_flags = reader.u32();
    header.directory_count = reader.u32();
    if (!reader.ok()) return fail(reader.error());

    std::uint32_t wanted = std::min(header.directory_count, directory_count);
    for (std::uint32_t i = 0; i < wanted; ++i) {
        DataDirectory directory{.offset = reader.file_offset()};
        directory.rva = reader.u32();
        directory.size = reader.u32();
        if (!reader.ok()) {
            report_damage(sink, "list of data directories",
                          finding::Evidence::value("pe/optional_header.NumberOfRvaAndSizes", directory.offset, 0,
                                                   fmt::format("{} entries claimed, {} in the file", header.directory_count, i)),
                          "the file ends within it");
            break;
        }
        header.directories.push_back(directory);
    }
    return header;
}

}  // namespace abiscope::pe
