#include "pe/symbols.h"

#include <algorithm>

#include <fmt/format.h>

#include "bytes/reader.h"
#include "pe/damage.h"
#include "pe/image.h"
#include "pe/string_scan.h"

namespace abiscope::pe {

namespace {

std::string_view until_nul(std::string_view text) { return text.substr(0, std::min(text.find('\0'), text.size())); }

// Four zero bytes and an offset into the string table, or up to eight characters.
std::optional<std::string_view> symbol_name(View field, View strings, StringScan& scan) {
    Reader reader(field, Endian::little, "a symbol's name");
    if (reader.u32() != 0) return until_nul(field.as_text());
    std::uint32_t at = reader.u32();
    if (at == 0) return std::string_view{};
    return at >= 4 ? scan.first(strings.from(at)) : std::nullopt;
}

// The text fills the auxiliary records. Names that do not fit one record of them GNU ld puts into the string table, as with symbols.
std::string_view file_name(View auxiliary, View strings, StringScan& scan) {
    Reader reader(auxiliary, Endian::little, "a file name");
    bool in_strings = reader.u32() == 0;
    std::uint32_t at = reader.u32();
    if (!in_strings || !reader.ok()) return until_nul(auxiliary.as_text());
    return at >= 4 ? scan.first(strings.from(at)).value_or(std::string_view{}) : std::string_view{};
}

}  // namespace

Result<SymbolTable> read_symbols(const Image& image, finding::Sink& sink) {
    SymbolTable table;
    const CoffHeader& coff = image.coff();
    if (coff.symbol_table == 0 || coff.symbol_count == 0) return table;
    std::uint64_t record_size = symbol_record_size(coff);
    View rows = image.bytes().clamped(coff.symbol_table, coff.symbol_count * record_size);
    std::uint64_t count = rows.size() / record_size;
    if (count < coff.symbol_count) {
        table.complete = false;
        report_damage(sink, "symbol table",
                      finding::Evidence::value("pe/coff_header.NumberOfSymbols", coff.offset, 0,
                                               fmt::format("{} symbols claimed, {} in the file", coff.symbol_count, count)),
                      "the file ends within it");
    }
    View strings = string_table(image.bytes(), coff);
    StringScan scan(image.bytes());
    bool told = false;
    for (std::uint64_t i = 0; i < count; ++i) {
        Reader reader(rows.clamped(i * record_size, record_size), Endian::little, "a symbol");
        Symbol symbol{.offset = reader.file_offset(), .index = static_cast<std::uint32_t>(i)};
        auto name = symbol_name(reader.bytes(8), strings, scan);
        symbol.value = reader.u32();
        symbol.section = coff.big ? reader.i32() : reader.i16();
        symbol.type = reader.u16();
        symbol.storage_class = reader.u8();
        std::uint64_t auxiliary = reader.u8();
        symbol.auxiliary = rows.clamped((i + 1) * record_size, auxiliary * record_size);
        if (symbol.storage_class == symbol_class_file) symbol.file = file_name(symbol.auxiliary, strings, scan);
        if (!name) {
            table.complete = false;
            if (!told) {
                report_damage(sink, "symbol table",
                              finding::Evidence::value(fmt::format("pe/symbol[{}].Name", i), symbol.offset, 8, "not in the string table"),
                              "a symbol's name is not in the string table");
            }
            told = true;
        }
        symbol.name = name.value_or(std::string_view{});
        table.symbols.push_back(symbol);
        i += auxiliary;
    }
    return table;
}

}  // namespace abiscope::pe
