#include "diff/key_function.h"

#include <algorithm>

#include <fmt/format.h>

#include "diff/mangled_names.h"

namespace abiscope::diff {

using surface::Binding;
using surface::Symbol;

KeyFunction KeyFunctions::of_table(std::string_view symbol) {
    if (symbol.starts_with("__Z")) symbol.remove_prefix(1);
    if (!symbol.starts_with("_ZTV") && !symbol.starts_with("_ZTI") && !symbol.starts_with("_ZTT")) return KeyFunction::no_table;
    symbol.remove_prefix(4);
    if (symbol.starts_with('N') && symbol.ends_with('E')) {
        symbol.remove_prefix(1);
        symbol.remove_suffix(1);
    }
    // Type information of pointers and the like is in every file that asks for it.
    bool is_class = !symbol.empty() && ((symbol[0] >= '0' && symbol[0] <= '9') || symbol.starts_with("St"));
    return is_class ? of_class(symbol) : KeyFunction::no_table;
}

KeyFunction KeyFunctions::of_class(std::string_view parts) {
    if (!indexed_) {
        indexed_ = true;
        for (std::size_t i = 0; i < surface_.types.size(); ++i) {
            auto id = static_cast<abi::TypeId>(i);
            const abi::Record* record = surface_.types.record(id);
            if (record == nullptr || !record->complete) continue;
            if (std::string key = mangled_parts(surface_.types.at(id).name); !key.empty()) by_parts_.try_emplace(std::move(key), record);
        }
    }
    auto found = by_parts_.find(std::string(parts));
    if (found == by_parts_.end()) return KeyFunction::unknown;
    bool all_inline = true;
    for (const abi::VirtualFunction& function : found->second->virtual_functions) {
        if (function.pure) continue;
        // Debug information gives destructors no name, or one that no symbol has (D4).
        std::optional<Binding> how = function.signature == "~" ? binding(fmt::format("_ZN{}D1Ev", parts)) : binding(function.linkage_name);
        // An inline function is a weak symbol.
        if (how == Binding::global) return KeyFunction::present;
        all_inline = all_inline && how.has_value();
    }
    return all_inline ? KeyFunction::absent : KeyFunction::unknown;
}

std::optional<Binding> KeyFunctions::binding(const std::string& linkage_name) const {
    if (linkage_name.empty()) return std::nullopt;
    std::string name = surface_.subject.format == "Mach-O" && linkage_name.starts_with("_Z") ? "_" + linkage_name : linkage_name;
    auto at = std::ranges::lower_bound(surface_.symbols, std::string_view(name), {},
                                       [](const Symbol& one) { return std::string_view(one.name); });
    if (at == surface_.symbols.end() || at->name != name) return std::nullopt;
    return at->binding;
}

}  // namespace abiscope::diff
