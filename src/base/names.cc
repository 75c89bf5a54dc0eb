#include "base/names.h"

#include <bit>

#include "base/text.h"

namespace abiscope {

std::optional<std::string_view> find_name(NameTable table, std::uint64_t value) {
    for (const Name& entry : table) {
        if (entry.value == value) return entry.name;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> find_value(NameTable table, std::string_view name) {
    for (const Name& entry : table) {
        if (entry.name == name) return entry.value;
    }
    return std::nullopt;
}

std::string name_or_hex(NameTable table, std::uint64_t value) {
    if (auto name = find_name(table, value)) return std::string(*name);
    return text::hex(value);
}

std::string flag_names(NameTable table, std::uint64_t bits) {
    std::string line;
    std::uint64_t left = bits;
    auto append = [&line](std::string_view part) {
        if (!line.empty()) line += " | ";
        line += part;
    };
    for (const Name& entry : table) {
        if (std::has_single_bit(entry.value) && (left & entry.value) != 0) {
            append(entry.name);
            left &= ~entry.value;
        }
    }
    if (left != 0 || line.empty()) append(left == 0 ? "0" : text::hex(left));
    return line;
}

}  // namespace abiscope
