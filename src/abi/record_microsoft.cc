// Records under Microsoft's C++ ABI, C included. Microsoft documents little of it; the order of steps is what clang found out by experiment
// (clang/lib/AST/RecordLayoutBuilder.cpp, MicrosoftRecordLayoutBuilder): bases with a table pointer to share, the other bases, members,
// then the pointers of the class itself are pushed in, then virtual bases.
#include <algorithm>
#include <set>

#include "abi/empty_subobjects.h"
#include "abi/fields_microsoft.h"
#include "abi/layout_engine.h"
#include "abi/virtual_functions.h"
#include "base/checked.h"

namespace abiscope::abi {

namespace {

class MicrosoftRecord {
public:
    MicrosoftRecord(TypeId id, const Record& record, Engine& engine, RecordInfo& info)
        : id_(id),
          record_(record),
          engine_(engine),
          info_(info),
          empty_(engine, no_nodes_),
          is_cxx_(engine.types().at(id).language == Language::cxx) {
        std::uint32_t pointer = engine.profile().pointer;
        // #pragma pack above the size of a pointer is ignored.
        if (record.pack != 0 && record.pack <= pointer) fields_.pack = record.pack;
        if (record.packed) fields_.pack = 1;
        fields_.is_union = record.kind == RecordKind::union_;
        // 32-bit code does not round the size behind virtual bases unless an alignment is required.
        fields_.required_alignment = pointer == 8 ? 1 : 0;
        pointer_alignment_ = fields_.capped(pointer);
    }

    Result<void> lay_out();

private:
    [[nodiscard]] TypeId base_type(const Base& base) const { return engine_.types().resolve(base.type); }
    [[nodiscard]] bool shares_empty_bases() const { return record_.empty_bases; }

    Result<void> lay_out_bases();
    Result<void> place_base(std::uint32_t index, const RecordInfo& base);
    std::uint32_t adjusted_alignment(const RecordInfo& base);
    Result<void> lay_out_field(std::uint32_t index);
    Result<std::uint64_t> offset_of_member(const Field& field, const MicrosoftMember& member, bool overlapping_empty);
    void push_vbptr();
    void push_vfptr();
    Result<void> lay_out_virtual_bases();
    void finish();
    void add_table_slots();

