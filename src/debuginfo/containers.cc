#include "debuginfo/containers.h"

#include <utility>

#include "bytes/decompress.h"
#include "bytes/reader.h"
#include "dwarf/findings.h"
#include "macho/fat.h"
#include "object/detect.h"

namespace abiscope::debuginfo {

Result<dwarf::SectionData> unpack(const SourcePtr& source, View bytes, bool compressed, const Limits& limits) {
    if (!compressed || !bytes.starts_with("ZLIB")) return dwarf::SectionData{source, bytes};
    Reader reader(bytes, Endian::big, "compressed section header");
    reader.skip(4);
    std::uint64_t size = reader.u64();
    if (!reader.ok()) return fail(reader.error());
    ABISCOPE_TRY(auto unpacked, decompress(bytes.from(reader.position()), Compression::zlib, size, limits));
    SourcePtr made = Source::from_parent(source, offset_in(source, bytes), std::move(unpacked));
    return dwarf::SectionData{made, made->view()};
}

void SectionPieces::add(dwarf::SectionId id, Result<dwarf::SectionData> data, View raw) {
    if (data) {
        pieces_[static_cast<std::size_t>(id)].push_back(*std::move(data));
        return;
    }
    if (!sections_.has(id)) sections_[id] = {nullptr, raw.clamped(0, 0)};
    sink_.add(dwarf::unit_damaged(sections_, id, 0, data.error().describe()));
}

void SectionPieces::finish() {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        std::vector<dwarf::SectionData>& pieces = pieces_[i];
        dwarf::SectionData& whole = sections_.data[i];
        if (pieces.empty()) continue;
        whole = std::move(pieces.front());
        if (pieces.size() == 1) continue;
        for (dwarf::SectionData& piece : pieces) {
            if (piece.stream) piece.stream->reach(piece.view.size());
        }
        std::shared_ptr<DecompressStream> first = std::exchange(whole.stream, nullptr);
        if (first) first->reach(whole.view.size());
        std::vector<std::byte> bytes(whole.view.bytes().begin(), whole.view.bytes().end());
        for (std::size_t next = 1; next < pieces.size(); ++next)
            bytes.insert(bytes.end(), pieces[next].view.bytes().begin(), pieces[next].view.bytes().end());
        SourcePtr made = Source::from_parent(source_, offset_in(source_, whole.view), std::move(bytes));
        whole = {made, made->view()};
    }
}

Result<DebugSections> read_debug_sections(const SourcePtr& source, View bytes, const Limits& limits, finding::Sink& sink, Purpose purpose) {
    object::Detected kind = object::detect(bytes);
    switch (kind.kind) {
        case object::FileKind::elf: return read_elf(source, bytes, limits, sink, purpose);
        case object::FileKind::pe:
        case object::FileKind::coff: return read_pe(source, bytes, limits, sink);
        case object::FileKind::macho: return read_macho(source, bytes, limits, sink);
        case object::FileKind::macho_fat: {
            ABISCOPE_TRY(auto fat, macho::read_fat(source, bytes, sink));
            if (fat.slices.empty()) break;
            return read_macho(source, fat.slices.front().bytes, limits, sink);
        }
        default: break;
    }
    return fail(Error{.code = ErrorCode::unsupported,
                      .what = "no program: " + object::describe(kind),
                      .file = source->name(),
                      .offset = bytes.file_offset(),
                      .wanted = {},
                      .had = {}});
}

}  // namespace abiscope::debuginfo
