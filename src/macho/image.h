// One Mach-O image: a file, or one slice of a fat file.
//
// Holds the header, the load commands and the segments with their sections. Everything else is read when asked for, by free functions
// that take an Image: symbols.h, imports.h, exports.h, relocations.h, dylibs.h, entry.h, build.h, notes.h, code_signature.h ...
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/source.h"
#include "bytes/view.h"
#include "finding/sink.h"
#include "macho/header.h"
#include "macho/load_commands.h"
#include "macho/sections.h"
#include "macho/segments.h"

namespace abiscope::macho {

// Offsets named `offset` count from the start of the image, as in the format itself; those named `file_offset` count from the start of
// the file on disk. Texts in records point into the bytes of source(), which the Image keeps alive.
class Image {
public:
    // `bytes` is the whole image. Errors: bad_magic, truncated (no complete header), with the file's name. Anything wrong after the
    // header is a finding.
    [[nodiscard]] static Result<Image> parse(SourcePtr source, View bytes, finding::Sink& sink);

    [[nodiscard]] const SourcePtr& source() const { return source_; }
    [[nodiscard]] View bytes() const { return bytes_; }
    [[nodiscard]] const Header& header() const { return header_; }
    [[nodiscard]] std::span<const LoadCommand> commands() const { return commands_; }
    [[nodiscard]] std::span<const Segment> segments() const { return table_.segments; }
    [[nodiscard]] std::span<const Section> sections() const { return table_.sections; }

    [[nodiscard]] const LoadCommand* find_command(std::uint32_t command) const;   // the first of that type
    [[nodiscard]] const Segment* find_segment(std::string_view name) const;
    [[nodiscard]] const Section* find_section(std::string_view segment, std::string_view name) const;
    [[nodiscard]] const Segment* segment_at(std::uint64_t address) const;
    [[nodiscard]] const Section* section_at(std::uint64_t address) const;

    // The segment that maps the header: addresses in LC_MAIN, the exports trie and function starts count from its start.
    [[nodiscard]] const Segment* header_segment() const;
    [[nodiscard]] std::uint64_t base_address() const;   // of the header; zero when no segment maps it

    // Between image offsets and addresses, through the segments. Nothing for zero-fill and for what no segment maps.
    [[nodiscard]] std::optional<std::uint64_t> offset_of(std::uint64_t address) const;
    [[nodiscard]] std::optional<std::uint64_t> address_of(std::uint64_t offset) const;

    // The section's bytes, as many as the file holds; empty for zero-fill.
    [[nodiscard]] View content(const Section& section) const;

    // [offset, offset + size) of the image, cut where the image ends. A table that is cut is a MACHO-TABLE-TRUNCATED finding.
    [[nodiscard]] View table(const LoadCommand& command, std::string_view what, std::uint64_t offset, std::uint64_t size,
                             finding::Sink& sink) const;

private:
    Image() = default;

    SourcePtr source_;
    View bytes_;
    Header header_;
    std::vector<LoadCommand> commands_;
    SegmentTable table_;
};

// What LC_CODE_SIGNATURE, LC_FUNCTION_STARTS and their like (struct linkedit_data_command) point at; nothing when there is no such
// command or it is too short.
struct LinkeditData {
    const LoadCommand* command;
    View bytes;
};
[[nodiscard]] std::optional<LinkeditData> find_linkedit_data(const Image& image, std::uint32_t command, finding::Sink& sink);

}  // namespace abiscope::macho
