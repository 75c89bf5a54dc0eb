// A number for what a type looks like: equal for the same declaration seen from many units, different for two types that only share a name.
//
// A record's number covers its name, kind, size, and the names, places and types of its members and bases. The types of members count by
// name where they have one, by structure where they have none.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "dwarf/entry.h"

namespace abiscope::dwarf {

// The slots the hasher and the scan read.
[[nodiscard]] SlotMask structure_slots(std::uint16_t tag);

class StructureHasher {
public:
    // How names count. A linker keeps each text once, so within one file the place of a name is the name, and nothing has to be read.
    enum class Names : std::uint8_t { by_place, by_content };

    StructureHasher(const Debug& debug, Names names, SlotMask (*slots)(std::uint16_t) = structure_slots);

    // Work for the types that entries of one unit refer to, in entries; it is renewed for each unit. When it is used up types are told
    // apart by where they are, so that nothing is merged any more.
    void start_unit(const Unit& unit);

    // A record (complete or not), enumeration, or any other type. `scope` stands for the names around it.
    [[nodiscard]] std::uint64_t record(const Entry& entry, std::uint64_t scope);

    // Result and parameters of a subprogram.
    [[nodiscard]] std::uint64_t signature(const Entry& entry);

    // What a child adds to its record; `into` is the number so far.
    [[nodiscard]] std::uint64_t with_child(std::uint64_t into, const Unit& unit, std::uint16_t tag, const Attributes& child,
                                           unsigned depth = 1);

    // The record's number without its children.
    [[nodiscard]] std::uint64_t start_record(std::uint16_t tag, const Attributes& attributes, std::uint64_t scope, std::uint64_t name);

    [[nodiscard]] std::uint64_t type(EntryRef ref, unsigned depth = 0);
    [[nodiscard]] std::uint64_t text(const Unit& unit, const Attributes& attributes, Slot slot) const;
    [[nodiscard]] EntryReader& reader() { return reader_; }

private:
    struct Remembered {
        std::uint64_t hash = 0;
        std::uint32_t offset = 0;  // in the unit
        std::uint32_t unit = 0xffffffff;
    };

    [[nodiscard]] std::uint64_t compute(const Entry& entry, unsigned depth);
    [[nodiscard]] std::uint64_t children(std::uint64_t into, const Entry& entry, unsigned depth);
    [[nodiscard]] std::uint64_t block(const Unit& unit, const Attributes& attributes, Slot slot) const;
    [[nodiscard]] std::uint64_t referred(const Unit& unit, const Attributes& attributes, Slot slot, unsigned depth);

    const Debug& debug_;
    EntryReader reader_;
    Names names_;
    std::uint64_t budget_ = 0;
    std::vector<Remembered> memory_;  // a cache: one place for each of many entries
};

}  // namespace abiscope::dwarf
