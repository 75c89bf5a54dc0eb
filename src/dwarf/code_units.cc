#include "dwarf/code_units.h"

#include <algorithm>

#include "bytes/reader.h"
#include "dwarf/pages.h"

namespace abiscope::dwarf {

namespace {

constexpr std::uint64_t units_between_drops = 64;

// Where linkers leave the code of sections that they removed. No program has code there: an ELF file starts with its header.
bool is_removed(const CodeRange& range) { return range.low <= 1; }

}  // namespace

// Of several units that claim an address the one with the smaller range is right.
void CodeUnits::claim(std::span<const std::uint64_t> addresses, const UnitRange& one, std::vector<Claim>& claims) const {
    if (one.range.low >= one.range.high || is_removed(one.range)) return;
    auto at = std::ranges::lower_bound(addresses, one.range.low);
    for (; at != addresses.end() && *at < one.range.high; ++at) {
        Claim& best = claims[static_cast<std::size_t>(at - addresses.begin())];
        std::uint64_t size = one.range.high - one.range.low;
        if (best.size == 0 || size < best.size) best = {size, one.header};
    }
}

void CodeUnits::read_address_table(std::span<const std::uint64_t> addresses, std::vector<Claim>& claims) {
    const Sections& sections = debug_.files().front();
    View table = sections.at(SectionId::aranges);
    Reader reader(table, sections.order, "address table");
    while (reader.ok() && reader.remaining() > 0) {
        std::uint64_t start = reader.position();
        std::uint64_t length = reader.u32();
        bool wide = length == 0xffffffff;
        if (wide) length = reader.u64();
        std::uint64_t begin = reader.position();
        View set = table.clamped(start, begin - start + std::min(length, table.size()));
        Reader fields(set, sections.order, "address table");
        fields.seek(begin - start);
        std::uint16_t version = fields.u16();
        std::uint64_t header = fields.word(wide);
        std::uint8_t size = fields.u8();
        std::uint8_t selector = fields.u8();
        if (fields.ok() && version == 2 && (size == 4 || size == 8) && selector == 0) {
            if (!table_read_) {
                in_table_.insert(header);
                debug_.known_header(header);
            }
            // Pairs are aligned to their size, from the start of the set.
            std::uint64_t pair = std::uint64_t{2} * size;
            fields.seek((fields.position() + pair - 1) / pair * pair);
            while (fields.ok() && fields.remaining() >= pair) {
                std::uint64_t low = fields.word(size == 8);
                std::uint64_t bytes = fields.word(size == 8);
                if (low == 0 && bytes == 0) break;
                claim(addresses, {{low, low + bytes}, header}, claims);
            }
        }
        reader.skip(length);
    }
    table_read_ = true;
}

// Units that no table knows: all of a program of clang, which writes none.
const std::vector<CodeUnits::UnitRange>& CodeUnits::other_units() {
    if (others_) return *others_;
    others_.emplace();
    const Sections& sections = debug_.files().front();
    std::uint64_t size = sections.at(SectionId::info).size();
    std::uint64_t work = table_work({&sections, 1});
    finding::Sink unheard(debug_.limits());
    std::vector<CodeRange> ranges;
    // A compressed section would have to be unpacked as a whole, mostly for a start file without debug information: the table, where there
    // is one, then stands for all units.
    bool compressed = sections.data[static_cast<std::size_t>(SectionId::info)].stream != nullptr;
    if ((compressed && !in_table_.empty()) || !sections.reach(SectionId::info, size)) return *others_;
    for (std::uint64_t offset = 0, count = 0; offset < size && count < debug_.limits().steps; ++count) {
        if (count % units_between_drops == 0) give_back_pages(sections);
        auto unit = read_unit(sections, SectionId::info, offset, 0, unheard);
        if (!unit) break;
        std::uint64_t header = offset;
        offset = unit->end;
        if (unit->entries == 0 || unit->is_type_unit() || in_table_.contains(header)) continue;
        RootNames root = read_root(sections, *unit, false, work, unheard);
        ranges.clear();
        read_code_ranges(debug_, *unit, root.code, address_of(debug_, *unit, root.code, Slot::low_pc).value_or(0), ranges);
        for (const CodeRange& range : ranges) {
            if (!is_removed(range)) others_->push_back({range, header});
        }
    }
    return *others_;
}

std::vector<const Unit*> CodeUnits::find(std::span<const std::uint64_t> addresses) {
    std::vector<Claim> claims(addresses.size());
    read_address_table(addresses, claims);
    if (std::ranges::any_of(claims, [](const Claim& one) { return one.size == 0; })) {
        for (const UnitRange& one : other_units()) claim(addresses, one, claims);
    }
    std::vector<const Unit*> units(addresses.size());
    for (std::size_t i = 0; i < units.size(); ++i) units[i] = claims[i].size == 0 ? nullptr : debug_.load_unit(claims[i].header);
    return units;
}

}  // namespace abiscope::dwarf
