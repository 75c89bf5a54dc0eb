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

// The same without the name: those of all types of a C++ program take more memory than all else together.
struct IndexedType {
    EntryRef ref;
    std::uint64_t name = 0;  // a hash of it
    std::uint64_t key = 0;   // of the structure, with the qualified name
    std::uint32_t scope = Scope::none;   // around it, in the unit's
    std::uint16_t tag = 0;
};

// 0 threads: as many as the machine has.
class TypeIndex {
public:
    // Complete records with a name, and typedefs of records that have none; the same structure under the same name once, from the unit
    // that comes first. Types local to functions are left out. Damaged units are findings.
    [[nodiscard]] static TypeIndex build(const Debug& debug, unsigned threads, finding::Sink& sink);

    // In the order of units and offsets.
    [[nodiscard]] std::span<const IndexedType> types() const { return types_; }

    // Qualified.
    [[nodiscard]] std::string name(EntryReader& reader, const IndexedType& type) const;

    // All of that qualified name: more than one when units disagree.
    [[nodiscard]] std::vector<const IndexedType*> named(EntryReader& reader, std::string_view qualified) const;

    // All whose name matches (name_match.h), in the order of types().
    [[nodiscard]] std::vector<const IndexedType*> matching(EntryReader& reader, std::string_view pattern) const;

    [[nodiscard]] const Scopes& scopes(const Unit& unit) const { return scopes_[unit.index]; }

private:
    std::vector<IndexedType> types_;
    std::vector<std::uint32_t> by_name_;   // indexes of types_, ordered by the hash of the name
    std::vector<Scopes> scopes_;           // by unit
};

// Types whose name matches (name_match.h), without an index of the others: the quick way to a few types. Records, enumerations, typedefs
// and base types; declarations only where nothing is complete. The same structure once.
[[nodiscard]] std::vector<FoundType> find_types(const Debug& debug, std::string_view pattern, unsigned threads, finding::Sink& sink);

// Functions by name or linkage name, the same way. Each entry once; a declaration only where there is no definition.
[[nodiscard]] std::vector<FoundType> find_functions(const Debug& debug, std::string_view pattern, unsigned threads, finding::Sink& sink);

}  // namespace abiscope::dwarf
