#include "abi/empty_subobjects.h"

#include <algorithm>

namespace abiscope::abi {

namespace {

// An array of classes as its element and how many there are; a class counts once.
struct Elements {
    EmptyClass which;
    const RecordInfo* info = nullptr;
    std::uint64_t count = 1;
    bool is_array = false;
};

void add_qualifiers(TypeId type, const TypeTable& types, EmptyClass& to) {
    for (std::uint32_t steps = 0; steps < deepest_nesting && types.contains(type); ++steps, type = types.at(type).target) {
        const Type& here = types.at(type);
        if (here.kind != Kind::alias && here.kind != Kind::qualified) return;
        to.is_const = to.is_const || here.is_const;
        to.is_volatile = to.is_volatile || here.is_volatile;
    }
}

Result<Elements> elements(TypeId type, Engine& engine) {
    Elements result;
    for (std::uint32_t steps = 0; steps < deepest_nesting; ++steps) {
        TypeId id = engine.types().resolve(type);
        if (engine.profile().compiler == Compiler::gcc) add_qualifiers(type, engine.types(), result.which);
        if (!engine.types().contains(id)) return result;
        const Type& resolved = engine.types().at(id);
        if (resolved.kind == Kind::array) {
            result.is_array = true;
            // The extents were checked when the members were measured: the product fits.
            result.count *= resolved.count.value_or(0);
            type = resolved.target;
            continue;
        }
        if (resolved.kind != Kind::record || resolved.language != Language::cxx) return result;
        ABISCOPE_TRY(result.info, engine.record(id));
        result.which.type = id;
        return result;
    }
    return fail(ErrorCode::limit_reached, "types are nested too deeply");
}

}  // namespace

Result<void> EmptySubobjects::measure(const Record& record) {
    auto count = [&](const RecordInfo& info) {
        largest_ = std::max(largest_, info.facts.is_empty ? info.layout.size : info.largest_empty);
    };
    for (const Base& base : record.bases) {
        ABISCOPE_TRY(const RecordInfo* info, engine_.record(base.type));
        count(*info);
    }
    for (const Field& field : record.fields) {
        ABISCOPE_TRY(Elements element, elements(field.type, engine_));
        if (element.info != nullptr) count(*element.info);
    }
    return {};
}

bool EmptySubobjects::taken(EmptyClass which, std::uint64_t offset) const {
    auto at = taken_.find(offset);
    return at != taken_.end() && std::ranges::find(at->second, which) != at->second.end();
}

void EmptySubobjects::take(EmptyClass which, std::uint64_t offset) {
    std::vector<EmptyClass>& list = taken_[offset];
    if (std::ranges::find(list, which) == list.end()) list.push_back(which);
}

Result<bool> EmptySubobjects::base_fits(std::size_t index, std::uint64_t offset) {
    if (beyond(offset)) return true;
    ABISCOPE_CHECK(engine_.step());
    const BaseNode& node = nodes_[index];
    if (node.info->facts.is_empty && taken({node.type}, offset)) return false;
    for (std::size_t i = 0; i < node.bases.size(); ++i) {
        if (nodes_[node.bases[i]].is_virtual) continue;
        ABISCOPE_TRY(bool fits, base_fits(node.bases[i], offset + node.info->base_offsets[i]));
        if (!fits) return false;
    }
    if (node.primary_virtual != BaseNode::none && nodes_[node.primary_virtual].derived == index) {
        ABISCOPE_TRY(bool fits, base_fits(node.primary_virtual, offset));
        if (!fits) return false;
    }
    const Record& record = *engine_.types().record(node.type);
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (record.fields[i].bit_width) continue;
        ABISCOPE_TRY(bool fits, type_fits(record.fields[i].type, offset + node.info->field_offsets[i] / 8));
        if (!fits) return false;
    }
    return true;
}

Result<void> EmptySubobjects::add_base(std::size_t index, std::uint64_t offset, bool is_empty) {
    if (!is_empty && offset >= largest_) return {};
    ABISCOPE_CHECK(engine_.step());
    const BaseNode& node = nodes_[index];
    if (node.info->facts.is_empty) take({node.type}, offset);
    for (std::size_t i = 0; i < node.bases.size(); ++i) {
        if (!nodes_[node.bases[i]].is_virtual) ABISCOPE_CHECK(add_base(node.bases[i], offset + node.info->base_offsets[i], is_empty));
    }
    if (node.primary_virtual != BaseNode::none && nodes_[node.primary_virtual].derived == index) {
        ABISCOPE_CHECK(add_base(node.primary_virtual, offset, is_empty));
    }
    const Record& record = *engine_.types().record(node.type);
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (!record.fields[i].bit_width)
            ABISCOPE_CHECK(add_type(record.fields[i].type, offset + node.info->field_offsets[i] / 8, is_empty));
    }
    return {};
}

