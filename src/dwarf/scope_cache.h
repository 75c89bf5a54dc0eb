// Qualified names of entries anywhere, with the scopes of a unit found when one of its entries is first asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "dwarf/index.h"
#include "dwarf/scopes.h"
#include "dwarf/structure.h"

namespace abiscope::dwarf {

class ScopeCache {
public:
    // With an index its scopes are used, and nothing is walked again.
    explicit ScopeCache(const Debug& debug, const TypeIndex* index = nullptr) : debug_(debug), index_(index) {}

    void use(const TypeIndex& index) { index_ = &index; }

    [[nodiscard]] const Scopes& of(const Unit& unit);

    // The scopes of a unit that was just walked.
    void give(const Unit& unit, Scopes scopes) { scopes_.insert_or_assign(unit.index, std::move(scopes)); }
    void forget(const Unit& unit) { scopes_.erase(unit.index); }

    // Empty for an entry without a name.
    [[nodiscard]] std::string qualified_name(EntryReader& reader, const Entry& entry);

private:
    const Debug& debug_;
    const TypeIndex* index_;
    std::unordered_map<std::uint32_t, Scopes> scopes_;
    std::unique_ptr<StructureHasher> walker_;   // reads the entries of a walk
};

// DW_AT_linkage_name, of the entry or of the one it completes.
[[nodiscard]] std::string_view linkage_name(EntryReader& reader, const Entry& entry);

}  // namespace abiscope::dwarf
