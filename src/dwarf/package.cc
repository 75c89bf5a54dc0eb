#include "dwarf/package.h"

#include <vector>

#include <fmt/format.h>

#include "bytes/reader.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

Result<PackageIndex> read_package_index(View section, Endian order) {
    PackageIndex index;
    if (section.empty()) return index;
    Reader reader(section, order, "package index");
    // Version 5 has two bytes of version and two of padding, version 2 four bytes of version: the same for a little-endian file.
    std::uint32_t word = reader.u32();
    std::uint32_t version = order == Endian::big && word > 0xffff ? word >> 16 : word & 0xffff;
    std::uint64_t columns = reader.u32();
    std::uint64_t units = reader.u32();
    std::uint64_t slots = reader.u32();
    if (!reader.ok()) return fail(reader.error());
    if (version != 2 && version != 5) {
        return fail(Error{.code = ErrorCode::unsupported,
                          .what = "package index version",
                          .file = {},
                          .offset = section.file_offset(),
                          .wanted = "2 or 5",
                          .had = fmt::format("{}", version)});
    }
    // The hash table: signatures, then the row of each, counted from 1.
    std::uint64_t table = reader.position();
    reader.skip(slots * 12);
    std::vector<std::uint32_t> names;
    for (std::uint64_t i = 0; i < columns && reader.ok(); ++i) names.push_back(reader.u32());
    std::uint64_t offsets = reader.position();
    if (units == 0 || columns == 0) return index;
    if (!reader.ok() || units > (section.size() - offsets) / (columns * 8)) {
        return fail(Error{.code = ErrorCode::truncated,
                          .what = "package index",
                          .file = {},
                          .offset = section.file_offset(),
                          .wanted = fmt::format("{} rows of {} columns", units, columns),
                          .had = fmt::format("{} bytes", section.size())});
    }
    std::vector<PackageRow> rows;
    Reader sizes(section.from(offsets + units * columns * 4), order, "package index");
    for (std::uint64_t row = 0; row < units; ++row) {
        PackageRow made{.known = true};
        for (std::uint32_t name : names) {
            std::uint64_t offset = reader.u32();
            std::uint64_t size = sizes.u32();
            switch (name) {
                case sect::info:
                case sect::types: made.info = offset; break;
                case sect::abbrev: made.abbreviations = offset; break;
                case sect::line: made.line = offset; break;
                case sect::str_offsets:
                    made.str_offsets = offset;
                    made.str_offsets_size = size;
                    break;
                case sect::rnglists:
                    if (version == 5) made.rnglists = offset;
                    break;
                case sect::locations: made.locations = offset; break;
                default: break;
            }
        }
        rows.push_back(made);
    }
    Reader signatures(section.from(table), order, "package index");
    Reader numbers(section.from(table + slots * 8), order, "package index");
    for (std::uint64_t slot = 0; slot < slots; ++slot) {
        std::uint64_t signature = signatures.u64();
        std::uint32_t row = numbers.u32();
        if (row != 0 && row <= rows.size()) rows[row - 1].signature = signature;
    }
    for (const PackageRow& row : rows) index.emplace(row.info, row);
    return index;
}

}  // namespace abiscope::dwarf
