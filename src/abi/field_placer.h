// Members of a record under the Itanium ABI and in C: where the next one goes. Two readings of the same documents, GCC's and clang's,
// behind one interface, since they agree on what most headers hold and differ on attributes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "abi/layout_engine.h"

namespace abiscope::abi {

// One member, in the terms both readings need.
struct Member {
    std::optional<std::uint32_t> bit_width;
    bool named = true;
    bool last = false;               // of its record
    bool packed = false;             // by its own attribute or its record's
    std::uint32_t explicit_alignment = 0;  // bytes; of its own attribute; 0: none
    Extent type;
    std::uint64_t builtin_size = 0;  // bytes; of the scalar that it or its elements are; 0: none
    std::uint32_t container_size = 0;       // bytes; of a bit-field wider than its type: the type it is placed as
    std::uint32_t container_alignment = 0;
    std::uint64_t size = 0;          // bytes that nothing else may use; less than type.size where others may use its tail padding

    [[nodiscard]] bool is_bit_field() const { return bit_width.has_value(); }
    [[nodiscard]] bool is_zero_width() const { return bit_width == 0U; }
    [[nodiscard]] std::uint64_t bits() const { return bit_width ? *bit_width : size * 8; }
};

// Where the next member may start, and what the record has become so far.
struct Cursor {
    std::uint64_t next_bit = 0;     // for a bit-field
    std::uint64_t data_bits = 0;    // for anything else; a multiple of 8
    std::uint64_t unit_bits = 0;    // where the unit of the bit-fields before ends, if that is behind data_bits
    std::uint32_t alignment = 1;    // bytes, of the record
    bool by_attribute = false;      // some of it comes from an attribute
};

// What one member got.
struct Place {
    std::uint64_t offset = 0;       // bits
    std::uint32_t alignment = 1;    // bytes
};

class FieldPlacer {
public:
    FieldPlacer() = default;
    virtual ~FieldPlacer() = default;
    FieldPlacer(const FieldPlacer&) = delete;
    FieldPlacer& operator=(const FieldPlacer&) = delete;
    FieldPlacer(FieldPlacer&&) = delete;
    FieldPlacer& operator=(FieldPlacer&&) = delete;

    // Places the member behind what is there; in a union, at 0.
    [[nodiscard]] virtual Place place(const Member& member) = 0;
    // Says where a member that is no bit-field would go, and changes nothing.
    [[nodiscard]] virtual Place preview(const Member& member) const = 0;
    // Takes `bytes` from `offset` (bytes) on for a base, or for a member that could not stay where preview() had it.
    virtual void occupy(std::uint64_t offset, std::uint64_t bytes) = 0;

    // Where the member would go next when it may not lie at `refused`.
    [[nodiscard]] virtual Place retry(const Member& member, const Place& refused) = 0;
    // Where an empty class goes that may not lie at 0, in bytes.
    [[nodiscard]] virtual std::uint64_t end() const { return cursor.data_bits / 8; }
    // A member of no size came by, at an offset of its own.
    virtual void pass() {}
    // A member that is no bit-field has no place of its own for its alignment to count: an empty class at an offset of its own.
    void raise_alignment(std::uint32_t bytes) { cursor.alignment = std::max(cursor.alignment, bytes); }

    Cursor cursor;
};

// What the record as a whole says to the placer.
struct RecordRules {
    bool is_union = false;
    bool is_cxx = false;
    bool microsoft_bit_fields = false;
    std::uint32_t pack = 0;       // bytes, of #pragma pack; 0: none
    std::uint32_t alignment = 1;  // bytes, of an attribute of the record
};

[[nodiscard]] std::unique_ptr<FieldPlacer> make_gnu_placer(const RecordRules& record, const LayoutRules& rules);  // Placement::stor_layout
[[nodiscard]] std::unique_ptr<FieldPlacer> make_itanium_placer(const RecordRules& record, const LayoutRules& rules);  // Placement::itanium

}  // namespace abiscope::abi
