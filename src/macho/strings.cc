#include "macho/strings.h"

namespace abiscope::macho {

std::optional<std::string_view> StringTable::at(std::uint64_t offset) {
    auto text = bytes_.clamped(offset, left_).c_string(0);
    // A text without an end costs what was searched for it.
    std::uint64_t cost = text ? text->size() + 1 : bytes_.clamped(offset, left_).size();
    left_ -= cost;
    return text;
}

std::string name_for_finding(std::string_view name) {
    constexpr std::size_t most = 200;
    return name.size() <= most ? std::string(name) : std::string(name.substr(0, most)) + "...";
}

}  // namespace abiscope::macho
