// Bases of a record under the Itanium C++ ABI 2.4, II.
#include <algorithm>
#include <utility>

#include "abi/record_itanium.h"
#include "base/checked.h"

namespace abiscope::abi {

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

namespace {

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

}  // namespace

Result<void> ItaniumRecord::select_primary_virtual_base(const Record& record, TypeId& first_nearly_empty) {
    for (const Base& base : record.bases) {
        ABISCOPE_CHECK(engine_.step());
        TypeId type = base_type(base);
        ABISCOPE_TRY(const RecordInfo* info, engine_.record(type));
        if (base.is_virtual && info->is_nearly_empty) {
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
    parts_end_ = std::max(parts_end_, offset + base.layout.nonvirtual_size);
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
    // GCC 12, gcc/cp/class.cc, end_of_class: of a virtual base that is empty, what is in it counts, not its byte.
    parts_end_ = std::max(parts_end_, offset + (slot.role == Role::base ? base.layout.size : base.parts_end));
    if (slot.role == Role::base && offset != 0) empty_base_moved_ = true;
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
        size_ = parts_end_ = data_size();
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
        if (base.is_virtual && (!primary_is_virtual || primary != type) && !indirect_primary_.contains(type)) {
            if (!visited_.insert(type).second) continue;
            ABISCOPE_CHECK(place_virtual_base(virtual_nodes_.at(type)));
        }
        if (info->facts.virtual_bases.empty()) continue;
        ABISCOPE_CHECK(lay_out_virtual_bases(*engine_.types().record(type), info->primary_base, info->primary_is_virtual));
    }
    return {};
}

}  // namespace abiscope::abi
