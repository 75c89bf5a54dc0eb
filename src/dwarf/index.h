// Every distinct type of a program by name, found by one parallel walk over all units; no type is built.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dwarf/debug.h"
#include "dwarf/scopes.h"
#include "finding/sink.h"

namespace abiscope::dwarf {

struct FoundType {
    EntryRef ref;            // a complete record, enumeration, typedef or base type
    std::uint16_t tag = 0;
    std::string name;        // qualified
    std::uint64_t key = 0;   // of its structure, with its qualified name
};

// 0 threads: as many as the machine has.
class TypeIndex {
public:
    // Complete records with a name, and typedefs of records that have none; the same structure under the same name once, from the unit
    // that comes first. Types local to functions are left out. Damaged units are findings.
    [[nodiscard]] static TypeIndex build(const Debug& debug, unsigned threads, finding::Sink& sink);

    // In the order of units and offsets.
    [[nodiscard]] std::span<const FoundType> types() const { return types_; }

    // All of that qualified name: more than one when units disagree.
    [[nodiscard]] std::vector<const FoundType*> named(std::string_view qualified) const;

    // All whose name matches (name_match.h), in the order of types().
    [[nodiscard]] std::vector<const FoundType*> matching(std::string_view pattern) const;

    [[nodiscard]] const Scopes& scopes(const Unit& unit) const { return scopes_[unit.index]; }

private:
    std::vector<FoundType> types_;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> by_name_;   // hash of the name, index of types_; ordered
    std::vector<Scopes> scopes_;           // by unit
};

// Types whose name matches (name_match.h), without an index of the others: the quick way to a few types. Records, enumerations, typedefs
// and base types; declarations only where nothing is complete. The same structure once.
[[nodiscard]] std::vector<FoundType> find_types(const Debug& debug, std::string_view pattern, unsigned threads, finding::Sink& sink);

// Functions by name or linkage name, the same way. Each entry once; a declaration only where there is no definition.
[[nodiscard]] std::vector<FoundType> find_functions(const Debug& debug, std::string_view pattern, unsigned threads, finding::Sink& sink);

}  // namespace abiscope::dwarf
