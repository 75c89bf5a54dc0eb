#include "diff/mangled_names.h"

#include <fmt/format.h>

namespace abiscope::diff {

std::string mangled_parts(std::string_view name) {
    std::string out;
    if (name.find_first_of("<( ") != std::string_view::npos) return out;
    while (!name.empty()) {
        std::size_t end = name.find("::");
        std::string_view part = name.substr(0, end);
        if (out.empty() && end != std::string_view::npos && part == "std") out = "St";
        else out += fmt::format("{}{}", part.size(), part);
        name = end == std::string_view::npos ? std::string_view() : name.substr(end + 2);
    }
    return out;
}

}  // namespace abiscope::diff
