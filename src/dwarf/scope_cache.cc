#include "dwarf/scope_cache.h"

#include "dwarf/scan.h"

namespace abiscope::dwarf {

namespace {

struct Nobody final : ScanVisitor {
    void named(const Unit&, std::uint64_t, std::uint16_t, const Attributes&) override {}
};

}  // namespace

const Scopes& ScopeCache::of(const Unit& unit) {
    if (index_ != nullptr) return index_->scopes(unit);
    auto [found, fresh] = scopes_.try_emplace(unit.index);
    if (fresh) {
        if (!walker_) walker_ = std::make_unique<StructureHasher>(debug_, StructureHasher::Names::by_place);
        Scanner scanner(debug_, ScanOptions{.scopes = true}, *walker_);
        Nobody nobody;
        finding::Sink unheard(debug_.limits());   // who opened the file has walked this unit and heard of its damage
        scanner.walk(unit, nobody, found->second, unheard);
    }
    return found->second;
}

std::string ScopeCache::qualified_name(EntryReader& reader, const Entry& entry) {
    Entry declared;
    // GCC gives a type in a type unit its name again; the namespace is around the declaration.
    bool through = entry.has(Slot::specification) && reader.follow(entry, Slot::specification, declared);
    if (!through && !entry.has(Slot::name) && entry.has(Slot::abstract_origin))
        through = reader.follow(entry, Slot::abstract_origin, declared);
    // The abstract origin of a member function refers on to its declaration.
    Entry further;
    if (through && !declared.has(Slot::name) && reader.follow(declared, Slot::specification, further)) declared = further;
    const Entry& named = through ? declared : entry;
    std::string name = own_name(reader, named);
    if (name.empty()) return name;
    const Scopes& scopes = of(named.unit());
    return scope_prefix(reader, named.unit(), scopes, scope_around(scopes, named.ref.offset - named.unit().header)) + name;
}

std::string_view linkage_name(EntryReader& reader, const Entry& entry) {
    if (entry.has(Slot::linkage_name)) return reader.text(entry, Slot::linkage_name);
    Entry other;
    for (Slot slot : {Slot::specification, Slot::abstract_origin}) {
        if (!entry.has(slot) || !reader.follow(entry, slot, other)) continue;
        if (other.has(Slot::linkage_name)) return reader.text(other, Slot::linkage_name);
        Entry further;
        if (reader.follow(other, Slot::specification, further)) return reader.text(further, Slot::linkage_name);
    }
    return {};
}

}  // namespace abiscope::dwarf
