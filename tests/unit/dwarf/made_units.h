// Units made byte by byte, and what the reader makes of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dwarf/builder.h"
#include "dwarf/debug.h"
#include "dwarf/index.h"
#include "support/dwarf_builder.h"

namespace abiscope::made_units {

using test::DwarfBytes;

// Codes of the table the tests use.
enum : unsigned {
    unit = 1,
    structure,
    member,
    alias,
    base,
    pointer,
    space,
    array,
    range,
    bits,
    old_bits,
    declared,
    with_sibling,
    located,
    indirect
};

inline DwarfBytes table() {
    DwarfBytes made;
    abbreviation(made, unit, 0x11, true, {{0x13, 0x0b}});                                        // language data1
    abbreviation(made, structure, 0x13, true, {{0x03, 0x08}, {0x0b, 0x0b}});                     // name string, byte_size data1
    abbreviation(made, member, 0x0d, false, {{0x03, 0x08}, {0x49, 0x13}, {0x38, 0x0b}});         // name, type ref4, location data1
    abbreviation(made, alias, 0x16, false, {{0x03, 0x08}, {0x49, 0x13}});                        // typedef
    abbreviation(made, base, 0x24, false, {{0x03, 0x08}, {0x0b, 0x0b}, {0x3e, 0x0b}});           // base type: size, encoding
    abbreviation(made, pointer, 0x0f, false, {{0x49, 0x13}});
    abbreviation(made, space, 0x39, true, {{0x03, 0x08}});
    abbreviation(made, array, 0x01, true, {{0x49, 0x13}});
    abbreviation(made, range, 0x21, false, {{0x37, 0x07}});                                      // count data8
    abbreviation(made, bits, 0x0d, false, {{0x03, 0x08}, {0x49, 0x13}, {0x6b, 0x0b}, {0x0d, 0x0b}});  // data_bit_offset, bit_size
    abbreviation(made, old_bits, 0x0d, false,
                 {{0x03, 0x08}, {0x49, 0x13}, {0x38, 0x0b}, {0x0c, 0x0b}, {0x0d, 0x0b}});  // location, bit_offset, bit_size
    abbreviation(made, declared, 0x13, false, {{0x03, 0x08}, {0x3c, 0x19}});  // declaration flag_present
    abbreviation(made, with_sibling, 0x2e, true, {{0x01, 0x13}, {0x03, 0x08}});  // subprogram: sibling, name
    abbreviation(made, located, 0x0d, false, {{0x03, 0x08}, {0x49, 0x13}, {0x38, 0x18}});  // location exprloc
    abbreviation(made, indirect, 0x16, false, {{0x03, 0x16}, {0x49, 0x16}});
    return made.u8(0);
}

struct Program {
    explicit Program(const DwarfBytes& info, const DwarfBytes& abbreviations = table(), bool big_endian = false) {
        dwarf::Sections sections;
        sections.order = big_endian ? Endian::big : Endian::little;
        auto give = [&](dwarf::SectionId section, const DwarfBytes& bytes) {
            SourcePtr source = Source::from_memory("test", bytes.data());
            sections[section] = {source, source->view()};
        };
        give(dwarf::SectionId::info, info);
        give(dwarf::SectionId::abbrev, abbreviations);
        opened = dwarf::Debug::open(std::move(sections), nullptr, default_limits, sink);
    }

    const dwarf::Debug& debug() const { return *opened; }
    dwarf::TypeIndex index() { return dwarf::TypeIndex::build(debug(), 1, sink); }
    std::vector<dwarf::EntryRef> named(std::string_view name) {
        auto types = index();
        dwarf::EntryReader reader(debug());
        std::vector<dwarf::EntryRef> all;
        for (const auto* found : types.named(reader, name)) all.push_back(found->ref);
        return all;
    }

    // The record of that name, with all it holds.
    const abi::Record* record(std::string_view name) {
        for (const dwarf::EntryRef& found : named(name)) {
            dwarf::TypeBuilder builder(debug(), built, nullptr, sink);
            id = built.resolve(builder.build(found));
            return built.record(id);
        }
        return nullptr;
    }
    std::vector<std::string> rules() const {
        std::vector<std::string> names;
        for (const auto& finding : sink.findings()) names.emplace_back(finding::rule(finding.rule()).name);
        return names;
    }

    finding::Sink sink;
    Result<dwarf::Debug> opened = fail(ErrorCode::internal, "not opened");
    abi::TypeTable built;
    abi::TypeId id = abi::TypeId::none;
};

inline constexpr std::uint32_t first = test::unit4_header;  // offset of the unit's own entry
inline constexpr std::uint32_t children = first + 2;  // of its first child

// "int" as the first child: 1 + 4 + 1 + 1 bytes.
inline DwarfBytes& with_int(DwarfBytes& entries) { return entries.leb(unit).u8(0x0c).leb(base).text("int").u8(4).u8(5); }
inline constexpr std::uint32_t after_int = children + 7;

}  // namespace abiscope::made_units
