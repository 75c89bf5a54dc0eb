// Units: the pieces of .debug_info and .debug_types that are read on their own (DWARF 5, section 7.5.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "abi/type.h"
#include "base/result.h"
#include "bytes/limits.h"
#include "dwarf/abbreviations.h"
#include "dwarf/package.h"
#include "dwarf/sections.h"
#include "finding/sink.h"

namespace abiscope::dwarf {

// Offsets count from the start of the section, `header` and `end` of the unit included.
struct Unit {
    std::uint32_t file = 0;             // index into Debug::files()
    std::uint32_t index = 0;            // its own, in Debug::units()
    SectionId section = SectionId::info;
    Encoding encoding;
    std::uint8_t type = 0;              // DW_UT_*
    bool usable = false;                // the header and the first entry could be read
    std::uint64_t header = 0;
    std::uint64_t entries = 0;          // of the first entry
    std::uint64_t end = 0;
    std::uint64_t abbreviations = 0;    // offset in .debug_abbrev
    std::uint64_t signature = 0;        // of a type unit; dwo_id of a skeleton or split unit
    std::uint64_t type_entry = 0;       // of a type unit: offset of the type's entry

    // From the first entry.
    std::uint16_t tag = 0;
    std::uint16_t language = 0;
    bool places_only = false;              // compiled with gcc -g1: functions and variables have neither types nor parameters
    std::uint64_t str_offsets_base = 0;
    std::uint64_t addr_base = 0;
    std::uint64_t rnglists_base = 0;
    std::uint64_t loclists_base = 0;
    std::uint64_t ranges_base = 0;         // GNU's split units of version 4
    std::optional<std::uint64_t> lines;    // offset in .debug_line

    // Of a split unit that Debug::load_split() opened: its addresses are in the file of its skeleton.
    const Unit* skeleton = nullptr;

    // Where the unit's parts of the other sections start: not 0 in a package only.
    PackageRow package;

    [[nodiscard]] bool holds(std::uint64_t offset) const { return offset >= entries && offset < end; }
    [[nodiscard]] bool is_type_unit() const { return type == 2 || type == 6; }   // DW_UT_type, DW_UT_split_type
};

[[nodiscard]] abi::Language language_of(const Unit& unit);
[[nodiscard]] bool is_fortran(const Unit& unit);
// The lower bound of an array that does not state it: DWARF 5, table 7.17.
[[nodiscard]] std::uint64_t first_index(const Unit& unit);

// The units of one section, header after header. A unit that does not fit its section is a finding, and the last one: nobody knows where
// the next would start. `file` is the index the units get.
[[nodiscard]] std::vector<Unit> list_units(const Sections& sections, SectionId section, std::uint32_t file, const Limits& limits,
                                           finding::Sink& sink);

// The unit whose header is at `offset`. Nothing when it does not fit its section (a finding); for padding of the linker a unit without
// entries, which ends where the next starts.
[[nodiscard]] std::optional<Unit> read_unit(const Sections& sections, SectionId section, std::uint64_t offset, std::uint32_t file,
                                            finding::Sink& sink);

// Reads what the header left out from the unit's first entry; `usable` says whether that was possible. `split` units (.dwo, .dwp) find
// their strings without DW_AT_str_offsets_base.
struct RootNames {
    std::string_view directory;
    std::string_view split_name;        // not empty: a skeleton, whose entries are in that file
    Attributes code;                    // DW_AT_low_pc, DW_AT_high_pc and DW_AT_ranges, where they are there
};
// `work` is what may still be spent on abbreviations.
[[nodiscard]] RootNames read_root(const Sections& sections, Unit& unit, bool split, std::uint64_t& work, finding::Sink& sink);

}  // namespace abiscope::dwarf
