#include "pe/load_config.h"

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/reader.h"
#include "pe/damage.h"
#include "pe/image.h"

namespace abiscope::pe {

namespace {

constexpr bool fields_in_order() {
    for (std::size_t i = 0; i < load_config_fields.size(); ++i) {
        if (load_config_fields[i].field != static_cast<LoadConfigField>(i)) return false;
    }
    return true;
}
static_assert(fields_in_order(), "LoadConfig::get indexes by the field's number");

std::uint64_t read_width(View bytes, std::uint64_t at, std::uint8_t width) {
    Reader reader(bytes.from(at), Endian::little, "the load configuration");
    return width == 8 ? reader.u64() : width == 4 ? reader.u32() : reader.u16();
}

// The bytes of a table at a virtual address, as many whole entries as are in the file.
View table_bytes(const Image& image, const LoadConfig& config, std::uint64_t address, std::uint64_t count, std::uint64_t width,
                 std::string_view name, finding::Sink& sink) {
    auto rva = image.rva_of(address);
    View rest = rva ? image.from_rva(*rva) : View{};
    if (rest.size() / width >= count) return rest.clamped(0, count * width);
    report_damage(sink, "load configuration",
                  finding::Evidence::value(fmt::format("pe/load_config.{}", name), config.offset, 0,
                                           fmt::format("{} entries at {:#x}, {} in the file", count, address, rest.size() / width)),
                  "a table is not in the file, or runs past the end of its section");
    return rest.clamped(0, rest.size() / width * width);
}

ChpeCode code_of(std::uint16_t machine, std::uint32_t type) {
    if (machine == machine::i386) return type == 0 ? ChpeCode::x86 : ChpeCode::arm64;
    switch (type) {
        case 0: return ChpeCode::arm64;
        case 1: return ChpeCode::arm64ec;
        case 2: return ChpeCode::amd64;
        default: return ChpeCode::unknown;
    }
}

}  // namespace

Result<std::optional<LoadConfig>> read_load_config(const Image& image, finding::Sink& sink) {
    auto directory = image.directory(Directory::load_config);
    if (!directory) return std::nullopt;
    ABISCOPE_TRY(View start, image.at_rva(directory->rva, 4, "the load configuration"));
    LoadConfig config{.offset = start.file_offset()};
    config.size = load<std::uint32_t>(start.data(), Endian::little);
    // The directory's Size is no guide: for 32-bit images it must be 64 whatever the structure's own size.
    View bytes = image.from_rva(directory->rva).clamped(0, config.size);
    config.held = bytes.size();
    if (bytes.size() < config.size) {
        report_damage(sink, "load configuration",
                      finding::Evidence::value("pe/load_config.Size", config.offset, 4,
                                               fmt::format("{} bytes claimed, {} in the file", config.size, bytes.size())),
                      "the structure runs past the end of its section");
    }
    for (const LoadConfigLayout& layout : load_config_fields) {
        std::uint64_t at = image.wide() ? layout.offset64 : layout.offset32;
        std::uint8_t width = image.wide() ? layout.width64 : layout.width32;
        if (range_fits(at, width, bytes.size())) config.values[static_cast<std::size_t>(layout.field)] = read_width(bytes, at, width);
    }
    return config;
}

std::vector<std::uint32_t> read_safe_handlers(const Image& image, const LoadConfig& config, finding::Sink& sink) {
    std::vector<std::uint32_t> handlers;
    std::uint64_t address = config.get(LoadConfigField::se_handler_table).value_or(0);
    std::uint64_t count = config.get(LoadConfigField::se_handler_count).value_or(0);
    if (image.machine() != machine::i386 || address == 0 || count == 0) return handlers;
    View table = table_bytes(image, config, address, count, 4, "SEHandlerTable", sink);
    handlers.reserve(table.size() / 4);
    for (std::uint64_t at = 0; at < table.size(); at += 4) handlers.push_back(load<std::uint32_t>(table.data() + at, Endian::little));
    return handlers;
}

std::vector<GuardEntry> read_guard_table(const Image& image, const LoadConfig& config, LoadConfigField table, LoadConfigField count,
                                         finding::Sink& sink) {
    std::vector<GuardEntry> entries;
    std::uint64_t address = config.get(table).value_or(0);
    std::uint64_t wanted = config.get(count).value_or(0);
    if (address == 0 || wanted == 0) return entries;
    std::uint64_t width = 4 + (config.get(LoadConfigField::guard_flags).value_or(0) >> guard_flag::stride_shift);
    View bytes = table_bytes(image, config, address, wanted, width, load_config_fields[static_cast<std::size_t>(table)].name, sink);
    entries.reserve(bytes.size() / width);
    for (std::uint64_t at = 0; at < bytes.size(); at += width) {
        entries.push_back({.offset = bytes.file_offset(at),
                           .rva = load<std::uint32_t>(bytes.data() + at, Endian::little),
                           .extra = bytes.clamped(at + 4, width - 4)});
    }
    return entries;
}

Result<std::optional<Chpe>> read_chpe(const Image& image, const LoadConfig& config, finding::Sink& sink) {
    std::uint64_t address = config.get(LoadConfigField::chpe_metadata_pointer).value_or(0);
    if (address == 0) return std::nullopt;
    auto rva = image.rva_of(address);
    ABISCOPE_TRY(View view, image.at_rva(rva.value_or(0xffff'ffff), 12, "the hybrid (CHPE) metadata"));
    Reader reader(view, Endian::little, "the hybrid (CHPE) metadata");
    Chpe chpe{.offset = reader.file_offset()};
    chpe.version = reader.u32();
    std::uint32_t map = reader.u32();
    std::uint32_t count = reader.u32();
    constexpr std::uint64_t width = 8;
    View rest = image.from_rva(map);
    if (rest.size() / width < count) {
        report_damage(sink, "hybrid (CHPE) metadata",
                      finding::Evidence::value("pe/chpe.CodeMapCount", chpe.offset, 12,
                                               fmt::format("{} ranges claimed, {} in the file", count, rest.size() / width)),
                      "the list of code ranges is not in the file");
    }
    View ranges = rest.clamped(0, count * width);
    for (std::uint64_t at = 0; at + width <= ranges.size(); at += width) {
        // The two lowest bits of an address hold the kind of code; x86 images use one.
        auto start = load<std::uint32_t>(ranges.data() + at, Endian::little);
        std::uint32_t mask = image.machine() == machine::i386 ? 1 : 3;
        chpe.ranges.push_back({.rva = start & ~mask,
                               .size = load<std::uint32_t>(ranges.data() + at + 4, Endian::little),
                               .code = code_of(image.machine(), start & mask)});
    }
    return chpe;
}

}  // namespace abiscope::pe
