#include "dwarf/scopes.h"

#include <algorithm>
#include <string_view>

#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

constexpr std::size_t most_name = 1 << 16;   // of one scope

}  // namespace

std::uint32_t scope_around(const Scopes& scopes, std::uint64_t offset_in_unit) {
    auto after = std::partition_point(scopes.begin(), scopes.end(), [&](const Scope& scope) { return scope.begin < offset_in_unit; });
    if (after == scopes.begin()) return Scope::none;
    auto index = static_cast<std::uint32_t>(after - scopes.begin() - 1);
    while (index != Scope::none && scopes[index].end <= offset_in_unit) index = scopes[index].parent;
    return index;
}

std::string own_name(EntryReader& reader, const Entry& entry) {
    if (entry.has(Slot::name)) return std::string(reader.name(entry));
    Entry other;
    // A declaration whose definition is in a type unit may leave its name to that.
    for (Slot link : {Slot::specification, Slot::signature}) {
        if (entry.has(link) && reader.follow(entry, link, other) && other.has(Slot::name)) return std::string(reader.name(other));
    }
    if (entry.tag == tag::namespace_) return "(anonymous namespace)";
    return {};
}

std::string scope_prefix(EntryReader& reader, const Unit& unit, const Scopes& scopes, std::uint32_t scope) {
    std::vector<std::uint32_t> chain;
    for (; scope != Scope::none && chain.size() < reader.debug().limits().depth; scope = scopes[scope].parent) chain.push_back(scope);
    std::string prefix;
    Entry entry;
    for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
        if (!reader.read({&unit, unit.header + scopes[*at].begin}, entry)) continue;
        std::string name = own_name(reader, entry);
        prefix += name.empty() ? std::string_view("(anonymous)") : std::string_view(name).substr(0, most_name);
        prefix += "::";
    }
    return prefix;
}

}  // namespace abiscope::dwarf