    TypeId id_;
    const Record& record_;
    Engine& engine_;
    RecordInfo& info_;
    std::vector<BaseNode> no_nodes_;
    EmptySubobjects empty_;
    MicrosoftFields fields_;
    bool is_cxx_;
    std::uint32_t pointer_alignment_ = 1;
    bool has_vbptr_ = false;
    TypeId shared_vbptr_ = TypeId::none;
    std::uint64_t vbptr_ = 0;
    const RecordInfo* previous_base_ = nullptr;
};

std::uint32_t MicrosoftRecord::adjusted_alignment(const RecordInfo& base) {
    std::uint32_t alignment = fields_.capped(static_cast<std::uint32_t>(base.layout.alignment));
    info_.ends_with_zero_size = base.ends_with_zero_size;
    fields_.raise(alignment);
    fields_.required_alignment = std::max(fields_.required_alignment, base.required_alignment);
    return std::max(alignment, base.required_alignment);
}

Result<void> MicrosoftRecord::place_base(std::uint32_t index, const RecordInfo& base) {
    // Two neighbours of no size must not look like one object.
    if (previous_base_ != nullptr && previous_base_->ends_with_zero_size && base.leads_with_zero_size && !shares_empty_bases())
        ++fields_.size;
    std::uint32_t alignment = adjusted_alignment(base);
    std::uint64_t offset = 0;
    if (!shares_empty_bases() || !base.facts.is_empty || base.layout.nonvirtual_size != 0) {
        offset = fields_.size = align_up(fields_.size, alignment);
    }
    info_.base_offsets[index] = offset;
    fields_.size += base.layout.nonvirtual_size;
    fields_.data_size = fields_.size;
    previous_base_ = &base;
    TypeId type = base_type(record_.bases[index]);
    info_.slots.push_back({.role = Role::base,
                           .type = type,
                           .name = engine_.types().at(type).name,
                           .index = index,
                           .offset = offset * 8,
                           .size = std::min(base.used_nonvirtual_size, base.layout.nonvirtual_size) * 8,
                           .alignment = std::max<std::uint32_t>(alignment, 1),
                           .tail_kept = base.used_nonvirtual_size < base.layout.nonvirtual_size});
    return check_size(fields_.size);
}

Result<void> MicrosoftRecord::lay_out_bases() {
    bool has_polymorphic_base = false;
    for (std::uint32_t i = 0; i < record_.bases.size(); ++i) {
        ABISCOPE_TRY(const RecordInfo* base, engine_.record(record_.bases[i].type));
        has_polymorphic_base = has_polymorphic_base || base->facts.is_polymorphic;
        if (record_.bases[i].is_virtual) {
            has_vbptr_ = true;
            continue;
        }
        if (shared_vbptr_ == TypeId::none && base->vbptr_offset) {
            shared_vbptr_ = base_type(record_.bases[i]);
            has_vbptr_ = true;
        }
        if (!base->has_extendable_vfptr) continue;
        if (info_.primary_base == TypeId::none) {
            info_.primary_base = base_type(record_.bases[i]);
            info_.leads_with_zero_size = base->leads_with_zero_size;
        }
        ABISCOPE_CHECK(place_base(i, *base));
    }
    if (info_.facts.is_polymorphic) {
        if (!has_polymorphic_base) {
            info_.has_own_vfptr = true;
        } else if (info_.primary_base == TypeId::none) {
            ABISCOPE_TRY(info_.has_own_vfptr, introduces_virtual_function(id_, engine_));
        }
    }
    bool look_at_leading = info_.primary_base == TypeId::none;
    for (std::uint32_t i = 0; i < record_.bases.size(); ++i) {
        if (record_.bases[i].is_virtual) continue;
        ABISCOPE_TRY(const RecordInfo* base, engine_.record(record_.bases[i].type));
        if (!base->has_extendable_vfptr) {
            if (look_at_leading) {
                look_at_leading = false;
                info_.leads_with_zero_size = base->leads_with_zero_size;
            }
            ABISCOPE_CHECK(place_base(i, *base));
        }
        vbptr_ = info_.base_offsets[i] + base->layout.nonvirtual_size;
    }
    if (has_vbptr_ && shared_vbptr_ != TypeId::none) {
        ABISCOPE_TRY(const RecordInfo* shared, engine_.record(shared_vbptr_));
        for (std::uint32_t i = 0; i < record_.bases.size(); ++i) {
            if (!record_.bases[i].is_virtual && base_type(record_.bases[i]) == shared_vbptr_)
                vbptr_ = info_.base_offsets[i] + *shared->vbptr_offset;
        }
    }
    return {};
}

Result<std::uint64_t> MicrosoftRecord::offset_of_member(const Field& field, const MicrosoftMember& member, bool overlapping_empty) {
    if (fields_.is_union) return 0;
    if (!is_cxx_) return align_up(fields_.size, member.alignment);
    std::uint64_t offset = overlapping_empty ? 0 : align_up(fields_.data_size, member.alignment);
    while (true) {
        ABISCOPE_CHECK(engine_.step());
        ABISCOPE_TRY(bool fits, empty_.place_member(field, offset));
        if (fits) return offset;
        if (offset == 0 && fields_.data_size != 0 && !record_.bases.empty()) {
            offset = align_up(fields_.data_size, member.alignment);
        } else {
            offset += member.alignment;
        }
    }
}

Result<void> MicrosoftRecord::lay_out_field(std::uint32_t index) {
    const Field& field = record_.fields[index];
    MicrosoftMember member{.explicit_alignment = field.alignment, .packed = field.packed, .is_bit_field = field.bit_width.has_value()};
    ABISCOPE_TRY(member.type, engine_.extent(field.type));
    ABISCOPE_TRY(const RecordInfo* element, engine_.record_or_element(field.type));
    Slot slot{.role = Role::member, .type = field.type, .name = field.name, .index = index};
    if (field.bit_width) {
        if (*field.bit_width > member.type.size * 8) return fail(ErrorCode::bad_value, "a bit-field is wider than its type");
        fields_.adjust(member, nullptr);
        slot.role = Role::bit_field;
        slot.bit_field = true;
        slot.declared_padding = field.name.empty();
        slot.offset = fields_.place_bit_field(*field.bit_width, member);
        slot.size = *field.bit_width;
        slot.alignment = member.alignment;
        slot.storage_end = fields_.size * 8;
    } else {
        fields_.close_unit();
        if (element != nullptr) info_.ends_with_zero_size = element->ends_with_zero_size;
        fields_.adjust(member, element);
        fields_.raise(member.alignment);
        TypeId id = engine_.types().resolve(field.type);
        const Record* record = engine_.types().record(id);
        bool overlapping_empty =
            is_cxx_ && field.msvc_no_unique_address && record != nullptr && element->facts.is_empty && record->fields.empty();
        ABISCOPE_TRY(std::uint64_t offset, offset_of_member(field, member, overlapping_empty));
        if (!overlapping_empty) fields_.data_size = std::max(fields_.data_size, offset + member.type.size);
        fields_.size = std::max(fields_.size, offset + member.type.size);
        slot.offset = offset * 8;
        slot.size = overlapping_empty ? 0 : member.type.size * 8;
        slot.alignment = member.alignment;
    }
    info_.field_offsets[index] = slot.offset;
    info_.slots.push_back(std::move(slot));
    return check_size(fields_.size);
}

void MicrosoftRecord::push_vbptr() {
    if (!has_vbptr_ || shared_vbptr_ != TypeId::none) return;
    std::uint64_t site = vbptr_;
    std::uint32_t pointer = engine_.profile().pointer;
    vbptr_ = align_up(vbptr_, pointer_alignment_);
    std::uint64_t shift = align_up(vbptr_ + pointer - site, std::max(fields_.required_alignment, fields_.alignment));
    fields_.size += shift;
    for (Slot& slot : info_.slots) {
        if (slot.role == Role::base && slot.offset < site * 8) continue;
        slot.offset += shift * 8;
        slot.storage_end += shift * 8;
    }
    for (std::uint64_t& offset : info_.field_offsets) offset += shift * 8;
    for (std::uint64_t& offset : info_.base_offsets) {
        if (offset >= site) offset += shift;
    }
}

void MicrosoftRecord::push_vfptr() {
    if (!info_.has_own_vfptr) return;
    std::uint64_t shift = align_up(engine_.profile().pointer, std::max(fields_.required_alignment, fields_.alignment));
    vbptr_ += shift;
    fields_.size += shift;
    for (Slot& slot : info_.slots) {
        slot.offset += shift * 8;
        slot.storage_end += shift * 8;
    }
    for (std::uint64_t& offset : info_.field_offsets) offset += shift * 8;
    for (std::uint64_t& offset : info_.base_offsets) offset += shift;
}

void MicrosoftRecord::add_table_slots() {
    std::uint64_t bits = std::uint64_t{engine_.profile().pointer} * 8;
    if (info_.has_own_vfptr) info_.slots.push_back({.role = Role::vfptr, .size = bits, .alignment = pointer_alignment_});
    if (has_vbptr_ && shared_vbptr_ == TypeId::none) {
        info_.slots.push_back({.role = Role::vbptr, .offset = vbptr_ * 8, .size = bits, .alignment = pointer_alignment_});
    }
}

Result<void> MicrosoftRecord::lay_out_virtual_bases() {
    if (!has_vbptr_) return {};
    constexpr std::uint32_t vtordisp_size = 4;
    std::uint32_t vtordisp_alignment = fields_.capped(vtordisp_size);
    for (TypeId type : info_.facts.virtual_bases) {
        ABISCOPE_TRY(const RecordInfo* base, engine_.record(type));
        fields_.required_alignment = std::max(fields_.required_alignment, base->required_alignment);
    }
    vtordisp_alignment = std::max(vtordisp_alignment, fields_.required_alignment);
    ABISCOPE_TRY(std::set<TypeId> with_vtordisp, vtordisp_bases(id_, engine_));
    const RecordInfo* previous = nullptr;
    for (TypeId type : info_.facts.virtual_bases) {
        ABISCOPE_TRY(const RecordInfo* base, engine_.record(type));
        bool vtordisp = with_vtordisp.contains(type);
        bool alias = previous != nullptr && previous->ends_with_zero_size && base->leads_with_zero_size && !shares_empty_bases();
        if (alias || vtordisp) {
            fields_.size = align_up(fields_.size, vtordisp_alignment) + vtordisp_size;
            fields_.raise(vtordisp_alignment);
        }
        std::uint32_t alignment = adjusted_alignment(*base);
        std::uint64_t offset = align_up(fields_.size, alignment);
        if (vtordisp) {
            info_.slots.push_back({.role = Role::vtordisp,
                                   .offset = (offset - vtordisp_size) * 8,
                                   .size = std::uint64_t{vtordisp_size} * 8,
                                   .alignment = vtordisp_alignment});
        }
        std::optional<std::uint32_t> index;
        for (std::uint32_t i = 0; i < record_.bases.size(); ++i) {
            if (record_.bases[i].is_virtual && base_type(record_.bases[i]) == type) index = i;
        }
        info_.virtual_bases.push_back({.type = type, .offset = offset, .vtordisp = vtordisp});
        info_.slots.push_back({.role = Role::virtual_base,
                               .type = type,
                               .name = engine_.types().at(type).name,
                               .index = index,
                               .offset = offset * 8,
                               .size = std::min(base->used_nonvirtual_size, base->layout.nonvirtual_size) * 8,
                               .alignment = alignment,
                               .tail_kept = base->used_nonvirtual_size < base->layout.nonvirtual_size});
        fields_.size = offset + base->layout.nonvirtual_size;
        previous = base;
        ABISCOPE_CHECK(check_size(fields_.size));
    }
    return {};
}

void MicrosoftRecord::finish() {
    Layout& layout = info_.layout;
    layout.data_size = fields_.size;
    std::uint64_t size = fields_.size;
    if (fields_.required_alignment != 0) {
        fields_.raise(fields_.required_alignment);
        size = align_up(size, std::max(fields_.capped(fields_.alignment), fields_.required_alignment));
    }
    if (size == 0) {
        if (!(shares_empty_bases() && info_.facts.is_empty)) info_.ends_with_zero_size = info_.leads_with_zero_size = true;
        std::uint32_t smallest = is_cxx_ ? 1 : engine_.rules().empty_struct_size.value_or(1);
        size = fields_.required_alignment >= smallest ? fields_.alignment : smallest;
    }
    layout.size = size;
    layout.alignment = layout.nonvirtual_alignment = fields_.alignment;
    info_.required_alignment = fields_.required_alignment;
    info_.by_attribute = info_.member_by_attribute = engine_.types().at(id_).alignment != 0;
    info_.has_extendable_vfptr = info_.has_own_vfptr || info_.primary_base != TypeId::none;
    if (has_vbptr_) info_.vbptr_offset = vbptr_;
}

Result<void> MicrosoftRecord::lay_out() {
    if (!is_cxx_ && record_.fields.empty() && !engine_.rules().empty_struct_size) {
        return fail(ErrorCode::unsupported, "a struct of C without a member does not exist under " + engine_.profile().name);
    }
    if (fields_.is_union && !record_.bases.empty()) return fail(ErrorCode::bad_value, "a union has no bases");
    if (is_cxx_) {
        ABISCOPE_CHECK(empty_.measure(record_));
        ABISCOPE_CHECK(lay_out_bases());
    }
    for (std::uint32_t i = 0; i < record_.fields.size(); ++i) ABISCOPE_CHECK(lay_out_field(i));
    std::uint32_t own = engine_.types().at(id_).alignment;
    if (is_cxx_) {
        info_.used_nonvirtual_size = fields_.size;
        push_vbptr();
        push_vfptr();
        if (info_.has_own_vfptr || (has_vbptr_ && shared_vbptr_ == TypeId::none)) fields_.raise(pointer_alignment_);
        add_table_slots();
        info_.used_nonvirtual_size = fields_.size;
        fields_.size = align_up(fields_.size, fields_.capped(fields_.alignment));
        info_.layout.nonvirtual_size = fields_.size;
        fields_.required_alignment = std::max(fields_.required_alignment, own);
        ABISCOPE_CHECK(lay_out_virtual_bases());
    } else {
        fields_.size = align_up(fields_.size, fields_.alignment);
        fields_.required_alignment = std::max(fields_.required_alignment, own);
    }
    finish();
    if (!is_cxx_) info_.layout.nonvirtual_size = info_.layout.size;
    return {};
}

}  // namespace

Result<void> lay_out_microsoft(TypeId id, const Record& record, Engine& engine, RecordInfo& info) {
    return MicrosoftRecord(id, record, engine, info).lay_out();
}

}  // namespace abiscope::abi
