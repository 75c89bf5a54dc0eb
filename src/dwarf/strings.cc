#include "dwarf/strings.h"

#include "base/checked.h"
#include "bytes/endian.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

std::optional<std::uint64_t> Strings::indexed(const Unit& unit, std::uint64_t index) const {
    View offsets = own_.at(SectionId::str_offsets);
    std::uint64_t width = unit.encoding.offset_size();
    auto from_base = checked_mul(index, width);
    auto at = from_base ? checked_add(unit.str_offsets_base, *from_base) : std::nullopt;
    if (!at || !range_fits(*at, width, offsets.size())) return std::nullopt;
    const std::byte* data = offsets.data() + *at;
    return width == 8 ? load<std::uint64_t>(data, own_.order) : load<std::uint32_t>(data, own_.order);
}

std::optional<TextPlace> Strings::place(const Unit& unit, const Attributes& attributes, Slot slot) const {
    std::uint64_t value = attributes.number(slot);
    switch (attributes.form_of(slot)) {
        case form::string: return TextPlace{.section = unit.section, .offset = value};
        case form::strp: return TextPlace{.offset = value};
        case form::line_strp: return TextPlace{.section = SectionId::line_str, .offset = value};
        case form::strp_sup:
        case form_code(form::gnu_strp_alt): return TextPlace{.supplementary = true, .offset = value};
        case form::strx:
        case form::strx1:
        case form::strx2:
        case form::strx3:
        case form::strx4:
        case form_code(form::gnu_str_index): {
            auto offset = indexed(unit, value);
            if (!offset) return std::nullopt;
            return TextPlace{.offset = *offset};
        }
        default: return std::nullopt;
    }
}

std::string_view Strings::text(const Unit& unit, const Attributes& attributes, Slot slot) const {
    if (!attributes.has(slot)) return {};
    auto found = place(unit, attributes, slot);
    return found ? text(*found) : std::string_view();
}

std::string_view Strings::text(const TextPlace& place) const {
    const Sections* sections = place.supplementary ? supplementary_ : &own_;
    if (sections == nullptr) return {};
    return sections->at(place.section).c_string(place.offset).value_or(std::string_view());
}

}  // namespace abiscope::dwarf
