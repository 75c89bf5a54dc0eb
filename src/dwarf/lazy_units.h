// Units of a large program, each read when it is first asked for: of 300 MB of debug information a stack of calls needs a few.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "bytes/limits.h"
#include "dwarf/sections.h"
#include "dwarf/unit.h"
#include "finding/sink.h"

namespace abiscope::dwarf {

class LazyUnits {
public:
    LazyUnits(std::span<const Sections> files, std::shared_ptr<Companions> companions, const Limits& limits);

    // The unit whose header is at that offset; null when there is none that can be read.
    [[nodiscard]] const Unit* load(std::span<const Sections> files, std::uint32_t file, SectionId section, std::uint64_t header);
    // The unit that holds an offset, found by going from header to header, from the nearest one that is known.
    [[nodiscard]] const Unit* holding(std::span<const Sections> files, std::uint32_t file, SectionId section, std::uint64_t offset);
    // The type unit of a signature.
    [[nodiscard]] const Unit* type_unit(std::span<const Sections> files, const Unit& from, std::uint64_t signature);
    // The unit with the entries of a skeleton; the unit itself when it is none; null when its file is not found.
    // `files` grows, and what is in it stays where it is.
    [[nodiscard]] const Unit* split(std::vector<Sections>& files, const Unit& unit);

    // A header is at that offset, .debug_aranges says: going there need not start at 0.
    void known_header(std::uint64_t header) { headers_[{0, SectionId::info}].emplace(header, 0); }

    // DW_AT_low_pc, DW_AT_high_pc and DW_AT_ranges of a unit that was loaded.
    [[nodiscard]] const Attributes& code(const Unit& unit) const { return loaded_[unit.index].code; }

private:
    struct Loaded {
        Unit unit;
        Attributes code;
        std::string directory, split_name;
        bool split_looked_for = false;
        const Unit* split = nullptr;
    };
    struct Place {
        std::uint32_t file = 0;
        SectionId section = SectionId::info;
        friend auto operator<=>(const Place&, const Place&) = default;
    };

    [[nodiscard]] std::optional<Unit> header_at(const Sections& own, std::uint32_t file, SectionId section, std::uint64_t header);
    [[nodiscard]] const Unit* open_split(std::vector<Sections>& files, const Loaded& skeleton);
    [[nodiscard]] std::optional<std::uint32_t> package(std::vector<Sections>& files);
    [[nodiscard]] std::optional<std::uint32_t> add_file(std::vector<Sections>& files, Sections sections);
    void list_types(std::span<const Sections> files, std::uint32_t file);

    std::shared_ptr<Companions> companions_;
    Limits limits_;
    finding::Sink unheard_;
    std::deque<Loaded> loaded_;                                               // by Unit::index
    std::map<Place, std::unordered_map<std::uint64_t, const Unit*>> by_header_;
    std::map<Place, std::map<std::uint64_t, std::uint64_t>> headers_;         // to the unit's end; 0: not read yet
    std::map<std::uint32_t, std::unordered_map<std::uint64_t, const Unit*>> types_;   // of a file, once they were asked for
    std::unordered_map<std::uint64_t, PackageRow> package_units_, package_types_;     // by signature
    bool package_looked_for_ = false;
    std::optional<std::uint32_t> package_;
    std::uint64_t work_ = 0;                                                  // left for abbreviations of first entries
};

}  // namespace abiscope::dwarf
