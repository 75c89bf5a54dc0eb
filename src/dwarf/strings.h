// Text of attributes, in whichever of the string sections its form says.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dwarf/attributes.h"
#include "dwarf/sections.h"
#include "dwarf/unit.h"

namespace abiscope::dwarf {

// Where a text lies: equal places are equal texts. `section` is the file's own .debug_str, .debug_line_str or, for text in place, the
// section of the entry.
struct TextPlace {
    SectionId section = SectionId::str;
    bool supplementary = false;
    std::uint64_t offset = 0;
};

class Strings {
public:
    // `supplementary` may be null.
    Strings(const Sections& own, const Sections* supplementary) : own_(own), supplementary_(supplementary) {}

    // Nothing when the form is no text's, or an index leads outside .debug_str_offsets.
    [[nodiscard]] std::optional<TextPlace> place(const Unit& unit, const Attributes& attributes, Slot slot) const;

    // Empty when the attribute is not there, or its place is not in the file.
    [[nodiscard]] std::string_view text(const Unit& unit, const Attributes& attributes, Slot slot) const;
    [[nodiscard]] std::string_view text(const TextPlace& place) const;

private:
    [[nodiscard]] std::optional<std::uint64_t> indexed(const Unit& unit, std::uint64_t index) const;

    const Sections& own_;
    const Sections* supplementary_;
};

}  // namespace abiscope::dwarf
