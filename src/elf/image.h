// One ELF file: the parts everybody needs are read at once (header, program headers, dynamic section), everything else on request by
// the functions of the files beside this one, so that a caller pays for what it asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/source.h"
#include "elf/dynamic.h"
#include "elf/header.h"
#include "elf/segments.h"
#include "elf/spec.h"
#include "finding/sink.h"

namespace abiscope::elf {

class Image {
public:
    // `bytes` is the whole file or the slice of an archive. The Source keeps it alive. Errors: bad_magic, truncated (header not whole).
    [[nodiscard]] static Result<Image> parse(SourcePtr source, View bytes);
    [[nodiscard]] static Result<Image> parse(SourcePtr source);

    // The same bytes as a loader reads them that takes its own machine's layout for granted, whatever the magic, EI_CLASS and EI_DATA say.
    // Error: truncated.
    [[nodiscard]] static Result<Image> parse_as(SourcePtr source, View bytes, Encoding encoding);

    [[nodiscard]] const SourcePtr& source() const { return source_; }
    [[nodiscard]] const std::string& name() const { return source_->name(); }
    [[nodiscard]] View bytes() const { return bytes_; }
    [[nodiscard]] const Header& header() const { return header_; }
    [[nodiscard]] Encoding encoding() const { return encoding_; }
    [[nodiscard]] const std::vector<Segment>& segments() const { return segments_.entries; }
    [[nodiscard]] const SegmentTable& segment_table() const { return segments_; }
    [[nodiscard]] const std::optional<Dynamic>& dynamic() const { return dynamic_; }

    // First segment of a type, or null.
    [[nodiscard]] const Segment* segment(std::uint32_t type) const;

    // The PT_LOAD whose memory holds `address`, or null.
    [[nodiscard]] const Segment* load_segment_at(std::uint64_t address) const;

    // The first PT_LOAD of whose bytes the file does not hold all, or null.
    [[nodiscard]] const Segment* cut_off_segment() const;

    // Place of a virtual address in this file's view (add nothing: bytes().file_offset() makes it an offset on disk). Nothing when no
    // PT_LOAD holds it, or only in its zero-filled part.
    [[nodiscard]] std::optional<std::uint64_t> offset_of(std::uint64_t address) const;

    // The bytes from `address` to the end of what the file holds of its segment; empty when it holds none.
    [[nodiscard]] View view_at(std::uint64_t address) const;
    // At most `size` of them.
    [[nodiscard]] View view_at(std::uint64_t address, std::uint64_t size) const;

    // The text of PT_INTERP without its NUL. Nothing when there is no PT_INTERP; empty when it is unreadable.
    [[nodiscard]] std::optional<std::string_view> interpreter() const;

private:
    Image() = default;
    static Image make(SourcePtr source, View bytes, const Header& header, Encoding encoding);

    SourcePtr source_;
    View bytes_;
    Header header_;
    Encoding encoding_;
    SegmentTable segments_;
    std::optional<Dynamic> dynamic_;
};

}  // namespace abiscope::elf
