#include "dwarf/unit.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/reader.h"
#include "dwarf/decode.h"
#include "dwarf/findings.h"
#include "dwarf/spec.h"
#include "dwarf/strings.h"

namespace abiscope::dwarf {

abi::Language language_of(const Unit& unit) {
    switch (unit.language) {
        case lang::cplusplus:
        case lang::objc_plus_plus:
        case lang::cplusplus03:
        case lang::cplusplus11:
        case lang::cplusplus14:
        case lang::cplusplus17:
        case lang::cplusplus20:
        case lang::cplusplus23: return abi::Language::cxx;
        case lang::go: return abi::Language::go;
        case lang::rust:
        case lang::rust_old: return abi::Language::rust;
        default: return abi::Language::c;
    }
}

bool is_fortran(const Unit& unit) {
    constexpr std::array<std::uint16_t, 6> all{lang::fortran77, lang::fortran90, lang::fortran95,
                                               lang::fortran03, lang::fortran08, lang::fortran18};
    return std::ranges::find(all, unit.language) != all.end();
}

std::uint64_t first_index(const Unit& unit) {
    constexpr std::array<std::uint16_t, 12> from_one{lang::ada83,   lang::ada95,   lang::ada2005,  lang::ada2012,
                                                     lang::cobol74, lang::cobol85, lang::pascal83, lang::modula2,
                                                     lang::modula3, lang::pli,     lang::julia,    lang::pascal_borland};
    return is_fortran(unit) || std::ranges::find(from_one, unit.language) != from_one.end() ? 1 : 0;
}

namespace {

// As GCC lists its switches in DW_AT_producer: the last one that sets a level decides, and one without a number raises it.
bool is_level_one(std::string_view producer) {
    if (!producer.starts_with("GNU ")) return false;
    bool one = false;
    for (std::string_view word : text::split(producer, " ")) {
        if (word == "-g1" || word == "-ggdb1") one = true;
        else if (word == "-g" || word == "-g2" || word == "-g3" || word.starts_with("-ggdb") || word.starts_with("-gdwarf")) one = false;
    }
    return one;
}

constexpr std::uint32_t wide_escape = 0xffffffff;     // section 7.4: what follows is the 64-bit length
constexpr std::uint32_t reserved_lengths = 0xfffffff0;

SlotMask root_slots(std::uint16_t) {
    return mask_of(Slot::language, Slot::stmt_list, Slot::comp_dir, Slot::str_offsets_base, Slot::addr_base, Slot::rnglists_base,
                   Slot::producer, Slot::dwo_name, Slot::dwo_id, Slot::loclists_base, Slot::ranges_base, Slot::low_pc, Slot::high_pc,
                   Slot::ranges);
}

// The fields behind the length. False when the header cannot be understood.
bool read_header(Reader& reader, Unit& unit, std::string& why) {
    unit.encoding.version = reader.u16();
    if (reader.ok() && (unit.encoding.version < 2 || unit.encoding.version > 5)) {
        why = fmt::format("version {}", unit.encoding.version);
        return false;
    }
    if (unit.encoding.version >= 5) {
        unit.type = reader.u8();
        unit.encoding.address_size = reader.u8();
        unit.abbreviations = reader.word(unit.encoding.wide);
        if (unit.type == ut::skeleton || unit.type == ut::split_compile || unit.is_type_unit()) unit.signature = reader.u64();
    } else {
        unit.type = unit.section == SectionId::types ? ut::type : ut::compile;
        unit.abbreviations = reader.word(unit.encoding.wide);
        unit.encoding.address_size = reader.u8();
        if (unit.is_type_unit()) unit.signature = reader.u64();
    }
    if (unit.is_type_unit()) unit.type_entry = unit.header + reader.word(unit.encoding.wide);
    std::uint8_t size = unit.encoding.address_size;
    if (!reader.ok()) {
        why = reader.error().describe();
    } else if (unit.type < ut::compile || unit.type > ut::split_type) {
        why = fmt::format("unit type {:#x}", unit.type);
    } else if (size != 2 && size != 4 && size != 8) {
        why = fmt::format("addresses of {} bytes", size);
    }
    return why.empty();
}

}  // namespace

std::optional<Unit> read_unit(const Sections& sections, SectionId section, std::uint64_t offset, std::uint32_t file, finding::Sink& sink) {
    View view = sections.at(section);
    Unit unit{.file = file, .section = section, .header = offset};
    unit.encoding.order = sections.order;
    unit.encoding.address_size = sections.address_size;
    Reader reader(view.from(offset), sections.order, "unit header");
    std::uint64_t length = reader.u32();
    if (reader.ok() && length == wide_escape) {
        unit.encoding.wide = true;
        length = reader.u64();
    }
    std::uint64_t start = offset + reader.position();
    if (!reader.ok() || (!unit.encoding.wide && length >= reserved_lengths) || !range_fits(start, length, view.size())) {
        sink.add(unit_damaged(sections, section, offset, fmt::format("a unit of {} bytes, {} are left", length, view.size() - offset)));
        return std::nullopt;
    }
    unit.end = start + length;
    // Zeros between units are padding of the linker.
    if (length == 0) return unit;
    Reader fields(view.clamped(offset, unit.end - offset), sections.order, "unit header");
    fields.seek(reader.position());
    std::string why;
    unit.usable = read_header(fields, unit, why);
    if (!unit.usable) sink.add(unit_damaged(sections, section, offset, why));
    unit.entries = offset + fields.position();
    return unit;
}

std::vector<Unit> list_units(const Sections& sections, SectionId section, std::uint32_t file, const Limits& limits, finding::Sink& sink) {
    std::vector<Unit> units;
    std::uint64_t size = sections.at(section).size();
    for (std::uint64_t offset = 0; offset < size && units.size() < limits.steps;) {
        auto unit = read_unit(sections, section, offset, file, sink);
        if (!unit) break;
        offset = unit->end;
        if (unit->entries != 0) units.push_back(*unit);
    }
    return units;
}

RootNames read_root(const Sections& sections, Unit& unit, bool split, std::uint64_t& work, finding::Sink& sink) {
    RootNames names;
    if (!unit.usable) return names;
    unit.usable = false;
    View view = sections.at(unit.section);
    Bytes bytes{view.data(), view.data() + unit.end};
    const std::byte* at = view.data() + unit.entries;
    std::uint64_t code = 0;
    if (at == bytes.end || (read_uleb(at, bytes.end, code) && code == 0)) {
        unit.usable = true;   // a unit without entries
        return names;
    }
    if (work == 0) return names;
    auto table = AbbreviationTable::compile(sections.at(SectionId::abbrev), unit.abbreviations, unit.encoding, root_slots, code);
    std::uint64_t cost = table ? table->cost() : sections.at(SectionId::abbrev).from(unit.abbreviations).size();
    work -= std::min(work, cost);
    if (!table) {
        sink.add(unit_damaged(sections, unit.section, unit.header, table.error().describe()));
        return names;
    }
    Attributes root;
    const Abbreviation* abbreviation = table->find(code);
    if (abbreviation == nullptr || decode(*table, *abbreviation, unit.encoding, bytes, at, root) == nullptr) {
        sink.add(unit_damaged(sections, unit.section, unit.entries, "the first entry cannot be read"));
        return names;
    }
    unit.usable = true;
    unit.tag = abbreviation->tag;
    unit.language = static_cast<std::uint16_t>(root.number(Slot::language));
    // Without DW_AT_str_offsets_base the unit uses the table from behind its header (version 5) or from its start (GNU's version 4).
    std::uint64_t first = unit.encoding.version >= 5 && split ? (unit.encoding.wide ? 16U : 8U) : 0U;
    unit.str_offsets_base = root.number(Slot::str_offsets_base, unit.package.str_offsets + first);
    unit.addr_base = root.number(Slot::addr_base);
    unit.rnglists_base = root.number(Slot::rnglists_base, split ? unit.package.rnglists + (unit.encoding.wide ? 20U : 12U) : 0U);
    unit.loclists_base = root.number(Slot::loclists_base, split ? unit.package.locations + (unit.encoding.wide ? 20U : 12U) : 0U);
    unit.ranges_base = root.number(Slot::ranges_base);
    if (root.has(Slot::stmt_list)) unit.lines = root.number(Slot::stmt_list) + unit.package.line;
    if (root.has(Slot::dwo_id)) unit.signature = root.number(Slot::dwo_id);
    Strings strings(sections, nullptr);
    names.directory = strings.text(unit, root, Slot::comp_dir);
    unit.places_only = is_level_one(strings.text(unit, root, Slot::producer));
    for (Slot slot : {Slot::low_pc, Slot::high_pc, Slot::ranges}) {
        if (root.has(slot)) names.code.set(slot, root.number(slot), root.form_of(slot));
    }
    if (!split) names.split_name = strings.text(unit, root, Slot::dwo_name);
    return names;
}

}  // namespace abiscope::dwarf
