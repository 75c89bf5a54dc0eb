// One record under the Itanium C++ ABI (2.4), and every record of C where the ABI is not Microsoft's, while it is laid out: bases, virtual
// table pointer, members, virtual bases, in this order. record_itanium_bases.cc has the bases, record_itanium.cc the rest.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "abi/empty_subobjects.h"
#include "abi/field_placer.h"
#include "abi/layout_engine.h"

namespace abiscope::abi {

class ItaniumRecord {
public:
    ItaniumRecord(TypeId id, const Record& record, Engine& engine, RecordInfo& info)
        : id_(id), record_(record), engine_(engine), info_(info), empty_(engine, nodes_) {
        const LayoutRules& rules = engine.rules();
        RecordRules own{.is_union = record.kind == RecordKind::union_,
                        .is_cxx = is_cxx(),
                        .pack = record.pack,
                        .alignment = std::max<std::uint32_t>(1, engine.types().at(id).alignment)};
        own.microsoft_bit_fields =
            record.bit_fields == BitFieldStyle::profile ? rules.microsoft_bit_fields : record.bit_fields == BitFieldStyle::microsoft;
        is_union_ = own.is_union;
        placer_ = rules.placement == Placement::stor_layout ? make_gnu_placer(own, rules) : make_itanium_placer(own, rules);
    }

    Result<void> lay_out();

private:
    [[nodiscard]] bool is_cxx() const { return engine_.types().at(id_).language == Language::cxx; }
    [[nodiscard]] std::uint64_t data_size() const { return placer_->cursor.data_bits / 8; }
    [[nodiscard]] TypeId base_type(const Base& base) const { return engine_.types().resolve(base.type); }

    Result<std::size_t> add_node(TypeId type, bool is_virtual);
    Result<void> make_nodes();
    Result<void> find_primary_base();
    Result<void> select_primary_virtual_base(const Record& record, TypeId& first_nearly_empty);
    Result<void> lay_out_bases();
    Result<std::uint64_t> place_base(std::size_t node, Role role, std::optional<std::uint32_t> index);
    Result<std::uint64_t> place_empty_base(std::size_t node, Slot slot);
    void align_for_empty(const RecordInfo& empty, std::uint32_t alignment);
    Result<void> place_virtual_base(std::size_t node);
    Result<void> place_primary_virtual_bases(std::size_t node, std::uint64_t offset);
    Result<void> lay_out_virtual_bases(const Record& record, TypeId primary, bool primary_is_virtual);
    Result<bool> stays_unpacked(const Field& field);
    Result<Member> describe(const Field& field, bool last, bool* overlapping_empty);
    Result<Place> place_empty_member(const Field& field, const Member& member);
    Result<void> lay_out_field(std::uint32_t index);
    Result<bool> is_nearly_empty();
    Result<void> finish();
    [[nodiscard]] bool is_by_attribute() const { return placer_->cursor.by_attribute || engine_.types().at(id_).alignment != 0; }
    void compute_mode();
    [[nodiscard]] bool has_capped_mode(TypeId type);
    [[nodiscard]] std::uint64_t mode_alignment_of(TypeId type);

    TypeId id_;
    const Record& record_;
    Engine& engine_;
    RecordInfo& info_;
    std::vector<BaseNode> nodes_;
    std::vector<std::size_t> direct_;                // nodes of the direct bases
    std::map<TypeId, std::size_t> virtual_nodes_;
    EmptySubobjects empty_;
    std::unique_ptr<FieldPlacer> placer_;
    std::set<TypeId> indirect_primary_;              // virtual bases that are primary bases of other bases
    std::set<TypeId> visited_;
    bool is_union_ = false;
    bool empty_base_moved_ = false;
    std::uint64_t size_ = 0;                         // bytes, empty classes included
    std::uint64_t parts_end_ = 0;  // bytes, of the bases and members as declared
    std::uint64_t padded_size_ = 0;                  // bytes, with the tail of members that others may lie in
};

}  // namespace abiscope::abi
