// Debug sections byte by byte, for tests. Knows nothing of the reader: numbers are written as the standard prints them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

namespace abiscope::test {

class DwarfBytes {
public:
    DwarfBytes& u8(std::uint64_t value) { return number(value, 1); }
    DwarfBytes& u16(std::uint64_t value) { return number(value, 2); }
    DwarfBytes& u32(std::uint64_t value) { return number(value, 4); }
    DwarfBytes& u64(std::uint64_t value) { return number(value, 8); }
    DwarfBytes& text(std::string_view value);                 // with its NUL
    DwarfBytes& leb(std::uint64_t value);                     // unsigned
    DwarfBytes& bytes(std::initializer_list<unsigned> values);
    DwarfBytes& append(const DwarfBytes& other);

    DwarfBytes& patch32(std::size_t at, std::uint64_t value);

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] const std::vector<std::byte>& data() const { return bytes_; }
    bool big_endian = false;

private:
    DwarfBytes& number(std::uint64_t value, unsigned width);

    std::vector<std::byte> bytes_;
};

// One declaration of an abbreviation table: code, tag, children, pairs of attribute and form.
DwarfBytes& abbreviation(DwarfBytes& table, unsigned code, unsigned tag, bool children,
                         std::initializer_list<std::pair<unsigned, unsigned>> attributes);

// A unit of version 4 around entries: header with the length filled in, abbreviations at offset 0, 8-byte addresses.
[[nodiscard]] DwarfBytes unit4(const DwarfBytes& entries);
inline constexpr std::size_t unit4_header = 11;   // bytes: the first entry's offset in the unit

}  // namespace abiscope::test
