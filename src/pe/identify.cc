#include "pe/identify.h"

#include "bytes/reader.h"
#include "pe/header.h"
#include "pe/spec.h"

namespace abiscope::pe {

namespace {

constexpr std::uint64_t coff_header_size = 20;
constexpr std::uint64_t section_header_size = 40;
constexpr std::uint64_t symbol_size = 18;
constexpr std::string_view bigobj_class("\xc7\xa1\xba\xd1\xee\xba\xa9\x4b\xaf\x20\xfa\xf6\x6a\xa4\xdc\xb8", 16);

// The loaders of DOS, Windows and OS/2 all follow e_lfanew and look for two letters there.
Identity identify_mz(View bytes) {
    auto dos = read_dos_header(bytes);
    if (!dos) return {.kind = FileKind::dos};
    std::uint64_t at = dos->lfanew;
    if (bytes.starts_with(std::string_view("PE\0\0", 4), at)) {
        Reader reader(bytes.from(at + 4), Endian::little, "the COFF file header");
        return {.kind = FileKind::image, .machine = reader.u16(), .header_offset = at};
    }
    if (bytes.starts_with("NE", at)) return {.kind = FileKind::ne, .header_offset = at};
    if (bytes.starts_with("LE", at)) return {.kind = FileKind::le, .header_offset = at};
    if (bytes.starts_with("LX", at)) return {.kind = FileKind::lx, .header_offset = at};
    return {.kind = FileKind::dos};
}

// Sig1 = 0 (no machine), Sig2 = 0xffff: winnt.h IMPORT_OBJECT_HEADER, ANON_OBJECT_HEADER.
Identity identify_anonymous(View bytes) {
    Reader reader(bytes, Endian::little, "an anonymous object header");
    reader.skip(4);
    std::uint16_t version = reader.u16();
    std::uint16_t machine = reader.u16();
    reader.skip(4);
    bool has_class = bytes.size() >= 28;
    if (!reader.ok() || !find_name(machine_names, machine)) return {};
    if (version == 0) return {.kind = FileKind::import_object, .machine = machine};
    if (!has_class) return {};
    if (version >= 2 && bytes.starts_with(bigobj_class, 12)) return {.kind = FileKind::big_object, .machine = machine};
    return {.kind = FileKind::anonymous_object, .machine = machine};
}

// An object file has no magic number: it is one when everything its header and section headers claim lies within the file.
bool looks_like_object(View bytes) {
    auto header = read_coff_header(bytes, 0);
    if (!header || header->machine == machine::unknown || !find_name(machine_names, header->machine)) return false;
    if (header->optional_header_size != 0 || (header->characteristics & characteristic::executable_image) != 0) return false;
    if (header->section_count == 0 && header->symbol_count == 0) return false;
    std::uint64_t headers_end = coff_header_size + std::uint64_t{header->section_count} * section_header_size;
    if (headers_end > bytes.size()) return false;
    if (header->symbol_table == 0 && header->symbol_count != 0) return false;
    if (header->symbol_table != 0 &&
        (header->symbol_table < headers_end || !range_fits(header->symbol_table, header->symbol_count * symbol_size, bytes.size()))) {
        return false;
    }
    for (std::uint32_t i = 0; i < header->section_count; ++i) {
        Reader reader(bytes.from(coff_header_size + i * section_header_size), Endian::little, "a section header");
        reader.skip(16);
        std::uint32_t size = reader.u32();
        std::uint32_t offset = reader.u32();
        reader.skip(12);
        std::uint32_t flags = reader.u32();
        bool in_file = offset != 0 && (flags & section_flag::uninitialized_data) == 0;
        if (in_file && !range_fits(offset, size, bytes.size())) return false;
    }
    return true;
}

}  // namespace

Identity identify(View bytes) {
    if (bytes.starts_with("MZ") || bytes.starts_with("ZM")) return identify_mz(bytes);
    if (bytes.starts_with(std::string_view("\0\0\xff\xff", 4))) return identify_anonymous(bytes);
    if (bytes.starts_with("VZ")) {
        Reader reader(bytes.from(2), Endian::little, "the TE header");
        std::uint16_t machine = reader.u16();
        if (bytes.size() >= 40 && find_name(machine_names, machine)) return {.kind = FileKind::te, .machine = machine};
        return {};
    }
    if (looks_like_object(bytes)) {
        Reader reader(bytes, Endian::little, "the COFF file header");
        return {.kind = FileKind::object, .machine = reader.u16()};
    }
    return {};
}

std::string_view describe(FileKind kind) {
    switch (kind) {
        case FileKind::none: return "no PE or COFF file";
        case FileKind::image: return "PE image";
        case FileKind::object: return "COFF object file";
        case FileKind::big_object: return "COFF object file (bigobj)";
        case FileKind::import_object: return "import library member";
        case FileKind::anonymous_object: return "object of link-time code generation";
        case FileKind::te: return "UEFI terse executable (TE)";
        case FileKind::dos: return "MS-DOS program (MZ)";
        case FileKind::ne: return "16-bit Windows or OS/2 program (NE)";
        case FileKind::le: return "Windows 9x driver or DOS extender program (LE)";
        case FileKind::lx: return "OS/2 program (LX)";
    }
    return "no PE or COFF file";
}

}  // namespace abiscope::pe
