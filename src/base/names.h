// Constants of a specification and their names, kept in one list so that printing a name and parsing it cannot drift apart.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace abiscope {

struct Name {
    std::uint64_t value;
    std::string_view name;
};

using NameTable = std::span<const Name>;

// The first name with that value, or nothing.
[[nodiscard]] std::optional<std::string_view> find_name(NameTable table, std::uint64_t value);

// The value of that name, compared exactly.
[[nodiscard]] std::optional<std::uint64_t> find_value(NameTable table, std::string_view name);

// The name, or the number in hexadecimal when the list has none.
[[nodiscard]] std::string name_or_hex(NameTable table, std::uint64_t value);

// "A | B | 0x40": the names of the single bits set in `bits`, then what is left over. "0" when nothing is set.
[[nodiscard]] std::string flag_names(NameTable table, std::uint64_t bits);

}  // namespace abiscope
