#include "pe/exports.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/reader.h"
#include "pe/damage.h"
#include "pe/image.h"
#include "pe/string_scan.h"

namespace abiscope::pe {

namespace {

using finding::Evidence;

struct Tables {
    std::uint32_t addresses = 0;
    std::uint32_t names = 0;
    std::uint32_t ordinals = 0;
};

struct NamedSlot {
    std::uint32_t slot;
    std::uint32_t hint;
    std::string_view name;
};

class ExportReader {
public:
    ExportReader(const Image& image, DataDirectory directory, finding::Sink& sink)
        : image_(image), directory_(directory), sink_(sink), scan_(image.bytes()) {}

    Result<Exports> read() {
        constexpr std::uint64_t size = 40;
        ABISCOPE_TRY(View view, image_.at_rva(directory_.rva, size, "the export directory"));
        Reader reader(view, Endian::little, "the export directory");
        exports_.offset = reader.file_offset();
        reader.skip(4);
        exports_.timestamp = reader.u32();
        exports_.major = reader.u16();
        exports_.minor = reader.u16();
        std::uint32_t library = reader.u32();
        exports_.ordinal_base = reader.u32();
        exports_.address_count = reader.u32();
        exports_.name_count = reader.u32();
        tables_.addresses = reader.u32();
        tables_.names = reader.u32();
        tables_.ordinals = reader.u32();
        if (auto name = scan_.first(image_.from_rva(library))) exports_.library = *name;
        read_names();
        read_addresses();
        return std::move(exports_);
    }

private:
    void damaged(std::string_view field, std::string reading, std::string problem) {
        exports_.complete = false;
        report_damage(sink_, "export directory",
                      Evidence::value(fmt::format("pe/exports.{}", field), exports_.offset, 40, std::move(reading)), std::move(problem));
    }

    // Entries of a table as far as they are in the file.
    View table(std::uint32_t rva, std::uint32_t count, std::uint64_t width, std::string_view field) {
        View bytes = image_.from_rva(rva).clamped(0, count * width);
        if (bytes.size() / width < count) {
            damaged(field, fmt::format("{} entries claimed, {} in the file", count, bytes.size() / width),
                    "a table runs past the end of its section");
        }
        return bytes;
    }

    void read_names() {
        View names = table(tables_.names, exports_.name_count, 4, "NumberOfNames");
        View ordinals = table(tables_.ordinals, exports_.name_count, 2, "AddressOfNameOrdinals");
        std::uint64_t count = std::min(names.size() / 4, ordinals.size() / 2);
        named_.reserve(count);
        std::optional<std::string_view> previous;
        for (std::uint64_t i = 0; i < count; ++i) {
            auto rva = load<std::uint32_t>(names.data() + i * 4, Endian::little);
            auto slot = load<std::uint16_t>(ordinals.data() + i * 2, Endian::little);
            auto name = scan_.first(image_.from_rva(rva));
            if (!name || slot >= exports_.address_count) {
                if (exports_.complete) {
                    damaged(fmt::format("name[{}]", i), name ? fmt::format("{}: index {}", text::printable(*name), slot) : text::hex(rva),
                            name ? "a name belongs to an entry that the address table does not have" : "a name is not in the file");
                }
                exports_.complete = false;
                continue;
            }
            if (previous && *name < *previous && exports_.sorted) report_unsorted(names.file_offset(i * 4), *previous, *name);
            previous = name;
            named_.push_back({slot, static_cast<std::uint32_t>(i), *name});
        }
        std::ranges::sort(named_, {}, [](const NamedSlot& entry) { return std::tuple(entry.slot, entry.hint); });
    }

    void report_unsorted(std::uint64_t offset, std::string_view before, std::string_view after) {
        exports_.sorted = false;
        sink_.add(finding::Finding(finding::RuleId::PE_EXPORT_NAMES_UNSORTED,
                                   Evidence::value("pe/exports.AddressOfNames", offset, 4,
                                                   fmt::format("{} stands before {}", text::printable(before), text::printable(after))))
                      .with("before", text::printable(before))
                      .with("after", text::printable(after)));
    }

    void read_addresses() {
        View addresses = table(tables_.addresses, exports_.address_count, 4, "NumberOfFunctions");
        auto next = named_.begin();
        for (std::uint32_t slot = 0; slot < addresses.size() / 4; ++slot) {
            Export entry{.offset = addresses.file_offset(slot * std::uint64_t{4}), .ordinal = exports_.ordinal_base + slot};
            entry.rva = load<std::uint32_t>(addresses.data() + slot * std::uint64_t{4}, Endian::little);
            bool forwarded = range_contains(directory_.rva, directory_.size, entry.rva);
            if (forwarded) entry.forwarder = scan_.first(image_.from_rva(entry.rva)).value_or(std::string_view{});
            bool has_name = next != named_.end() && next->slot == slot;
            if (!has_name && entry.rva != 0) exports_.exports.push_back(entry);
            for (; next != named_.end() && next->slot == slot; ++next) {
                entry.name = next->name;
                entry.hint = next->hint;
                exports_.exports.push_back(entry);
            }
        }
    }

    const Image& image_;
    DataDirectory directory_;
    finding::Sink& sink_;
    StringScan scan_;
    Tables tables_;
    Exports exports_;
    std::vector<NamedSlot> named_;
};

}  // namespace

Result<std::optional<Exports>> read_exports(const Image& image, finding::Sink& sink) {
    auto directory = image.directory(Directory::exports);
    if (!directory) return std::nullopt;
    ABISCOPE_TRY(Exports exports, ExportReader(image, *directory, sink).read());
    return exports;
}

}  // namespace abiscope::pe
