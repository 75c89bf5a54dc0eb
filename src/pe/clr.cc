#include "pe/clr.h"

#include <algorithm>

#include "bytes/reader.h"
#include "pe/damage.h"
#include "pe/image.h"

namespace abiscope::pe {

namespace {

constexpr std::uint64_t clr_header_size = 72;
constexpr std::uint32_t metadata_magic = 0x424a5342;   // "BSJB"

DataDirectory read_directory(Reader& reader) {
    DataDirectory directory{.offset = reader.file_offset()};
    directory.rva = reader.u32();
    directory.size = reader.u32();
    return directory;
}

Result<void> read_metadata_root(const Image& image, Clr& clr) {
    View bytes = image.from_rva(clr.metadata.rva).clamped(0, clr.metadata.size);
    Reader reader(bytes, Endian::little, "the metadata root");
    std::uint32_t magic = reader.u32();
    if (reader.ok() && magic != metadata_magic) return fail(reader.bad_value("signature", "BSJB", name_or_hex({}, magic)));
    reader.skip(8);
    std::string_view version = reader.bytes(reader.u32()).as_text();
    clr.runtime_version = version.substr(0, std::min(version.find('\0'), version.size()));
    reader.skip(2);
    std::uint16_t count = reader.u16();
    if (!reader.ok()) return fail(reader.error());
    for (std::uint16_t i = 0; i < count; ++i) {
        std::uint32_t offset = reader.u32();
        MetadataStream stream{.offset = bytes.file_offset(offset), .size = reader.u32(), .name = reader.c_string()};
        reader.seek(align_up(reader.position(), 4));
        if (!reader.ok()) return fail(reader.error());
        clr.streams.push_back(stream);
    }
    return {};
}

}  // namespace

Result<std::optional<Clr>> read_clr(const Image& image, finding::Sink& sink) {
    auto directory = image.directory(Directory::clr);
    if (!directory) return std::nullopt;
    ABISCOPE_TRY(View view, image.at_rva(directory->rva, clr_header_size, "the CLR header"));
    Reader reader(view, Endian::little, "the CLR header");
    Clr clr{.offset = reader.file_offset()};
    clr.header_size = reader.u32();
    clr.runtime_major = reader.u16();
    clr.runtime_minor = reader.u16();
    clr.metadata = read_directory(reader);
    clr.flags = reader.u32();
    clr.entry_point = reader.u32();
    clr.resources = read_directory(reader);
    clr.strong_name = read_directory(reader);
    reader.skip(8);   // CodeManagerTable: always zero
    clr.vtable_fixups = read_directory(reader);
    reader.skip(8);   // ExportAddressTableJumps: always zero
    clr.native_header = read_directory(reader);
    clr.ready_to_run = clr.native_header.rva != 0 && image.from_rva(clr.native_header.rva).starts_with(std::string_view("RTR\0", 4));
    if (auto root = read_metadata_root(image, clr); !root) report_damage(sink, "CLR metadata", "pe/clr.metadata", root.error());
    return clr;
}

}  // namespace abiscope::pe
