#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "golang/module_data.h"
#include "golang/pclntab_format.h"

namespace abiscope::golang {

using finding::Evidence;
using finding::Finding;

namespace {

constexpr std::size_t most_tables = 64;

// Bytes that are passed over together.
constexpr std::uint64_t block = 64;

// Calls visit(offset) for each aligned word of `size` bytes, but those in blocks without a word of four bytes, as this machine loads it, of
// which `test` holds. Compilers make vectors of that. Ends when `visit` says false.
template <typename Test, typename Visit>
void each_word_of_note(const MemoryRange& range, unsigned size, Test test, Visit visit) {
    const std::byte* bytes = range.bytes.data();
    std::uint64_t at = align_up(range.address, size) - range.address;
    while (range_fits(at, size, range.bytes.size())) {
        std::uint64_t end = at + size;
        if (range_fits(at, block, range.bytes.size())) {
            end = at + block;
            unsigned hits = 0;
            for (std::uint64_t i = 0; i < block; i += 4) {
                std::uint32_t word = 0;
                std::memcpy(&word, bytes + at + i, sizeof(word));
                hits |= static_cast<unsigned>(test(word));
            }
            if (hits == 0) at = end;
        }
        for (; at < end; at += size) {
            if (!visit(at)) return;
        }
    }
}

// A program's own constants look like the magic too; what follows them does not.
bool starts_like_header(const std::byte* at, Endian order) {
    auto magic = load<std::uint32_t>(at, order);
    if (magic != pcln_magic_1_20 && magic != pcln_magic_1_18 && magic != pcln_magic_1_16) return false;
    auto byte = [&](unsigned i) { return std::to_integer<unsigned>(at[i]); };
    return byte(4) == 0 && byte(5) == 0 && (byte(6) == 1 || byte(6) == 2 || byte(6) == 4) && (byte(7) == 4 || byte(7) == 8);
}

// The slices behind the header's pointer lead to the parts of the table, in every release.
bool points_at_parts(const Memory& memory, std::uint64_t address, std::uint64_t table, const PclnHeader& header) {
    std::uint64_t word = memory.word();
    const std::uint64_t parts[] = {header.names, header.units, header.file_names, header.tables, header.entries, header.entries};
    for (std::size_t i = 0; i < std::size(parts); ++i) {
        if (memory.pointer(address + word + i * 3 * word) != table + parts[i]) return false;
    }
    auto functions = memory.pointer(address + 17 * word);
    return functions && *functions >= header.functions && *functions <= header.functions + 1;
}

struct Table {
    std::uint64_t address;
    PclnHeader header;
    std::vector<std::uint64_t> modules;  // that point at it
};

// One pass over memory for all tables.
void find_module_data(const Memory& memory, std::vector<Table>& tables) {
    if (tables.empty()) return;
    unsigned word = memory.word();
    std::uint64_t lowest = tables.front().address, highest = tables.back().address;
    auto span = static_cast<std::uint32_t>(std::min<std::uint64_t>(highest - lowest, ~std::uint32_t{0}));
    bool swapped = memory.order() != host_endian;
    auto may_point = [first = static_cast<std::uint32_t>(lowest), span, swapped](std::uint32_t value) {
        return (swapped ? std::byteswap(value) : value) - first <= span;
    };
    for (const MemoryRange& range : memory.ranges()) {
        each_word_of_note(range, word, may_point, [&](std::uint64_t at) {
            const std::byte* place = range.bytes.data() + at;
            std::uint64_t value = word == 8 ? load<std::uint64_t>(place, memory.order()) : load<std::uint32_t>(place, memory.order());
            if (value < lowest || value > highest) return true;
            auto table = std::ranges::lower_bound(tables, value, {}, &Table::address);
            if (table == tables.end() || table->address != value) return true;
            if (points_at_parts(memory, range.address + at, value, table->header)) table->modules.push_back(range.address + at);
            return true;
        });
    }
}

Evidence table_evidence(const Memory& memory, std::uint64_t table) {
    return Evidence::bytes("go/pclntab", memory.at(table).file_offset(), 8, fmt::format("the table of functions at {:#x}", table))
        .at_address(table);
}

void report(const FoundModule& found, const Memory& memory, std::optional<Release> known, finding::Sink& sink) {
    const Module& module = found.module;
    Evidence evidence =
        Evidence::bytes("go/moduledata", module.file_offset.value_or(0), memory.word(), fmt::format("module data at {:#x}", module.address))
            .at_address(module.address);
    if (!module.shape_known) {
        sink.add(Finding(finding::RuleId::GO_MODULE_DATA_UNKNOWN, std::move(evidence)).with("address", finding::Address{module.address}));
    } else if (known && !module.fits.contains(*known) && *known <= newest_release) {
        sink.add(Finding(finding::RuleId::GO_VERSION_CONTRADICTED, std::move(evidence))
                     .with("version", known->to_string())
                     .with("shape", module.fits.to_string()));
    }
}

}  // namespace

std::vector<std::uint64_t> find_function_tables(const Memory& memory) {
    std::vector<std::uint64_t> out;
    // Of every magic, in either order: its two bytes in the middle.
    auto like_magic = [](std::uint32_t value) { return (value & 0x00ff'ff00) == 0x00ff'ff00; };
    for (const MemoryRange& range : memory.ranges()) {
        View bytes = range.bytes;
        each_word_of_note(range, 4, like_magic, [&](std::uint64_t at) {
            if (!range_fits(at, 8, bytes.size()) || !starts_like_header(bytes.data() + at, memory.order())) return true;
            auto header = read_pcln_header(bytes.from(at));
            if (!header || header->word != memory.word() || header->order != memory.order()) return true;
            out.push_back(range.address + at);
            return out.size() < most_tables;
        });
        if (out.size() == most_tables) break;
    }
    return out;
}

std::vector<FoundModule> find_modules(const Memory& memory, std::optional<Release> known, finding::Sink& sink) {
    std::vector<Table> tables;
    for (std::uint64_t address : find_function_tables(memory)) {
        if (auto header = read_pcln_header(memory.at(address))) tables.push_back({address, *header, {}});
    }
    find_module_data(memory, tables);
    std::vector<FoundModule> out;
    for (const Table& found : tables) {
        for (std::uint64_t place : found.modules) {
            if (out.size() == most_tables) break;
            Module module = read_module(memory, place, found.header, known);
            auto table = PclnTable::open(
                memory.at(found.address),
                {.address = found.address, .text = module.text.start, .funcdata = module.funcdata, .sections = module.sections});
            if (!table) continue;
            out.push_back({std::move(module), *std::move(table)});
            report(out.back(), memory, known, sink);
        }
        if (found.modules.empty()) {
            sink.add(Finding(finding::RuleId::GO_FUNCTION_TABLE_ALONE, table_evidence(memory, found.address))
                         .with("address", finding::Address{found.address}));
        }
    }
    // The program itself before its plugins.
    std::ranges::stable_sort(out, std::greater(), [](const FoundModule& found) { return found.module.has_main; });
    return out;
}

}  // namespace abiscope::golang
