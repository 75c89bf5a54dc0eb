// A PE image or COFF object file: headers and sections are read at once, everything else by the free functions of this folder, so that
// callers pay for what they ask. Records hold views into the bytes; they stay valid while the SourcePtr does.
//
// File names are those of the other format folders, with these differences of the format itself: what ELF keeps in notes is in the
// debug directory (notes.h); program headers do not exist, so segments.h holds what the loader derives from the sections. ".pdata" is
// unwinding data and belongs to the unwinder, relocations of object files to a linker: both are left to those who need them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/source.h"
#include "bytes/view.h"
#include "finding/sink.h"
#include "pe/header.h"
#include "pe/identify.h"
#include "pe/sections.h"
#include "pe/segments.h"
#include "pe/spec.h"

namespace abiscope::pe {

class Image {
public:
    // `bytes` starts at the MZ header, or at the COFF header of an object file, and lies in `source`. Errors: bad_magic when it is neither,
    // unsupported for the relatives identify() names (DOS, NE, LE, LX, TE, import library members, LTCG objects), truncated, bad_value.
    static Result<Image> parse(SourcePtr source, View bytes, finding::Sink& sink);

    [[nodiscard]] const SourcePtr& source() const { return source_; }
    [[nodiscard]] View bytes() const { return bytes_; }

    [[nodiscard]] FileKind kind() const { return kind_; }
    [[nodiscard]] bool is_object() const { return kind_ != FileKind::image; }
    [[nodiscard]] bool is_dll() const { return !is_object() && (coff_.characteristics & characteristic::dll) != 0; }
    [[nodiscard]] bool is_dotnet() const { return directory(Directory::clr).has_value(); }
    [[nodiscard]] bool wide() const { return optional_ && optional_->wide(); }  // PE32+
    [[nodiscard]] std::uint16_t machine() const { return coff_.machine; }  // as it stands; see foreign_machine()

    [[nodiscard]] const std::optional<DosHeader>& dos() const { return dos_; }  // not in object files
    [[nodiscard]] const CoffHeader& coff() const { return coff_; }
    [[nodiscard]] const std::optional<OptionalHeader>& optional() const { return optional_; }  // not in object files
    [[nodiscard]] std::span<const Section> sections() const { return sections_; }
    [[nodiscard]] const Mapping& mapping() const { return mapping_; }  // empty for object files

    // Nothing when the entry is missing or its address is zero, which is how the loader sees it too.
    [[nodiscard]] std::optional<DataDirectory> directory(Directory which) const;

    // The bytes of a directory as far as they are in the file. Error when it does not start in the file, or is not there at all.
    [[nodiscard]] Result<View> directory_bytes(Directory which, std::string_view what) const;

    // `size` bytes of the file at that RVA; the located error names `what`.
    [[nodiscard]] Result<View> at_rva(std::uint64_t rva, std::uint64_t size, std::string_view what) const;

    // Everything from that RVA to the end of its segment that comes from the file; empty when nothing does.
    [[nodiscard]] View from_rva(std::uint64_t rva) const;

    // Fills `out` with memory as the program sees it, zeros of a section's tail included. The offset on disk, or nothing when
    // that address is not mapped far enough.
    [[nodiscard]] std::optional<std::uint64_t> copy_rva(std::uint64_t rva, std::span<std::byte> out) const;

    // Where in the file on disk that RVA is, for evidence; nothing for zero-filled or unmapped addresses.
    [[nodiscard]] std::optional<std::uint64_t> file_offset_of_rva(std::uint64_t rva) const;

    // Virtual address of the preferred base to RVA; nothing below the base or more than 4 GB above it.
    [[nodiscard]] std::optional<std::uint32_t> rva_of(std::uint64_t virtual_address) const;

    // Index of the first section whose memory holds that RVA.
    [[nodiscard]] std::optional<std::uint32_t> section_at(std::uint32_t rva) const;

private:
    Image() = default;

    SourcePtr source_;
    View bytes_;
    FileKind kind_ = FileKind::none;
    std::optional<DosHeader> dos_;
    CoffHeader coff_;
    std::optional<OptionalHeader> optional_;
    std::vector<Section> sections_;
    Mapping mapping_;
};

// Findings about headers and sections of an image: alignments, overlaps, truncation, entry point, directories. Called by parse().
void check_headers(const Image& image, finding::Sink& sink);

}  // namespace abiscope::pe
