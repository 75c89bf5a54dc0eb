// Records under the Itanium C++ ABI (2.4), and every record of C where the ABI is not Microsoft's: bases, virtual table pointer, members,
// virtual bases, in this order.
#include <algorithm>
#include <set>

#include "abi/empty_subobjects.h"
#include "abi/field_placer.h"
#include "abi/layout_engine.h"
#include "base/checked.h"

namespace abiscope::abi {

namespace {

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
    Result<void> finish();
    void compute_mode();

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
    std::uint64_t size_ = 0;                         // bytes, empty classes included
    std::uint64_t padded_size_ = 0;                  // bytes, with the tail of members that others may lie in
};

Result<std::size_t> ItaniumRecord::add_node(TypeId type, bool is_virtual) {
    ABISCOPE_CHECK(engine_.step());
    if (is_virtual) {
        if (auto known = virtual_nodes_.find(type); known != virtual_nodes_.end()) return known->second;
    }
    std::size_t index = nodes_.size();
    ABISCOPE_TRY(const RecordInfo* info, engine_.record(type));
    nodes_.push_back({.type = type, .info = info, .is_virtual = is_virtual});
    if (is_virtual) virtual_nodes_[type] = index;
    // Claims the virtual base at its own address, unless another base was earlier.
    TypeId primary = info->primary_is_virtual ? info->primary_base : TypeId::none;
    auto claim = [&](std::size_t base) {
        nodes_[index].primary_virtual = base;
        nodes_[base].derived = index;
    };
    if (primary != TypeId::none) {
        if (auto known = virtual_nodes_.find(primary); known != virtual_nodes_.end()) {
            if (nodes_[known->second].derived == BaseNode::none) claim(known->second);
            primary = TypeId::none;
        }
    }
    for (const Base& base : engine_.types().record(type)->bases) {
        ABISCOPE_TRY(std::size_t child, add_node(base_type(base), base.is_virtual));
        nodes_[index].bases.push_back(child);
    }
    if (primary != TypeId::none) {
        if (auto known = virtual_nodes_.find(primary); known != virtual_nodes_.end()) claim(known->second);
    }
    return index;
}

Result<void> ItaniumRecord::make_nodes() {
    for (const Base& base : record_.bases) {
        ABISCOPE_TRY(std::size_t node, add_node(base_type(base), base.is_virtual));
        direct_.push_back(node);
    }
    return {};
}

// Virtual bases that serve as primary base somewhere below `record`.
Result<void> collect_primary(const Record& record, Engine& engine, std::set<TypeId>& found) {
    for (const Base& base : record.bases) {
        ABISCOPE_CHECK(engine.step());
        TypeId type = engine.types().resolve(base.type);
        ABISCOPE_TRY(const RecordInfo* info, engine.record(type));
        if (info->facts.virtual_bases.empty()) continue;
        if (info->primary_is_virtual) found.insert(info->primary_base);
        ABISCOPE_CHECK(collect_primary(*engine.types().record(type), engine, found));
    }
    return {};
}

Result<void> ItaniumRecord::select_primary_virtual_base(const Record& record, TypeId& first_nearly_empty) {
    for (const Base& base : record.bases) {
        ABISCOPE_CHECK(engine_.step());
        TypeId type = base_type(base);
        ABISCOPE_TRY(const RecordInfo* info, engine_.record(type));
        bool nearly_empty = info->facts.is_dynamic && info->layout.nonvirtual_size == engine_.profile().pointer;
        if (base.is_virtual && nearly_empty) {
            if (!indirect_primary_.contains(type)) {
                info_.primary_base = type;
                info_.primary_is_virtual = true;
                return {};
            }
            if (first_nearly_empty == TypeId::none) first_nearly_empty = type;
        }
        ABISCOPE_CHECK(select_primary_virtual_base(*engine_.types().record(type), first_nearly_empty));
        if (info_.primary_base != TypeId::none) return {};
    }
    return {};
}

Result<void> ItaniumRecord::find_primary_base() {
    if (!info_.facts.is_dynamic) return {};
    if (!info_.facts.virtual_bases.empty()) ABISCOPE_CHECK(collect_primary(record_, engine_, indirect_primary_));
    for (const Base& base : record_.bases) {
        ABISCOPE_TRY(const RecordInfo* info, engine_.record(base.type));
        if (base.is_virtual || !info->facts.is_dynamic) continue;
        info_.primary_base = base_type(base);
        return {};
    }
    TypeId first_nearly_empty = TypeId::none;
    ABISCOPE_CHECK(select_primary_virtual_base(record_, first_nearly_empty));
    if (info_.primary_base == TypeId::none && first_nearly_empty != TypeId::none) {
        info_.primary_base = first_nearly_empty;
        info_.primary_is_virtual = true;
    }
    return {};
}

Result<std::uint64_t> ItaniumRecord::place_base(std::size_t node, Role role, std::optional<std::uint32_t> index) {
    const RecordInfo& base = *nodes_[node].info;
    auto alignment = static_cast<std::uint32_t>(base.layout.nonvirtual_alignment);
    Slot slot{.role = role, .type = nodes_[node].type, .name = engine_.types().at(nodes_[node].type).name, .index = index};
    Member member{
        .type = {.size = base.layout.nonvirtual_size, .alignment = alignment, .natural = alignment, .by_attribute = base.by_attribute},
        .size = base.layout.nonvirtual_size};
    if (base.by_attribute) placer_->cursor.by_attribute = true;
    if (base.facts.is_empty) return place_empty_base(node, std::move(slot));
    Place place = placer_->preview(member);
    while (true) {
        ABISCOPE_CHECK(engine_.step());
        ABISCOPE_TRY(bool fits, empty_.place_base(node, place.offset / 8));
        if (fits) break;
        place = placer_->retry(member, place);
    }
    std::uint64_t offset = place.offset / 8;
    placer_->occupy(offset, base.layout.nonvirtual_size);
    size_ = std::max(size_, data_size());
    placer_->raise_alignment(place.alignment);
    slot.offset = offset * 8;
    slot.size = std::min(base.used_nonvirtual_size, base.layout.nonvirtual_size) * 8;
    slot.tail_kept = base.used_nonvirtual_size < base.layout.nonvirtual_size;
    slot.alignment = place.alignment;
    info_.slots.push_back(std::move(slot));
    ABISCOPE_CHECK(check_size(size_));
    return offset;
}

// Where empty classes do not align, neither does a limit on alignment hold for those that an attribute aligns.
void ItaniumRecord::align_for_empty(const RecordInfo& empty, std::uint32_t alignment) {
    if (engine_.rules().empty_classes_align) {
        placer_->raise_alignment(alignment);
    } else if (empty.by_attribute) {
        placer_->raise_alignment(static_cast<std::uint32_t>(empty.layout.nonvirtual_alignment));
        placer_->cursor.by_attribute = true;
    }
}

Result<std::uint64_t> ItaniumRecord::place_empty_base(std::size_t node, Slot slot) {
    const RecordInfo& base = *nodes_[node].info;
    auto alignment = static_cast<std::uint32_t>(base.layout.nonvirtual_alignment);
    ABISCOPE_TRY(bool fits, empty_.place_base(node, 0));
    std::uint64_t offset = 0;
    if (!fits) {
        if (engine_.rules().empty_classes_align && record_.pack != 0) alignment = std::min(alignment, record_.pack);
        offset = align_up(placer_->end(), alignment);
    }
    while (!fits) {
        ABISCOPE_CHECK(engine_.step());
        ABISCOPE_TRY(fits, empty_.place_base(node, offset));
        if (!fits) offset += alignment;
    }
    align_for_empty(base, alignment);
    size_ = std::max(size_, offset + base.layout.size);
    slot.offset = offset * 8;
    slot.alignment = alignment;
    info_.slots.push_back(std::move(slot));
    ABISCOPE_CHECK(check_size(size_));
    return offset;
}

Result<void> ItaniumRecord::place_primary_virtual_bases(std::size_t node, std::uint64_t offset) {
    ABISCOPE_CHECK(engine_.step());
    const BaseNode& base = nodes_[node];
    if (base.info->facts.virtual_bases.empty()) return {};
    if (base.primary_virtual != BaseNode::none && nodes_[base.primary_virtual].derived == node) {
        TypeId type = nodes_[base.primary_virtual].type;
        info_.virtual_bases.push_back({.type = type, .offset = offset});
        // It lies within the base that has claimed it, and is nothing but a table pointer.
        info_.slots.push_back({.role = Role::virtual_base,
                               .type = type,
                               .name = engine_.types().at(type).name,
                               .offset = offset * 8,
                               .size = nodes_[base.primary_virtual].info->layout.nonvirtual_size * 8,
                               .alignment = static_cast<std::uint32_t>(nodes_[base.primary_virtual].info->layout.nonvirtual_alignment)});
        ABISCOPE_CHECK(place_primary_virtual_bases(base.primary_virtual, offset));
    }
    for (std::size_t i = 0; i < base.bases.size(); ++i) {
        if (!nodes_[base.bases[i]].is_virtual)
            ABISCOPE_CHECK(place_primary_virtual_bases(base.bases[i], offset + base.info->base_offsets[i]));
    }
    return {};
}

Result<void> ItaniumRecord::place_virtual_base(std::size_t node) {
    std::optional<std::uint32_t> index;
    for (std::uint32_t i = 0; i < record_.bases.size(); ++i) {
        if (record_.bases[i].is_virtual && direct_[i] == node) index = i;
    }
    ABISCOPE_TRY(std::uint64_t offset, place_base(node, Role::virtual_base, index));
    info_.virtual_bases.push_back({.type = nodes_[node].type, .offset = offset});
    return place_primary_virtual_bases(node, offset);
}

Result<void> ItaniumRecord::lay_out_bases() {
    ABISCOPE_CHECK(find_primary_base());
    ABISCOPE_CHECK(make_nodes());
    auto lay_out_base = [&](std::uint32_t index) -> Result<void> {
        ABISCOPE_TRY(std::uint64_t offset, place_base(direct_[index], Role::base, index));
        info_.base_offsets[index] = offset;
        return place_primary_virtual_bases(direct_[index], offset);
    };
    auto is_primary = [&](std::uint32_t i) {
        return !record_.bases[i].is_virtual && !info_.primary_is_virtual && base_type(record_.bases[i]) == info_.primary_base;
    };
    if (info_.primary_base != TypeId::none) {
        if (info_.primary_is_virtual) {
            std::size_t node = virtual_nodes_.at(info_.primary_base);
            nodes_[node].derived = BaseNode::none;
            indirect_primary_.insert(info_.primary_base);
            visited_.insert(info_.primary_base);
            ABISCOPE_CHECK(place_virtual_base(node));
        } else {
            for (std::uint32_t i = 0; i < record_.bases.size(); ++i) {
                if (is_primary(i)) ABISCOPE_CHECK(lay_out_base(i));
            }
        }
    } else if (info_.facts.is_dynamic) {
        std::uint32_t pointer = engine_.profile().pointer;
        Member vptr{.packed = info_.packed, .type = {.size = pointer, .alignment = pointer, .natural = pointer}, .size = pointer};
        Place place = placer_->place(vptr);
        info_.slots.push_back(
            {.role = Role::vfptr, .offset = place.offset, .size = std::uint64_t{pointer} * 8, .alignment = place.alignment});
        info_.has_own_vfptr = true;
        size_ = data_size();
    }
    for (std::uint32_t i = 0; i < record_.bases.size(); ++i) {
        if (!record_.bases[i].is_virtual && !is_primary(i)) ABISCOPE_CHECK(lay_out_base(i));
    }
    return {};
}

Result<void> ItaniumRecord::lay_out_virtual_bases(const Record& record, TypeId primary, bool primary_is_virtual) {
    for (const Base& base : record.bases) {
        ABISCOPE_CHECK(engine_.step());
        TypeId type = base_type(base);
        ABISCOPE_TRY(const RecordInfo* info, engine_.record(type));
        if (base.is_virtual && !(primary_is_virtual && primary == type) && !indirect_primary_.contains(type)) {
            if (!visited_.insert(type).second) continue;
            ABISCOPE_CHECK(place_virtual_base(virtual_nodes_.at(type)));
        }
        if (info->facts.virtual_bases.empty()) continue;
        ABISCOPE_CHECK(lay_out_virtual_bases(*engine_.types().record(type), info->primary_base, info->primary_is_virtual));
    }
    return {};
}

Result<void> ItaniumRecord::finish() {
    const LayoutRules& rules = engine_.rules();
    if (is_cxx() && size_ == 0 && info_.facts.is_empty) size_ = 1;
    size_ = std::max(size_, padded_size_);
    std::uint32_t alignment = placer_->cursor.alignment;
    Layout& layout = info_.layout;
    layout.alignment = alignment;
    layout.size = align_up(size_, alignment);
    layout.data_size = data_size();
    bool keeps_tail = !is_cxx() || info_.facts.is_pod;
    if (keeps_tail) layout.data_size = layout.nonvirtual_size = layout.size;
    info_.by_attribute = placer_->cursor.by_attribute || engine_.types().at(id_).alignment != 0;
    info_.largest_empty = empty_.largest();
    if (rules.integer_field_alignment_cap != 0) compute_mode();
    return {};
}

// Which machine mode GCC gives the record: integer when it is as large as one and no member is a block (gcc/stor-layout.cc,
// compute_record_mode).
void ItaniumRecord::compute_mode() {
    Mode whole = Mode::block;
    for (const Slot& slot : info_.slots) {
        if (slot.role == Role::base || slot.role == Role::virtual_base || !slot.index) continue;
        auto extent = engine_.extent(slot.type);
        if (!extent) return;
        if (extent->mode == Mode::block && extent->size != 0 && !slot.bit_field) return;
        if (slot.size == info_.layout.size * 8) whole = extent->mode;
    }
    if (whole != Mode::block && (!is_union_ || whole == Mode::integer)) {
        info_.mode = whole;
        return;
    }
    std::uint64_t size = info_.layout.size;
    if (is_power_of_two(size) && size <= engine_.profile().pointer * 2) info_.mode = Mode::integer;
}

Result<void> ItaniumRecord::lay_out() {
    if (std::uint32_t alignment = engine_.types().at(id_).alignment; alignment != 0) placer_->raise_alignment(alignment);
    if (is_cxx()) ABISCOPE_CHECK(empty_.measure(record_));
    if (is_union_ && !record_.bases.empty()) return fail(ErrorCode::bad_value, "a union has no bases");
    info_.packed = record_.packed;
    if (engine_.rules().packed_members == PackedMembers::not_pod_nor_array) {
        for (const Field& field : record_.fields) {
            ABISCOPE_TRY(bool stays, stays_unpacked(field));
            if (stays) info_.packed = false;
        }
    }
    ABISCOPE_CHECK(lay_out_bases());
    for (std::uint32_t i = 0; i < record_.fields.size(); ++i) ABISCOPE_CHECK(lay_out_field(i));
    info_.layout.nonvirtual_size = size_;
    info_.layout.nonvirtual_alignment = placer_->cursor.alignment;
    info_.used_nonvirtual_size = data_size();
    // Virtual bases start at a whole byte.
    placer_->cursor.next_bit = align_up(placer_->cursor.next_bit, 8);
    ABISCOPE_CHECK(lay_out_virtual_bases(record_, info_.primary_base, info_.primary_is_virtual));
    return finish();
}

// The scalar that a member or its elements are, through typedefs: Microsoft's bit-field style aligns it to its size.
std::uint64_t builtin_size(TypeId type, Engine& engine) {
    for (std::uint32_t steps = 0; steps < deepest_nesting; ++steps) {
        TypeId id = engine.types().resolve(type);
        if (!engine.types().contains(id)) return 0;
        const Type& resolved = engine.types().at(id);
        if (resolved.kind != Kind::array) {
            if (resolved.kind != Kind::scalar || resolved.scalar == Scalar::bit_int || resolved.scalar == Scalar::unsigned_bit_int)
                return 0;
            auto extent = engine.extent(id);
            return extent ? extent->size : 0;
        }
        type = resolved.target;
    }
    return 0;
}

// A member that attribute packed of the record does not reach.
Result<bool> ItaniumRecord::stays_unpacked(const Field& field) {
    const LayoutRules& rules = engine_.rules();
    if (!is_cxx() || rules.packed_members == PackedMembers::all) return false;
    TypeId id = engine_.types().resolve(field.type);
    bool reads_through = rules.packed_members == PackedMembers::not_pod_nor_array;
    if (reads_through && engine_.types().contains(id) && engine_.types().at(id).kind == Kind::reference) return true;
    if (!reads_through && engine_.types().record(id) == nullptr) return false;
    ABISCOPE_TRY(const RecordInfo* judged, engine_.record_or_element(field.type));
    if (judged == nullptr || judged->packed) return false;
    return !(rules.pod == PodRule::clang_cxx03 ? judged->facts.is_pod_cxx03 : judged->facts.is_pod);
}

Result<Member> ItaniumRecord::describe(const Field& field, bool last, bool* overlapping_empty) {
    const LayoutRules& rules = engine_.rules();
    Member member{.bit_width = field.bit_width, .named = !field.name.empty(), .last = last, .explicit_alignment = field.alignment};
    ABISCOPE_TRY(member.type, engine_.extent(field.type));
    member.size = member.type.size;
    TypeId id = engine_.types().resolve(field.type);
    const RecordInfo* direct = nullptr;
    if (engine_.types().record(id) != nullptr) {
        ABISCOPE_TRY(direct, engine_.record(id));
    }
    ABISCOPE_TRY(bool stays, stays_unpacked(field));
    member.packed = field.packed || (record_.packed && !stays);
    member.builtin_size = builtin_size(field.type, engine_);
    if (field.no_unique_address && direct != nullptr && is_cxx()) {
        *overlapping_empty = direct->facts.is_empty && !is_union_;
        member.size = std::max(direct->layout.nonvirtual_size, direct->layout.data_size);
    }
    if (field.bit_width && *field.bit_width > member.type.size * 8 && member.type.size != 0) {
        if (!is_cxx()) return fail(ErrorCode::bad_value, "a bit-field is wider than its type");
        std::uint32_t size = 1;
        while (size * 2 <= rules.widest_container && size * 2 * 8 <= *field.bit_width) size *= 2;
        member.container_size = size;
        Scalar scalar = size == 8 ? Scalar::long_long : Scalar::int128;
        const ScalarRule& rule = engine_.profile().scalar(scalar);
        member.container_alignment = size < 8 ? size : (rules.integer_field_alignment_cap != 0 ? rule.alignment : rule.in_record);
    }
    return member;
}

// At 0 if possible, else behind the data.
Result<Place> ItaniumRecord::place_empty_member(const Field& field, const Member& member) {
    ABISCOPE_TRY(const RecordInfo* info, engine_.record(field.type));
    Place place = placer_->preview(member);
    const bool aligns = engine_.rules().empty_classes_align;
    if (!aligns) place.alignment = std::max(member.explicit_alignment, member.type.alignment);
    place.offset = 0;
    while (true) {
        ABISCOPE_CHECK(engine_.step());
        ABISCOPE_TRY(bool fits, empty_.place_member(field, place.offset / 8));
        if (fits) break;
        if (place.offset == 0 && placer_->end() != 0) {
            place.offset = align_up(placer_->end(), aligns ? place.alignment : member.type.alignment) * 8;
        } else {
            place.offset += std::uint64_t{place.alignment} * 8;
        }
    }
    placer_->pass();
    align_for_empty(*info, place.alignment);
    if (!aligns && member.explicit_alignment != 0) placer_->raise_alignment(place.alignment);
    return place;
}

Result<void> ItaniumRecord::lay_out_field(std::uint32_t index) {
    const Field& field = record_.fields[index];
    bool overlapping_empty = false;
    ABISCOPE_TRY(Member member, describe(field, index + 1 == record_.fields.size(), &overlapping_empty));
    Slot slot{.role = member.is_bit_field() ? Role::bit_field : Role::member,
              .type = field.type,
              .name = field.name,
              .index = index,
              .size = member.bits()};
    Place place;
    if (member.is_bit_field()) {
        place = placer_->place(member);
        slot.bit_field = true;
        slot.declared_padding = field.name.empty();
        slot.storage_end = placer_->cursor.data_bits;
    } else if (!is_cxx() || is_union_) {
        place = placer_->place(member);
    } else if (overlapping_empty) {
        ABISCOPE_TRY(place, place_empty_member(field, member));
    } else {
        place = placer_->preview(member);
        bool moved = false;
        while (true) {
            ABISCOPE_CHECK(engine_.step());
            ABISCOPE_TRY(bool fits, empty_.place_member(field, place.offset / 8));
            if (fits) break;
            place = placer_->retry(member, place);
            moved = true;
        }
        if (moved) {
            placer_->raise_alignment(place.alignment);
            placer_->occupy(place.offset / 8, member.size);
        } else {
            placer_->place(member);
        }
    }
    slot.offset = place.offset;
    slot.alignment = place.alignment;
    info_.field_offsets[index] = place.offset;
    if (overlapping_empty) {
        size_ = std::max(size_, place.offset / 8 + member.type.size);
        slot.size = 0;
    } else {
        if (!member.is_bit_field()) padded_size_ = std::max(padded_size_, place.offset / 8 + member.type.size);
        size_ = std::max(size_, data_size());
    }
    ABISCOPE_CHECK(check_size(std::max(size_, padded_size_)));
    info_.slots.push_back(std::move(slot));
    return {};
}

}  // namespace

Result<void> lay_out_itanium(TypeId id, const Record& record, Engine& engine, RecordInfo& info) {
    return ItaniumRecord(id, record, engine, info).lay_out();
}

}  // namespace abiscope::abi
