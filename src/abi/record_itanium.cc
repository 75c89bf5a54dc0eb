#include "abi/record_itanium.h"

#include <algorithm>
#include <utility>

#include "base/checked.h"

namespace abiscope::abi {

// Itanium C++ ABI 1.1: a table pointer, perhaps in the one base that is nearly empty itself, and nothing else.
Result<bool> ItaniumRecord::is_nearly_empty() {
    if (!info_.facts.is_dynamic) return false;
    if (engine_.rules().nearly_empty_by_size) return info_.layout.nonvirtual_size == engine_.profile().pointer;
    if (empty_base_moved_) return false;
    bool seen = false;
    for (const Base& base : record_.bases) {
        if (base.is_virtual) continue;
        ABISCOPE_TRY(const RecordInfo* info, engine_.record(base.type));
        if (info->is_nearly_empty ? std::exchange(seen, true) : !info->facts.is_empty) return false;
    }
    for (const Field& field : record_.fields) {
        if (field.bit_width == 0U) continue;
        TypeId id = engine_.types().resolve(field.type);
        if (!field.no_unique_address || engine_.types().record(id) == nullptr) return false;
        ABISCOPE_TRY(const RecordInfo* info, engine_.record(id));
        if (!info->facts.is_empty) return false;
    }
    return true;
}

Result<void> ItaniumRecord::finish() {
    const LayoutRules& rules = engine_.rules();
    if (is_cxx() && size_ == 0 && info_.facts.is_empty) size_ = 1;
    if (!rules.no_unique_address_to_data) size_ = std::max(size_, padded_size_);
    std::uint32_t alignment = placer_->cursor.alignment;
    Layout& layout = info_.layout;
    layout.alignment = alignment;
    layout.size = align_up(size_, alignment);
    layout.data_size = data_size();
    bool keeps_tail = !is_cxx() || info_.facts.is_pod;
    if (keeps_tail) layout.data_size = layout.nonvirtual_size = layout.size;
    info_.parts_end = parts_end_;
    info_.overlapping_size = std::max(layout.nonvirtual_size, layout.data_size);
    if (rules.no_unique_address_to_data && !keeps_tail) info_.overlapping_size = parts_end_;
    ABISCOPE_TRY(info_.is_nearly_empty, is_nearly_empty());
    info_.by_attribute = is_by_attribute();
    info_.largest_empty = empty_.largest();
    if (rules.integer_field_alignment_cap != 0 || rules.strict_alignment) compute_mode();
    // gcc/stor-layout.cc, finalize_type_size.
    bool forgotten = rules.strict_alignment && info_.mode != Mode::block && info_.mode_alignment == alignment;
    info_.member_by_attribute = info_.by_attribute && !forgotten;
    return {};
}

// Which machine mode GCC gives the record: integer when it is as large as one and no member is a block (gcc/stor-layout.cc,
// compute_record_mode).
void ItaniumRecord::compute_mode() {
    Mode whole = Mode::block;
    TypeId only = TypeId::none;
    for (const Slot& slot : info_.slots) {
        if (slot.role == Role::base || slot.role == Role::virtual_base || !slot.index) continue;
        auto extent = engine_.extent(slot.type);
        if (!extent) return;
        if (extent->mode == Mode::block && extent->size != 0 && !slot.bit_field) return;
        if (slot.size == info_.layout.size * 8 && whole == Mode::block) {
            whole = extent->mode;
            only = slot.type;
        }
    }
    if (whole != Mode::block && (!is_union_ || whole == Mode::integer)) {
        info_.mode = whole;
        info_.capped = whole == Mode::integer || has_capped_mode(only);
        info_.mode_alignment = whole == Mode::integer ? info_.layout.size : mode_alignment_of(only);
        return;
    }
    std::uint64_t size = info_.layout.size;
    if (is_power_of_two(size) && size <= std::uint64_t{engine_.profile().pointer} * 2) {
        info_.mode = Mode::integer;
        info_.mode_alignment = size;
    }
    info_.capped = info_.mode == Mode::integer;
}

// gcc/config/i386/i386.cc, x86_field_alignment: a record of nothing but a double has its mode. That the double is atomic is not the
// record's.
bool ItaniumRecord::has_capped_mode(TypeId type) {
    type = engine_.types().resolve(type);
    if (engine_.types().contains(type) && engine_.types().at(type).kind == Kind::atomic) type = engine_.types().at(type).target;
    auto extent = engine_.extent(type);
    return extent && extent->capped;
}

std::uint64_t ItaniumRecord::mode_alignment_of(TypeId type) {
    type = engine_.types().resolve(type);
    if (auto inner = engine_.record_or_element(type); inner && *inner != nullptr) return (*inner)->mode_alignment;
    auto extent = engine_.extent(type);
    return extent ? extent->natural : 1;
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
    bool by_attribute = is_by_attribute();
    info_.used_nonvirtual_size = data_size();
    // Virtual bases start at a whole byte.
    placer_->cursor.next_bit = align_up(placer_->cursor.next_bit, 8);
    ABISCOPE_CHECK(lay_out_virtual_bases(record_, info_.primary_base, info_.primary_is_virtual));
    ABISCOPE_CHECK(finish());
    if (engine_.rules().placement != Placement::stor_layout) return {};
    // gcc/cp/class.cc, layout_class_type: a type of its own for bases, and so the alignment it had without virtual bases, only where they
    // differ.
    bool plain = info_.facts.is_pod && !info_.facts.is_empty;
    bool one_type = plain || (info_.layout.nonvirtual_size == info_.layout.size && by_attribute == info_.member_by_attribute);
    if (one_type) info_.layout.nonvirtual_alignment = info_.layout.alignment;
    info_.by_attribute = one_type ? info_.member_by_attribute : by_attribute;
    return {};
}

namespace {

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

}  // namespace

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
        *overlapping_empty = direct->facts.is_empty;
        member.size = direct->overlapping_size;
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
    while (!is_union_) {
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
        slot.storage_end = std::max(placer_->cursor.data_bits, placer_->cursor.unit_bits);
    } else if (!is_cxx() || (is_union_ && !overlapping_empty)) {
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
            static_cast<void>(placer_->place(member));
        }
    }
    slot.offset = place.offset;
    slot.alignment = place.alignment;
    info_.field_offsets[index] = place.offset;
    if (overlapping_empty) {
        size_ = std::max(size_, place.offset / 8 + member.type.size);
        parts_end_ = std::max(parts_end_, place.offset / 8 + member.type.size);
        slot.size = 0;
    } else {
        // GCC 12 counts the byte a bit-field starts in and its width in bytes: the last bits may be missed, and what is wider than its type
        // counts as the type it is placed as.
        std::uint64_t bits = member.container_size != 0 ? std::uint64_t{member.container_size} * 8 : member.bits();
        parts_end_ = std::max(parts_end_, place.offset / 8 + (bits + 7) / 8);
        if (!member.is_bit_field()) padded_size_ = std::max(padded_size_, place.offset / 8 + member.type.size);
        size_ = std::max(size_, data_size());
    }
    ABISCOPE_CHECK(check_size(std::max(size_, padded_size_)));
    info_.slots.push_back(std::move(slot));
    return {};
}

Result<void> lay_out_itanium(TypeId id, const Record& record, Engine& engine, RecordInfo& info) {
    return ItaniumRecord(id, record, engine, info).lay_out();
}

}  // namespace abiscope::abi
