#include "surface/compiler_made.h"

#include <algorithm>

namespace abiscope::surface {

bool is_made_by_cgo(std::string_view name) { return name.starts_with("_cgoexp_") || name.starts_with("__cgoexp_"); }

bool is_compiler_made(std::string_view name) {
    // Itanium C++ ABI 5.1.4: special names. With the underscore that Mach-O adds.
    if (name.starts_with("__Z")) name.remove_prefix(1);
    // 5.1.6 and 5.1.8: entities local to a function, and closures of member initialisers.
    if (name.starts_with("_ZZ") || (name.starts_with("_Z") && name.find("MUl") != std::string_view::npos)) return true;
    if (is_made_by_cgo(name)) return true;
    constexpr std::string_view prefixes[] = {"_ZT", "_ZGV", "_ZGR", "_ZGTt", "_ZTh", "_ZTv", "_ZTc"};
    return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

}  // namespace abiscope::surface
