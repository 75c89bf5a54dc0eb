#include "macho/symbols.h"

#include <algorithm>

#include <fmt/format.h>

#include "macho/strings.h"

namespace abiscope::macho {

using finding::Evidence;
using finding::Finding;
using finding::RuleId;

namespace {

constexpr std::uint64_t nlist_size(bool wide) { return wide ? 16 : 12; }

std::optional<Dysymtab> read_dysymtab(const Image& image, finding::Sink& sink) {
    const LoadCommand* command = image.find_command(lc_dysymtab);
    if (command == nullptr) return std::nullopt;
    Reader reader = command->fields(image.header().order);
    Dysymtab table;
    for (std::uint32_t* field :
         {&table.local_first, &table.local_count, &table.defined_first, &table.defined_count, &table.undefined_first,
          &table.undefined_count, &table.toc_offset, &table.toc_count, &table.module_offset, &table.module_count, &table.reference_offset,
          &table.reference_count, &table.indirect_offset, &table.indirect_count, &table.external_relocation_offset,
          &table.external_relocation_count, &table.local_relocation_offset, &table.local_relocation_count}) {
        *field = reader.u32();
    }
    if (!fields_fit(*command, reader, sink)) return std::nullopt;
    return table;
}

void check_dysymtab(const Image& image, const Symbols& symbols, finding::Sink& sink) {
    const Dysymtab& table = *symbols.dysymtab;
    const LoadCommand* command = image.find_command(lc_dysymtab);
    struct Group {
        std::string_view name;
        std::uint32_t first;
        std::uint32_t count;
        std::uint64_t field;
    };
    for (const Group& group :
         {Group{"local", table.local_first, table.local_count, 8}, Group{"defined external", table.defined_first, table.defined_count, 16},
          Group{"undefined", table.undefined_first, table.undefined_count, 24}}) {
        if (group.count == 0 || range_fits(group.first, group.count, symbols.claimed)) continue;
        sink.add(Finding(RuleId::MACHO_DYSYMTAB_RANGE_INVALID,
                         Evidence::value(command->path(), command->bytes.file_offset(group.field), 8,
                                         fmt::format("{} symbols from {} on; the table has {}", group.count, group.first, symbols.claimed)))
                     .with("group", std::string(group.name)));
    }
}

Symbol read_symbol(Reader& reader, bool wide, std::uint32_t index) {
    Symbol symbol;
    symbol.index = index;
    symbol.file_offset = reader.file_offset();
    symbol.string_offset = reader.u32();
    symbol.type = reader.u8();
    symbol.section = reader.u8();
    symbol.description = reader.u16();
    symbol.value = reader.word(wide);
    return symbol;
}

void check_symbol(const Image& image, const Symbol& symbol, finding::Sink& sink) {
    if (symbol.is_stab() || symbol.kind() != n_sect) return;
    if (symbol.section != 0 && symbol.section <= image.sections().size()) return;
    sink.add(Finding(RuleId::MACHO_SYMBOL_SECTION_INVALID,
                     Evidence::value(fmt::format("macho/symbol[{}].n_sect", symbol.index), symbol.file_offset + 5, 1,
                                     fmt::format("section {}; the image has {}", symbol.section, image.sections().size())))
                 .with("index", std::uint64_t{symbol.index})
                 .with("section", std::uint64_t{symbol.section}));
}

}  // namespace

bool Symbol::is_undefined() const { return !is_stab() && (kind() == n_undf || kind() == n_pbud) && !is_common(); }

bool Symbol::is_common() const { return !is_stab() && kind() == n_undf && (type & n_ext) != 0 && value != 0; }

bool Symbol::is_defined() const { return !is_stab() && (kind() == n_sect || kind() == n_abs || kind() == n_indr); }

std::int32_t Symbol::library_ordinal() const {
    std::int32_t ordinal = description >> 8 & 0xff;
    if (ordinal == 0xfe) return ordinal_flat_lookup;
    if (ordinal == 0xff) return ordinal_main_executable;
    return ordinal;
}

Result<Symbols> read_symbols(const Image& image, finding::Sink& sink) {
    Symbols result;
    const LoadCommand* command = image.find_command(lc_symtab);
    if (command == nullptr) return result;
    Reader fields = command->fields(image.header().order);
    std::uint32_t symbol_offset = fields.u32();
    result.claimed = fields.u32();
    std::uint32_t string_offset = fields.u32();
    std::uint32_t string_size = fields.u32();
    if (!fields_fit(*command, fields, sink)) return Symbols{};

    bool wide = image.header().wide;
    std::uint64_t size = result.claimed * nlist_size(wide);
    View table = image.table(*command, "the symbol table", symbol_offset, size, sink);
    result.strings = image.table(*command, "the string table", string_offset, string_size, sink);
    StringTable strings(result.strings);
    Reader reader(table, image.header().order, "the symbol table");
    std::uint64_t count = table.size() / nlist_size(wide);
    result.symbols.reserve(count);
    for (std::uint32_t index = 0; index < count; ++index) {
        Symbol symbol = read_symbol(reader, wide, index);
        if (auto name = strings.at(symbol.string_offset)) {
            symbol.name = *name;
        } else if (symbol.string_offset != 0) {
            sink.add(Finding(RuleId::MACHO_SYMBOL_NAME_INVALID,
                             Evidence::value(
                                 fmt::format("macho/symbol[{}].n_strx", index), symbol.file_offset, 4,
                                 fmt::format("{:#x}; the string table has {:#x} bytes", symbol.string_offset, result.strings.size())))
                         .with("index", std::uint64_t{index}));
        }
        check_symbol(image, symbol, sink);
        result.symbols.push_back(symbol);
    }
    result.dysymtab = read_dysymtab(image, sink);
    if (result.dysymtab) check_dysymtab(image, result, sink);
    return result;
}

Result<std::vector<std::uint32_t>> read_indirect_symbols(const Image& image, finding::Sink& sink) {
    std::vector<std::uint32_t> indices;
    auto dysymtab = read_dysymtab(image, sink);
    if (!dysymtab) return indices;
    View table = image.table(*image.find_command(lc_dysymtab), "the indirect symbol table", dysymtab->indirect_offset,
                             std::uint64_t{dysymtab->indirect_count} * 4, sink);
    Reader reader(table, image.header().order, "the indirect symbol table");
    indices.reserve(table.size() / 4);
    while (reader.remaining() >= 4) indices.push_back(reader.u32());
    return indices;
}

const Symbol* nearest_symbol(std::span<const Symbol> symbols, const Image& image, std::uint64_t address) {
    const Section* section = image.section_at(address);
    if (section == nullptr) return nullptr;
    const Symbol* best = nullptr;
    for (const Symbol& symbol : symbols) {
        if (symbol.is_stab() || symbol.kind() != n_sect || symbol.section != section->index + 1 || symbol.value > address) continue;
        if (symbol.name.empty() || symbol.name.starts_with('L') || symbol.name.starts_with('l')) continue;
        if (best == nullptr || symbol.value > best->value ||
            (symbol.value == best->value && symbol.is_external() && !best->is_external())) {
            best = &symbol;
        }
    }
    return best;
}

}  // namespace abiscope::macho
