#include "dwarf/name_match.h"

#include "base/text.h"

namespace abiscope::dwarf {

std::string_view last_component(std::string_view name) {
    int depth = 0;
    for (std::size_t i = name.size(); i-- > 1;) {
        if (name[i] == '>') ++depth;
        if (name[i] == '<') --depth;
        if (depth == 0 && name[i] == ':' && name[i - 1] == ':') return name.substr(i + 1);
    }
    return name;
}

bool name_matches(std::string_view pattern, std::string_view qualified) {
    if (pattern.find("::") != std::string_view::npos && last_component(pattern) != pattern)
        return text::glob_match(pattern, qualified) || pattern == qualified;
    std::string_view own = last_component(qualified);
    return pattern == own || pattern == qualified || text::glob_match(pattern, own) || text::glob_match(pattern, qualified);
}

}  // namespace abiscope::dwarf
