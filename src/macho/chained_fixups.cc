#include "macho/chained_fixups.h"

#include <fmt/format.h>

#include "macho/spec.h"
#include "macho/strings.h"

namespace abiscope::macho {

using finding::Evidence;
using finding::Finding;
using finding::RuleId;

namespace {

class ChainedFixupsReader {
public:
    ChainedFixupsReader(const Image& image, View bytes, finding::Sink& sink)
        : image_(image), bytes_(bytes), sink_(sink), pages_left_(bytes.size() / 2) {}

    std::optional<ChainedFixups> read() {
        ChainedFixups fixups;
        fixups.bytes = bytes_;
        Reader reader(bytes_, image_.header().order, "the chained fixups header");
        ChainedFixupsHeader& header = fixups.header;
        for (std::uint32_t* field : {&header.version, &header.starts_offset, &header.imports_offset, &header.symbols_offset,
                                     &header.imports_count, &header.imports_format, &header.symbols_format}) {
            *field = reader.u32();
        }
        if (!reader.ok()) {
            malformed("header", bytes_, "its header does not fit");
            return std::nullopt;
        }
        if (header.version != 0)
            malformed("header.fixups_version", bytes_.clamped(0, 4), fmt::format("version {}, 0 is known", header.version));
        read_starts(fixups);
        read_imports(fixups);
        return fixups;
    }

private:
    void malformed(std::string_view part, View where, const std::string& reason) {
        sink_.add(Finding(RuleId::MACHO_FIXUPS_MALFORMED,
                          Evidence::bytes(fmt::format("macho/chained_fixups/{}", part), where.file_offset(), where.size(), reason))
                      .with("reason", reason));
    }

    // struct dyld_chained_starts_in_image: a count, then for each segment the offset of its starts, zero for none.
    void read_starts(ChainedFixups& fixups) {
        View area = bytes_.from(fixups.header.starts_offset);
        Reader reader(area, image_.header().order, "the chain starts");
        std::uint32_t count = reader.u32();
        if (!reader.ok()) return malformed("starts", area, "the table of chain starts lies outside");
        // ld may leave out empty segments at the end, and counts one more than there are when __LINKEDIT has none.
        if (count > image_.segments().size()) {
            malformed("starts.seg_count", area.clamped(0, 4),
                      fmt::format("{} segments, the image has {}", count, image_.segments().size()));
        }
        for (std::uint32_t segment = 0; segment < count && segment < image_.segments().size(); ++segment) {
            std::uint32_t offset = reader.u32();
            if (!reader.ok()) return malformed("starts", area, "the table of chain starts is cut off");
            if (offset != 0) read_segment_starts(fixups, segment, area.from(offset));
        }
    }

    void read_segment_starts(ChainedFixups& fixups, std::uint32_t segment, View area) {
        Reader reader(area, image_.header().order, "the chain starts of a segment");
        ChainedStarts starts;
        starts.segment = segment;
        starts.file_offset = area.file_offset();
        starts.size = reader.u32();
        starts.page_size = reader.u16();
        starts.pointer_format = reader.u16();
        starts.segment_offset = reader.u64();
        starts.max_valid_pointer = reader.u32();
        std::uint16_t page_count = reader.u16();
        std::string part = fmt::format("starts[{}]", segment);
        // In sound fixups no two segments share their starts, so that all of them together fit the bytes there are.
        if (page_count > pages_left_)
            return malformed(part, area.clamped(20, 2), "the chain starts of several segments overlap or do not fit");
        pages_left_ -= page_count;
        for (std::uint16_t page = 0; page < page_count && reader.ok(); ++page) {
            std::uint16_t start = reader.u16();
            if (reader.ok()) starts.page_starts.push_back(start);
        }
        if (!reader.ok()) malformed(part, area.clamped(0, starts.size), "the chain starts of a segment are cut off");
        if (!find_name(names::chained_pointer_formats, starts.pointer_format)) {
            malformed(part + ".pointer_format", area.clamped(6, 2), fmt::format("pointer format {} is not defined", starts.pointer_format));
        }
        fixups.starts.push_back(std::move(starts));
    }

    // Bit fields of struct dyld_chained_import and its two siblings, the lowest bits first.
    void read_imports(ChainedFixups& fixups) {
        const ChainedFixupsHeader& header = fixups.header;
        std::uint64_t size = header.imports_format == chained_import ? 4 : header.imports_format == chained_import_addend ? 8 : 16;
        if (header.imports_format < chained_import || header.imports_format > chained_import_addend64) {
            if (header.imports_count == 0) return;
            return malformed("header.imports_format", bytes_.clamped(20, 4),
                             fmt::format("imports format {} is not defined", header.imports_format));
        }
        if (header.symbols_format != 0) {
            return malformed("header.symbols_format", bytes_.clamped(24, 4),
                             fmt::format("symbols format {}, only 0 is read by any system", header.symbols_format));
        }
        View table = bytes_.clamped(header.imports_offset, header.imports_count * size);
        StringTable strings(bytes_.from(header.symbols_offset));
        if (table.size() < header.imports_count * size) {
            malformed("imports", table, fmt::format("{} imports, {} fit", header.imports_count, table.size() / size));
        }
        Reader reader(table, image_.header().order, "the chained imports");
        fixups.imports.reserve(table.size() / size);
        while (reader.remaining() >= size) {
            ChainedImport import;
            import.file_offset = reader.file_offset();
            std::uint64_t name_offset = 0;
            if (header.imports_format == chained_import_addend64) {
                std::uint64_t bits = reader.u64();
                import.ordinal = ordinal(bits & 0xffff, 16);
                import.weak_import = (bits >> 16 & 1) != 0;
                name_offset = bits >> 32;
                import.addend = reader.i64();
            } else {
                std::uint32_t bits = reader.u32();
                import.ordinal = ordinal(bits & 0xff, 8);
                import.weak_import = (bits >> 8 & 1) != 0;
                name_offset = bits >> 9;
                if (header.imports_format == chained_import_addend) import.addend = reader.i32();
            }
            if (auto name = strings.at(name_offset)) {
                import.name = *name;
            } else {
                malformed(fmt::format("imports[{}]", fixups.imports.size()), table.clamped(fixups.imports.size() * size, size),
                          fmt::format("name offset {:#x} lies outside the symbol names", name_offset));
            }
            fixups.imports.push_back(import);
        }
    }

    // The top 15 values of either width are negative: the special ordinals.
    static std::int32_t ordinal(std::uint64_t bits, unsigned width) {
        std::uint64_t limit = std::uint64_t{1} << width;
        auto value = static_cast<std::int32_t>(bits);
        return bits > limit - 16 ? value - static_cast<std::int32_t>(limit) : value;
    }

    const Image& image_;
    View bytes_;
    finding::Sink& sink_;
    std::uint64_t pages_left_;
};

}  // namespace

Result<std::optional<ChainedFixups>> read_chained_fixups(const Image& image, finding::Sink& sink) {
    auto data = find_linkedit_data(image, lc_dyld_chained_fixups, sink);
    // dyld ignores the command when it points at nothing: an object file or an image without fixups.
    if (!data || data->bytes.empty()) return std::nullopt;
    return ChainedFixupsReader(image, data->bytes, sink).read();
}

}  // namespace abiscope::macho
