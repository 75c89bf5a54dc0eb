#include "pe/notes.h"

#include <algorithm>

#include <fmt/format.h>

#include "bytes/reader.h"
#include "pe/damage.h"
#include "pe/image.h"

namespace abiscope::pe {

namespace {

constexpr std::uint64_t entry_size = 28;

std::string_view until_nul(View bytes) {
    std::string_view text = bytes.as_text();
    return text.substr(0, std::min(text.find('\0'), text.size()));
}

Result<CodeView> read_codeview(View data) {
    Reader reader(data, Endian::little, "the CodeView record");
    CodeView codeview{.offset = reader.file_offset()};
    if (data.starts_with("RSDS")) {
        reader.skip(4);
        codeview.pdb70 = true;
        codeview.guid = read_guid(reader);
    } else if (data.starts_with("NB10")) {
        reader.skip(8);
        codeview.timestamp = reader.u32();
    } else {
        return fail(ErrorCode::unsupported, "the CodeView record has neither RSDS nor NB10 in front", data.file_offset());
    }
    codeview.age = reader.u32();
    if (!reader.ok()) return fail(reader.error());
    codeview.path = until_nul(data.from(reader.position()));
    return codeview;
}

Result<std::vector<PogoEntry>> read_pogo(View data) {
    std::vector<PogoEntry> entries;
    std::uint64_t at = 4;
    while (data.size() >= at + 8) {
        Reader reader(data.from(at), Endian::little, "the POGO record");
        PogoEntry entry;
        entry.rva = reader.u32();
        entry.size = reader.u32();
        if (entry.rva == 0) break;
        entry.name = reader.c_string();
        if (!reader.ok()) return fail(reader.error());
        at = align_up(at + reader.position(), 4);
        entries.push_back(entry);
    }
    return entries;
}

Result<VcFeature> read_vc_feature(View data) {
    Reader reader(data, Endian::little, "the VC_FEATURE record");
    VcFeature feature;
    feature.pre_vc11 = reader.u32();
    feature.c_and_cpp = reader.u32();
    feature.security_cookies = reader.u32();
    feature.sdl = reader.u32();
    feature.guard = reader.u32();
    if (!reader.ok()) return fail(reader.error());
    return feature;
}

Result<PdbChecksum> read_pdb_checksum(View data) {
    Reader reader(data, Endian::little, "the PDBCHECKSUM record");
    PdbChecksum checksum{.algorithm = reader.c_string()};
    if (!reader.ok()) return fail(reader.error());
    checksum.bytes = data.from(reader.position());
    return checksum;
}

Result<void> read_payload(const DebugEntry& entry, DebugDirectory& directory) {
    switch (entry.type) {
        case debug_type::codeview:
            if (!directory.codeview) {
                ABISCOPE_TRY(directory.codeview, read_codeview(entry.data));
            }
            break;
        case debug_type::pogo: {
            ABISCOPE_TRY(directory.pogo, read_pogo(entry.data));
            break;
        }
        case debug_type::vc_feature: {
            ABISCOPE_TRY(directory.vc_feature, read_vc_feature(entry.data));
            break;
        }
        case debug_type::pdb_checksum: {
            ABISCOPE_TRY(directory.pdb_checksum, read_pdb_checksum(entry.data));
            break;
        }
        case debug_type::repro: {
            Reader reader(entry.data, Endian::little, "the REPRO record");
            std::uint32_t size = entry.data.empty() ? 0 : reader.u32();
            directory.reproducible = reader.bytes(size);
            if (!reader.ok()) return fail(reader.error());
            break;
        }
        case debug_type::ex_dll_characteristics: {
            Reader reader(entry.data, Endian::little, "the EX_DLLCHARACTERISTICS record");
            std::uint32_t bits = reader.u32();
            if (!reader.ok()) return fail(reader.error());
            directory.ex_dll_characteristics = bits;
            break;
        }
        case debug_type::embedded_pdb: directory.embedded_pdb = true; break;
        default: break;
    }
    return {};
}

}  // namespace

std::string CodeView::key() const {
    std::string id = pdb70 ? to_string(guid) : fmt::format("{:08X}", timestamp);
    std::erase(id, '-');
    return id + fmt::format("{:X}", age);
}

Result<DebugDirectory> read_debug_directory(const Image& image, finding::Sink& sink) {
    DebugDirectory directory;
    if (!image.directory(Directory::debug)) return directory;
    ABISCOPE_TRY(View table, image.directory_bytes(Directory::debug, "debug directory"));
    for (std::uint64_t i = 0; i < table.size() / entry_size; ++i) {
        Reader reader(table.from(i * entry_size), Endian::little, "a debug directory entry");
        DebugEntry entry{.offset = reader.file_offset()};
        entry.characteristics = reader.u32();
        entry.timestamp = reader.u32();
        entry.major = reader.u16();
        entry.minor = reader.u16();
        entry.type = reader.u32();
        entry.size = reader.u32();
        entry.rva = reader.u32();
        entry.raw_offset = reader.u32();
        // Debuggers read the file, so the file offset is the one that counts; some tools leave it out.
        View start = entry.raw_offset != 0 ? image.bytes().from(entry.raw_offset) : image.from_rva(entry.rva);
        entry.data = start.clamped(0, entry.size);
        std::string path = fmt::format("pe/debug[{}]", i);
        if (entry.data.size() < entry.size) {
            report_damage(sink, "debug directory",
                          finding::Evidence::value(path, entry.offset, entry_size,
                                                   fmt::format("{} bytes claimed, {} in the file", entry.size, entry.data.size())),
                          "the data of an entry is not in the file");
        } else if (auto read = read_payload(entry, directory); !read) {
            report_damage(sink, "debug directory", path, read.error());
        }
        directory.entries.push_back(entry);
    }
    return directory;
}

}  // namespace abiscope::pe