Result<bool> EmptySubobjects::class_fits(EmptyClass which, bool complete, std::uint64_t offset) {
    if (beyond(offset)) return true;
    ABISCOPE_CHECK(engine_.step());
    ABISCOPE_TRY(const RecordInfo* info, engine_.record(which.type));
    if (info->facts.is_empty && taken(which, offset)) return false;
    const Record& record = *engine_.types().record(which.type);
    for (std::size_t i = 0; i < record.bases.size(); ++i) {
        if (record.bases[i].is_virtual) continue;
        ABISCOPE_TRY(bool fits, class_fits({engine_.types().resolve(record.bases[i].type)}, false, offset + info->base_offsets[i]));
        if (!fits) return false;
    }
    if (complete) {
        for (const VirtualBase& base : info->virtual_bases) {
            ABISCOPE_TRY(bool fits, class_fits({base.type}, false, offset + base.offset));
            if (!fits) return false;
        }
    }
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (record.fields[i].bit_width) continue;
        ABISCOPE_TRY(bool fits, type_fits(record.fields[i].type, offset + info->field_offsets[i] / 8));
        if (!fits) return false;
    }
    return true;
}

Result<void> EmptySubobjects::add_class(EmptyClass which, bool complete, std::uint64_t offset, bool overlapping) {
    if (!overlapping && offset >= largest_) return {};
    ABISCOPE_CHECK(engine_.step());
    ABISCOPE_TRY(const RecordInfo* info, engine_.record(which.type));
    if (info->facts.is_empty) take(which, offset);
    const Record& record = *engine_.types().record(which.type);
    for (std::size_t i = 0; i < record.bases.size(); ++i) {
        if (record.bases[i].is_virtual) continue;
        ABISCOPE_CHECK(add_class({engine_.types().resolve(record.bases[i].type)}, false, offset + info->base_offsets[i], overlapping));
    }
    if (complete) {
        for (const VirtualBase& base : info->virtual_bases)
            ABISCOPE_CHECK(add_class({base.type}, false, offset + base.offset, overlapping));
    }
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (!record.fields[i].bit_width) ABISCOPE_CHECK(add_type(record.fields[i].type, offset + info->field_offsets[i] / 8, overlapping));
    }
    return {};
}

Result<bool> EmptySubobjects::type_fits(TypeId type, std::uint64_t offset) {
    if (beyond(offset)) return true;
    ABISCOPE_TRY(Elements element, elements(type, engine_));
    if (element.info == nullptr) return true;
    for (std::uint64_t i = 0; i < element.count && !beyond(offset); ++i) {
        ABISCOPE_TRY(bool fits, class_fits(element.which, true, offset));
        if (!fits) return false;
        offset += element.info->layout.size;
    }
    return true;
}

Result<void> EmptySubobjects::add_type(TypeId type, std::uint64_t offset, bool overlapping) {
    ABISCOPE_TRY(Elements element, elements(type, engine_));
    if (element.info == nullptr) return {};
    for (std::uint64_t i = 0; i < element.count; ++i) {
        if (!overlapping && offset >= largest_) return {};
        ABISCOPE_CHECK(add_class(element.which, true, offset, overlapping));
        offset += element.info->layout.size;
    }
    return {};
}

Result<bool> EmptySubobjects::place_base(std::size_t node, std::uint64_t offset) {
    if (largest_ == 0) return true;
    ABISCOPE_TRY(bool fits, base_fits(node, offset));
    if (fits) ABISCOPE_CHECK(add_base(node, offset, nodes_[node].info->facts.is_empty));
    return fits;
}

Result<bool> EmptySubobjects::place_member(const Field& field, std::uint64_t offset) {
    ABISCOPE_TRY(bool fits, type_fits(field.type, offset));
    if (!fits) return false;
    // Only what may share its address is remembered beyond the largest empty class: nothing else can clash there.
    bool overlapping = engine_.profile().class_abi == ClassAbi::microsoft ? field.msvc_no_unique_address : field.no_unique_address;
    TypeId id = engine_.types().resolve(field.type);
    if (overlapping && engine_.rules().no_unique_address_to_data && engine_.types().record(id) != nullptr) {
        ABISCOPE_TRY(const RecordInfo* info, engine_.record(id));
        overlapping = info->facts.is_empty;
    }
    ABISCOPE_CHECK(add_type(field.type, offset, overlapping));
    return true;
}

}  // namespace abiscope::abi
