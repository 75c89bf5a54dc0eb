// The insides of lay_out(): what the files that lay out one kind of thing each share. Nothing outside this room includes it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "abi/layout.h"
#include "abi/profile.h"
#include "abi/type.h"
#include "base/result.h"

namespace abiscope::abi {

inline constexpr std::uint64_t largest_object = std::uint64_t{1} << 59;  // bytes: offsets in bits fit 63 bits
inline constexpr std::uint32_t deepest_nesting = 256;
inline constexpr std::uint64_t most_steps = 4'000'000;  // visits of subobjects: an inheritance graph can have 2^n of them

// How GCC would hold a value, as far as it moves bytes (LayoutRules::integer_field_alignment_cap).
enum class Mode : std::uint8_t { block, integer, other };

// Size and alignment of a type as a member.
struct Extent {
    std::uint64_t size = 0;  // bytes
    std::uint32_t alignment = 1;  // bytes; what the type asks for, caps on members not applied
    std::uint32_t natural = 1;  // bytes; the same without an alignment of the outermost typedefs
    std::uint32_t as_element = 0;  // bytes; the alignment an array of it has; 0: the same
    bool by_attribute = false;  // the alignment comes from an attribute
    Mode mode = Mode::block;
    bool capped = false;  // LayoutRules::integer_field_alignment_cap applies
    bool flexible = false;  // an array without a count
};

// One thing that was given a place, or that gave a place a meaning (an unnamed bit-field).
struct Slot {
    Role role = Role::member;
    TypeId type = TypeId::none;
    std::string name;
    std::optional<std::uint32_t> index;  // in Record::fields or Record::bases
    std::uint64_t offset = 0;  // bits
    std::uint64_t size = 0;  // bits
    std::uint32_t alignment = 1;  // bytes
    bool bit_field = false;
    bool declared_padding = false;  // an unnamed bit-field
    bool tail_kept = false;  // a base whose tail padding is not reused
    std::uint64_t storage_end = 0;  // bits; of a bit-field: where something else may start
};

struct VirtualBase {
    TypeId type = TypeId::none;
    std::uint64_t offset = 0;  // bytes
    bool vtordisp = false;  // four bytes before it
};

// What the layout of a class must know of the classes it is made of.
struct ClassFacts {
    bool is_empty = false;
    bool is_polymorphic = false;
    bool is_dynamic = false;  // polymorphic, or with virtual bases
    bool is_pod = true;  // for the purpose of layout, by the profile's rule
    bool is_pod_cxx03 = true;  // by PodRule::clang_cxx03, which decides what attribute packed does
    bool is_trivial = true;
    bool is_standard_layout = true;
    bool has_fields = false;  // in itself or a base
    std::vector<TypeId> virtual_bases;  // direct and indirect, in the order of declaration, bases of a base first
};

struct RecordInfo {
    Layout layout;
    ClassFacts facts;
    std::vector<Slot> slots;
    std::vector<std::uint64_t> field_offsets;  // bits, by the index in Record::fields
    std::vector<std::uint64_t> base_offsets;  // bytes, by the index in Record::bases; of those that are not virtual
    std::vector<VirtualBase> virtual_bases;
    TypeId primary_base = TypeId::none;
    bool primary_is_virtual = false;
    // The alignment comes from an attribute on the record or, in GCC's view, a member: of a base of this type, and of a member.
    bool by_attribute = false;
    bool member_by_attribute = false;
    bool packed = false;                            // by an attribute that no member cancelled
    Mode mode = Mode::block;
    bool capped = false;  // LayoutRules::integer_field_alignment_cap applies: by its mode
    std::uint64_t mode_alignment = 1;  // bytes
    std::uint64_t used_nonvirtual_size = 0;  // bytes, without tail padding, whoever may use it
    std::uint64_t overlapping_size = 0;  // bytes that a [[no_unique_address]] member of this type keeps for itself
    std::uint64_t parts_end = 0;  // bytes, to the end of the last base or member, empty ones with their byte
    bool is_nearly_empty = false;        // Itanium: holds a table pointer and nothing else
    std::uint64_t largest_empty = 0;  // bytes, of the largest empty subobject
    std::uint32_t required_alignment = 1;  // Microsoft: what #pragma pack cannot take away
    bool has_own_vfptr = false;
    bool has_extendable_vfptr = false;  // Microsoft: a derived class may add to the table at offset 0
    std::optional<std::uint64_t> vbptr_offset;  // bytes
    bool ends_with_zero_size = false;  // Microsoft
    bool leads_with_zero_size = false;

    [[nodiscard]] std::uint64_t virtual_base_offset(TypeId type) const;
};

class Engine {
public:
    Engine(const TypeTable& types, const Profile& profile) : types_(types), profile_(profile) {}

    [[nodiscard]] const TypeTable& types() const { return types_; }
    [[nodiscard]] const Profile& profile() const { return profile_; }
    [[nodiscard]] const LayoutRules& rules() const { return profile_.layout; }

    [[nodiscard]] Result<Extent> extent(TypeId type);
    // The record that `type` is, through aliases and qualifiers. The pointer stays valid as long as the engine.
    [[nodiscard]] Result<const RecordInfo*> record(TypeId type);
    // The record that `type` or the element of `type` is; null when it is none.
    [[nodiscard]] Result<const RecordInfo*> record_or_element(TypeId type, TypeId* which = nullptr);

    // Records met so far of which a file leaves several readings (Record::other_readings).
    [[nodiscard]] const std::vector<TypeId>& several_readings() const { return several_readings_; }

    [[nodiscard]] Result<void> step();  // Error limit_reached after most_steps

private:
    friend class Nesting;
    [[nodiscard]] Result<Extent> extent_of(const Type& type, TypeId id);

    const TypeTable& types_;
    const Profile& profile_;
    std::unordered_map<TypeId, Result<std::unique_ptr<RecordInfo>>> records_;
    std::unordered_map<TypeId, bool> in_progress_;
    std::vector<TypeId> several_readings_;
    std::uint32_t depth_ = 0;
    std::uint64_t steps_ = 0;
};

// lay_out() by Record::fields alone, whatever Record::other_readings say.
[[nodiscard]] Result<Layout> lay_out_one_reading(const TypeTable& types, TypeId type, const Profile& profile);
// Error unsupported where the readings of one of the engine's records do not lie the same.
[[nodiscard]] Result<void> check_readings(const Engine& engine);

// Checked: a power of two of reasonable size.
[[nodiscard]] Result<void> check_alignment(std::uint64_t alignment);
[[nodiscard]] Result<void> check_size(std::uint64_t bytes);

[[nodiscard]] Result<Extent> enumeration_extent(const Enumeration& enumeration, const Type& type, Engine& engine);

[[nodiscard]] Result<Extent> member_pointer_extent(const Type& type, Engine& engine);

[[nodiscard]] Result<ClassFacts> class_facts(TypeId id, const Record& record, Engine& engine);

// `record.base_offsets`, slots and everything else but `facts`, which is there already.
[[nodiscard]] Result<void> lay_out_itanium(TypeId id, const Record& record, Engine& engine, RecordInfo& info);
[[nodiscard]] Result<void> lay_out_microsoft(TypeId id, const Record& record, Engine& engine, RecordInfo& info);
[[nodiscard]] Result<void> lay_out_go(TypeId id, const Record& record, Engine& engine, RecordInfo& info);

// Fills `info.layout.placed` and `info.layout.padding` from the slots.
void explain(const Record& record, const Engine& engine, RecordInfo& info);

}  // namespace abiscope::abi
