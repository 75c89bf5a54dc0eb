// Which names stand around an entry. DWARF has no links upwards, so the scopes of a unit are noted while it is walked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dwarf/entry.h"

namespace abiscope::dwarf {

// A namespace or record that has types in it. Offsets count from the unit's header.
struct Scope {
    std::uint64_t begin = 0;          // of the entry itself
    std::uint64_t end = 0;            // behind its last child
    std::uint32_t parent = none;      // index into the same list

    static constexpr std::uint32_t none = 0xffffffff;
};

// In the order of `begin`.
using Scopes = std::vector<Scope>;

// The innermost scope around (not at) an entry, or Scope::none.
[[nodiscard]] std::uint32_t scope_around(const Scopes& scopes, std::uint64_t offset_in_unit);

// The name of an entry without its scopes: through its specification where it has none of its own; "(anonymous namespace)" for those.
[[nodiscard]] std::string own_name(EntryReader& reader, const Entry& entry);

// "a::b::" for the scopes from the outermost to `scope`, empty for Scope::none. `limits.depth` of them at most.
[[nodiscard]] std::string scope_prefix(EntryReader& reader, const Unit& unit, const Scopes& scopes, std::uint32_t scope);

}  // namespace abiscope::dwarf
