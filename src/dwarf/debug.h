// The debug information of one program: its own file, the file dwz moved shared parts to, and its split units.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "bytes/limits.h"
#include "dwarf/decode.h"
#include "dwarf/lazy_units.h"
#include "dwarf/sections.h"
#include "dwarf/spec.h"
#include "dwarf/strings.h"
#include "dwarf/unit.h"
#include "finding/sink.h"

namespace abiscope::dwarf {

// An entry: its unit, and its offset in that unit's section.
struct EntryRef {
    const Unit* unit = nullptr;
    std::uint64_t offset = 0;

    explicit operator bool() const { return unit != nullptr; }
    friend bool operator==(const EntryRef&, const EntryRef&) = default;
};

// DW_FORM_ref1 to DW_FORM_ref_udata count from the unit's header.
[[nodiscard]] constexpr bool is_reference_in_unit(FormCode form) { return form >= form::ref1 && form <= form::ref_udata; }

// How much may be spent on reading abbreviation tables: many times what the files hold, and not what units of a hostile file ask for.
[[nodiscard]] std::uint64_t table_work(std::span<const Sections> files);

// Everything here but open() is const and may be used by many threads at once.
class Debug {
public:
    // Lists the units of `main` and of the files it refers to. Damaged units are findings, and the others are read; so are files that
    // `companions` cannot give. Errors: not_found when there is no debug information at all.
    [[nodiscard]] static Result<Debug> open(Sections main, Companions* companions, const Limits& limits, finding::Sink& sink);

    // For a few questions about a large program: no unit is read before it is asked for, and units() stays empty. Belongs to one thread.
    // `companions` may be null. Errors: the same.
    [[nodiscard]] static Result<Debug> open_lazily(Sections main, std::shared_ptr<Companions> companions, const Limits& limits);
    // Only then. The unit whose header is at that offset of .debug_info, or null.
    [[nodiscard]] const Unit* load_unit(std::uint64_t header) { return lazy_->load(files_, 0, SectionId::info, header); }
    // The unit with the entries of a skeleton, the unit itself when it is none, null when its file is not found.
    [[nodiscard]] const Unit* load_split(const Unit& unit) { return lazy_->split(files_, unit); }
    // DW_AT_low_pc, DW_AT_high_pc and DW_AT_ranges of a unit's first entry.
    [[nodiscard]] const Attributes& code_of(const Unit& unit) const { return lazy_->code(unit); }
    void known_header(std::uint64_t header) { lazy_->known_header(header); }

    [[nodiscard]] std::span<const Sections> files() const { return files_; }
    [[nodiscard]] std::span<const Unit> units() const { return units_; }
    [[nodiscard]] const Limits& limits() const { return limits_; }
    [[nodiscard]] const Sections& sections(const Unit& unit) const { return files_[unit.file]; }
    // Where the unit's .debug_addr is, and .debug_ranges of version 4.
    [[nodiscard]] const Sections& address_sections(const Unit& unit) const { return files_[(unit.skeleton ? *unit.skeleton : unit).file]; }

    [[nodiscard]] Bytes bytes(const Unit& unit) const {
        View view = files_[unit.file].at(unit.section);
        return {view.data(), view.data() + unit.end};
    }
    // Offset on disk of an entry.
    [[nodiscard]] std::uint64_t file_offset(const EntryRef& entry) const {
        return sections(*entry.unit).at(entry.unit->section).file_offset(entry.offset);
    }

    [[nodiscard]] Strings strings(const Unit& unit) const {
        return {files_[unit.file], supplementary_ ? &files_[*supplementary_] : nullptr};
    }
    [[nodiscard]] std::string_view text(const Unit& unit, const Attributes& attributes, Slot slot) const {
        return strings(unit).text(unit, attributes, slot);
    }

    // What an attribute of the reference class points to; nothing when that is not in the file. The entry itself may still be damaged.
    [[nodiscard]] EntryRef reference(const Unit& unit, const Attributes& attributes, Slot slot) const {
        if (!attributes.has(slot)) return {};
        std::uint64_t value = attributes.number(slot);
        if (!is_reference_in_unit(attributes.form_of(slot))) return distant_reference(unit, value, attributes.form_of(slot));
        if (value > unit.end - unit.header || !unit.holds(unit.header + value)) return {};
        return {&unit, unit.header + value};
    }

    // The unit of that file and section that holds `offset`, or null.
    [[nodiscard]] const Unit* unit_at(std::uint32_t file, SectionId section, std::uint64_t offset) const;

private:
    Debug() = default;
    [[nodiscard]] EntryRef distant_reference(const Unit& unit, std::uint64_t value, FormCode form) const;
    void add_file(Sections sections, bool split, Companions* companions, finding::Sink& sink);
    void add_split_units(Companions* companions, std::span<const struct Skeleton> skeletons, finding::Sink& sink);

    struct Range {  // of units_, all of one file and section
        std::uint32_t file = 0;
        SectionId section = SectionId::info;
        std::size_t first = 0;
        std::size_t last = 0;
    };

    Limits limits_;
    std::vector<Sections> files_;
    std::vector<Unit> units_;
    std::vector<Range> ranges_;
    std::optional<std::uint32_t> supplementary_;
    std::unordered_map<std::uint64_t, std::uint32_t> signatures_;  // of type units: index of the unit
    std::unique_ptr<LazyUnits> lazy_;  // null: all units are listed
};

}  // namespace abiscope::dwarf
