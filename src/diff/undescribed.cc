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

// The standard library's own, and no template of its that holds what is not: std::map<int, P> shows P to others.
bool is_standard(std::string_view name) {
    constexpr std::string_view rooms[] = {"std::", "__gnu_cxx::", "__cxxabiv1::"};
    constexpr std::string_view builtin[] = {"unsigned", "signed", "char",     "short",    "int",     "long",     "__int128",
                                            "bool",     "float",  "double",   "wchar_t",  "char8_t", "char16_t", "char32_t",
                                            "void",     "const",  "volatile", "decltype", "nullptr", "true",     "false"};
    auto of_word = [](char c) {
        return c == '_' || c == ':' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    bool first = true;
    while (!name.empty()) {
        auto end = std::ranges::find_if_not(name, of_word);
        std::string_view word = name.substr(0, static_cast<std::size_t>(end - name.begin()));
        name.remove_prefix(std::max<std::size_t>(word.size(), 1));
        if (word.empty() || (word[0] >= '0' && word[0] <= '9') || (!first && word.starts_with("::"))) continue;
        bool standard = std::ranges::any_of(rooms, [&](std::string_view room) { return word.starts_with(room); });
        if (!standard && (first || std::ranges::find(builtin, word) == std::end(builtin))) return false;
        first = false;
    }
    return true;
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

Undescribed UndescribedTypes::of(const Pair& pair, bool by_cxx) const {
    const abi::Type& was = old_.types.at(pair.old);
    const abi::Type& is = now_.types.at(pair.now);
    if (was.language != abi::Language::cxx || is.language != abi::Language::cxx) return Undescribed::opaque;
    if (named_as_in_c_.contains(static_cast<std::uint32_t>(pair.old)) || !by_cxx) return Undescribed::opaque;
    auto of_others = [](const surface::Surface& surface, abi::TypeId id) {
        return surface.types.record(id)->complete || from_elsewhere(surface, surface.types.at(id).name);
    };
    if (is_standard(was.name) || (of_others(old_, pair.old) && of_others(now_, pair.now))) return Undescribed::of_others;
    return Undescribed::unknown;
}

bool UndescribedTypes::from_elsewhere(const surface::Surface& surface, const std::string& name) {
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
