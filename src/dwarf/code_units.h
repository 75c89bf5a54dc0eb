// Which unit an address belongs to: by .debug_aranges (DWARF 5, section 6.1.2), and by the ranges of those units that are not in it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "dwarf/code_ranges.h"
#include "dwarf/debug.h"

namespace abiscope::dwarf {

class CodeUnits {
public:
    // `debug` was opened lazily.
    explicit CodeUnits(Debug& debug) : debug_(debug) {}

    // For each of the sorted addresses the unit of its code, the skeleton where it is split; null when no unit claims it.
    [[nodiscard]] std::vector<const Unit*> find(std::span<const std::uint64_t> addresses);

private:
    struct UnitRange {
        CodeRange range;
        std::uint64_t header = 0;
    };
    struct Claim {
        std::uint64_t size = 0;        // of the range; 0: there is none
        std::uint64_t header = 0;
    };

    void claim(std::span<const std::uint64_t> addresses, const UnitRange& one, std::vector<Claim>& claims) const;
    void read_address_table(std::span<const std::uint64_t> addresses, std::vector<Claim>& claims);
    const std::vector<UnitRange>& other_units();

    Debug& debug_;
    std::unordered_set<std::uint64_t> in_table_;       // headers of units in .debug_aranges
    bool table_read_ = false;
    std::optional<std::vector<UnitRange>> others_;
};

}  // namespace abiscope::dwarf
