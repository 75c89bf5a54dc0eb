#include "elf/symbols.h"

#include <algorithm>

#include "elf/exports.h"
#include "elf/image.h"

namespace abiscope::elf {

namespace {

// Longer than any mangled name a compiler is known to write; keeps a table of symbols that all share one endless string from costing a
// full scan each.
constexpr std::uint64_t longest_name = 1 << 16;

std::string_view name_in(const View& strings, std::uint32_t offset) {
    return strings.clamped(offset, longest_name).c_string(0).value_or(std::string_view());
}

// st_name, which begins a record of either class; the record is in the view.
std::uint32_t name_offset(View records, std::uint64_t record, Endian order) { return load<std::uint32_t>(records.data() + record, order); }

}  // namespace

SymbolTable::SymbolTable(View records, View strings, Encoding encoding) : records_(records), strings_(strings), encoding_(encoding) {
    count_ = records.size() / record_size();
}

Symbol SymbolTable::at(std::uint64_t index) const {
    Symbol symbol = unnamed_at(index);
    symbol.name = name_at(index);
    return symbol;
}

std::string_view SymbolTable::name_at(std::uint64_t index) const {
    if (index >= count_) return {};
    return name_in(strings_, name_offset(records_, index * record_size(), encoding_.order));
}

bool SymbolTable::is_named(std::uint64_t index, std::string_view text) const {
    if (text.empty()) return name_at(index).empty();
    if (index >= count_ || text.size() >= longest_name) return false;
    std::uint64_t offset = name_offset(records_, index * record_size(), encoding_.order);
    std::string_view all = strings_.as_text();
    return range_fits(offset, text.size() + 1, all.size()) && all[offset + text.size()] == '\0' && all.substr(offset, text.size()) == text;
}

SymbolTable::Survey SymbolTable::survey() const {
    Survey found;
    std::uint32_t furthest_name = 0;
    const std::byte* at = records_.data();
    std::uint64_t step = record_size(), info = encoding_.wide ? 4 : 12, section = encoding_.wide ? 6 : 14;
    for (std::uint64_t i = 0; i < count_; ++i, at += step) {
        furthest_name = std::max(furthest_name, load<std::uint32_t>(at, encoding_.order));
        std::uint32_t type = 1U << (std::to_integer<unsigned>(at[info]) & 0xf);
        found.types |= type;
        if (load<std::uint16_t>(at + section, encoding_.order) != shn_undef) found.defined_types |= type;
    }
    found.names_fit = count_ == 0 || furthest_name < strings_.size();
    return found;
}

SymbolTable dynamic_symbols(const Image& image) {
    if (!image.dynamic()) return {};
    const Dynamic& dynamic = *image.dynamic();
    auto address = dynamic.value(dt_symtab);
    if (!address) return {};
    View records = image.view_at(*address);
    std::uint64_t record = image.encoding().wide ? 24 : 16;
    std::uint64_t room = records.size() / record;
    std::optional<std::uint64_t> count = symbol_count_by_hash(image);
    if (!count) {
        finding::Sink unheard;
        for (const Section& section : read_sections(image, unheard)) {
            if (section.type == sht_dynsym && section.addr == *address) count = section.size / record;
        }
    }
    if (!count) {
        auto strings = dynamic.value(dt_strtab);
        if (strings && *strings > *address) count = (*strings - *address) / record;
    }
    return {records.clamped(0, std::min(count.value_or(0), room) * record), dynamic.strings, image.encoding()};
}

SymbolTable static_symbols(const Image& image, const std::vector<Section>& sections) {
    for (const Section& section : sections) {
        if (section.type != sht_symtab) continue;
        View strings;
        if (section.link < sections.size()) strings = section_bytes(image, sections[section.link]);
        return {section_bytes(image, section), strings, image.encoding()};
    }
    return {};
}

namespace {

void collect_functions(const SymbolTable& table, std::vector<Function>& out) {
    for (std::uint64_t i = 0; i < table.size(); ++i) {
        Symbol symbol = table.at(i);
        bool code = symbol.type() == stt_func || symbol.type() == stt_gnu_ifunc;
        if (!code || !symbol.defined() || symbol.section >= shn_loreserve || symbol.name.empty()) continue;
        out.push_back({symbol.value, symbol.size, symbol.name});
    }
}

}  // namespace

std::vector<Function> functions(const Image& image, const std::vector<Section>& sections) {
    std::vector<Function> out;
    collect_functions(static_symbols(image, sections), out);
    if (out.empty()) collect_functions(dynamic_symbols(image), out);
    // Thumb code carries its mode in bit 0 of the address (ELF for the Arm Architecture, "Symbol Values").
    if (image.header().machine == em_arm) {
        for (Function& function : out) function.address &= ~std::uint64_t{1};
    }
    std::stable_sort(out.begin(), out.end(), [](const Function& a, const Function& b) { return a.address < b.address; });
    return out;
}

}  // namespace abiscope::elf
