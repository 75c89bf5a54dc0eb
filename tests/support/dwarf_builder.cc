#include "support/dwarf_builder.h"

namespace abiscope::test {

DwarfBytes& DwarfBytes::number(std::uint64_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i) bytes_.push_back(static_cast<std::byte>(value >> 8 * (big_endian ? width - 1 - i : i)));
    return *this;
}

DwarfBytes& DwarfBytes::text(std::string_view value) {
    for (char c : value) bytes_.push_back(static_cast<std::byte>(c));
    bytes_.push_back(std::byte{0});
    return *this;
}

DwarfBytes& DwarfBytes::leb(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<std::byte>((value & 0x7f) | 0x80));
    bytes_.push_back(static_cast<std::byte>(value));
    return *this;
}

DwarfBytes& DwarfBytes::bytes(std::initializer_list<unsigned> values) {
    for (unsigned value : values) bytes_.push_back(static_cast<std::byte>(value));
    return *this;
}

DwarfBytes& DwarfBytes::append(const DwarfBytes& other) {
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
    return *this;
}

DwarfBytes& DwarfBytes::patch32(std::size_t at, std::uint64_t value) {
    for (unsigned i = 0; i < 4; ++i) bytes_[at + i] = static_cast<std::byte>(value >> 8 * (big_endian ? 3 - i : i));
    return *this;
}

DwarfBytes& abbreviation(DwarfBytes& table, unsigned code, unsigned tag, bool children,
                         std::initializer_list<std::pair<unsigned, unsigned>> attributes) {
    table.leb(code).leb(tag).u8(children ? 1 : 0);
    for (auto [attribute, form] : attributes) table.leb(attribute).leb(form);
    return table.leb(0).leb(0);
}

DwarfBytes unit4(const DwarfBytes& entries) {
    DwarfBytes unit;
    unit.big_endian = entries.big_endian;
    unit.u32(entries.size() + unit4_header - 4).u16(4).u32(0).u8(8);
    return unit.append(entries);
}

}  // namespace abiscope::test
