#include "pe/sections.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/reader.h"
#include "pe/damage.h"
#include "pe/string_scan.h"
#include "pe/symbols.h"

namespace abiscope::pe {

namespace {

// "//AAmJaA": six digits of base 64, most significant first, where the decimal number would not fit seven digits (LLVM, binutils).
std::optional<std::uint64_t> base64_number(std::string_view digits) {
    if (digits.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (char c : digits) {
        std::uint64_t digit = 0;
        if (c >= 'A' && c <= 'Z') digit = static_cast<std::uint64_t>(c - 'A');
        else if (c >= 'a' && c <= 'z') digit = static_cast<std::uint64_t>(c - 'a') + 26;
        else if (c >= '0' && c <= '9') digit = static_cast<std::uint64_t>(c - '0') + 52;
        else if (c == '+') digit = 62;
        else if (c == '/') digit = 63;
        else return std::nullopt;
        value = value * 64 + digit;
    }
    return value;
}

std::string_view short_name(View field) {
    std::string_view text = field.as_text();
    return text.substr(0, std::min(text.find('\0'), text.size()));
}

std::optional<std::uint64_t> long_name_offset(std::string_view name) {
    if (name.starts_with("//")) return base64_number(name.substr(2));
    std::string_view digits = name.substr(1);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    return text::parse_unsigned(digits);
}

}  // namespace

View string_table(View image, const CoffHeader& coff) {
    if (coff.symbol_table == 0) return {};
    std::uint64_t start = coff.symbol_table + std::uint64_t{coff.symbol_count} * symbol_record_size(coff);
    Reader reader(image.from(start), Endian::little, "the string table");
    std::uint32_t size = reader.u32();
    if (!reader.ok() || size < 4) return {};
    return image.clamped(start, size);
}

std::vector<Section> read_sections(View image, const CoffHeader& coff, std::uint64_t table, finding::Sink& sink) {
    std::vector<Section> sections;
    View rows = image.from(table);
    std::uint64_t count = std::min<std::uint64_t>(coff.section_count, rows.size() / section_header_size);
    if (count < coff.section_count) {
        report_damage(sink, "section table",
                      finding::Evidence::value("pe/coff_header.NumberOfSections", coff.offset + 2, 2,
                                               fmt::format("{} sections claimed, room for {}", coff.section_count, count)),
                      "the file ends within it");
    }
    sections.reserve(count);
    View strings = string_table(image, coff);
    StringScan scan(image);
    Reader reader(rows, Endian::little, "the section table");
    for (std::uint64_t i = 0; i < count; ++i) {
        Section section{.offset = reader.file_offset()};
        std::string_view name = short_name(reader.bytes(8));
        section.virtual_size = reader.u32();
        section.rva = reader.u32();
        section.raw_size = reader.u32();
        section.raw_offset = reader.u32();
        section.relocation_offset = reader.u32();
        section.line_number_offset = reader.u32();
        section.relocation_count = reader.u16();
        section.line_number_count = reader.u16();
        section.characteristics = reader.u32();
        section.name = name;
        if (auto at = name.starts_with('/') ? long_name_offset(name) : std::nullopt) {
            auto resolved = *at >= 4 ? scan.first(strings.from(*at)) : std::nullopt;
            if (resolved) {
                section.name = *resolved;
            } else {
                report_damage(sink, "section table",
                              finding::Evidence::bytes(fmt::format("pe/section[{}].Name", i), section.offset, 8, text::printable(name)),
                              "a long section name is not in the string table");
            }
        }
        sections.push_back(std::move(section));
    }
    return sections;
}

}  // namespace abiscope::pe
