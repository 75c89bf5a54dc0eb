#include "loader/start_functions.h"

#include "base/checked.h"
#include "bytes/limits.h"
#include "bytes/reader.h"
#include "elf/relocations.h"
#include "elf/spec.h"

namespace abiscope::loader {

namespace {

constexpr std::uint32_t sht_init_array = 14, sht_preinit_array = 16;   // gABI chapter 4, "sh_type"
constexpr std::uint64_t most_entries = 1 << 16;

struct Table {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
};

std::vector<Table> tables_of(const elf::Image& image, const std::vector<elf::Section>& sections) {
    std::vector<Table> tables;
    if (image.dynamic()) {
        auto address = image.dynamic()->value(elf::dt_init_array), size = image.dynamic()->value(elf::dt_init_arraysz);
        if (address && size) tables.push_back({*address, *size});
    }
    for (const elf::Section& section : sections) {
        if (section.type == sht_init_array || section.type == sht_preinit_array) tables.push_back({section.addr, section.size});
        if (tables.size() == default_limits.depth) break;
    }
    return tables;
}

}  // namespace

std::set<std::uint64_t> start_functions(const elf::Image& image, const std::vector<elf::Section>& sections) {
    std::set<std::uint64_t> out{image.header().entry};
    if (image.dynamic()) {
        if (auto init = image.dynamic()->value(elf::dt_init)) out.insert(*init);
    }
    std::vector<Table> tables = tables_of(image, sections);
    if (tables.empty()) return out;
    bool wide = image.encoding().wide;
    for (const Table& table : tables) {
        Reader reader(image.view_at(table.address, table.size), image.encoding().order, "initialisers");
        while (reader.remaining() >= (wide ? 8U : 4U) && out.size() < most_entries) out.insert(reader.word(wide));
    }
    // In a position-independent program the table is filled by relocations, whose addends name the functions.
    for (const elf::RelocationRange& range : elf::relocation_ranges(image)) {
        for (std::uint64_t i = 0; i < range.size() && out.size() < most_entries; ++i) {
            elf::Relocation relocation = elf::relocation_at(image, range, i);
            if (elf::role_of(image.header().machine, relocation.type) != elf::RelocationRole::relative) continue;
            for (const Table& table : tables) {
                if (range_contains(table.address, table.size, relocation.offset)) out.insert(static_cast<std::uint64_t>(relocation.addend));
            }
        }
    }
    return out;
}

}  // namespace abiscope::loader
