#include "diff/undescribed.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "diff/mangled_names.h"

namespace abiscope::diff {

namespace {

std::string_view without_underscores(std::string_view name) {
    while (name.starts_with('_')) name.remove_prefix(1);
    while (name.ends_with('_')) name.remove_suffix(1);
    return name;
}

bool is_standard(std::string_view name) {
    return name.starts_with("std::") || name.starts_with("__gnu_cxx::") || name.starts_with("__cxxabiv1::");
}

}  // namespace

UndescribedTypes::UndescribedTypes(const surface::Surface& old, const surface::Surface& now) : old_(old), now_(now) {
    for (std::size_t i = 0; i < old.types.size(); ++i) {
        const abi::Type& type = old.types.at(static_cast<abi::TypeId>(i));
        if (type.kind != abi::Kind::alias || !old.types.contains(type.target)) continue;
        const abi::Type& target = old.types.at(type.target);
        if (target.kind == abi::Kind::record && without_underscores(type.name) == without_underscores(target.name))
            named_as_in_c_.insert(static_cast<std::uint32_t>(type.target));
    }
}

Undescribed UndescribedTypes::of(const Pair& pair, const std::vector<std::string>& symbols) const {
    const abi::Type& was = old_.types.at(pair.old);
    const abi::Type& is = now_.types.at(pair.now);
    if (was.language != abi::Language::cxx || is.language != abi::Language::cxx) return Undescribed::opaque;
    if (named_as_in_c_.contains(static_cast<std::uint32_t>(pair.old)) || std::ranges::none_of(symbols, is_mangled))
        return Undescribed::opaque;
    if (is_standard(was.name) || (from_elsewhere(old_, was.name) && from_elsewhere(now_, is.name))) return Undescribed::of_others;
    return Undescribed::unknown;
}

bool UndescribedTypes::from_elsewhere(const surface::Surface& surface, const std::string& name) const {
    std::string parts = mangled_parts(name);
    if (parts.empty()) return false;
    for (std::string_view start : {"_ZN", "_ZNK", "_ZTV", "_ZTI", "_ZTVN", "_ZTIN"}) {
        std::string wanted = fmt::format("{}{}{}", start, parts, start.size() == 5 ? "E" : "");
        auto found = std::ranges::lower_bound(surface.undefined, wanted);
        if (found != surface.undefined.end() && found->starts_with(wanted)) return true;
    }
    return false;
}

}  // namespace abiscope::diff
