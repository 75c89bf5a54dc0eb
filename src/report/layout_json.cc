#include "abi/type_name.h"
#include "report/layout_rows.h"
#include "report/layout_view.h"

namespace abiscope::report {

namespace {

Json field_json(const LayoutItem& item, const abi::TypeTable& types) {
    Json json{{"name", item.placed.name}, {"role", to_string(item.placed.role)}};
    if (types.contains(item.placed.type)) json["type"] = abi::declaration(types, item.placed.type, {});
    if (abi::StorageOrder order = types.storage_order(item.placed.type); order != abi::StorageOrder::native)
        json["storage_order"] = to_string(order);
    json["bit_offset"] = item.bit_offset;
    json["bit_size"] = item.bit_size;
    if (item.placed.alignment != 0) json["align"] = item.placed.alignment;
    if (item.depth != 0) json["depth"] = item.depth;
    return json;
}

Json padding_json(const LayoutItem& item) {
    Json json{
        {"bit_offset", item.bit_offset}, {"bit_size", item.bit_size}, {"reason", to_string(item.padding->reason)}, {"text", item.label}};
    if (!item.padding->before.empty()) json["before"] = item.padding->before;
    if (!item.padding->rule.empty()) json["source"] = item.padding->rule;
    if (item.depth != 0) json["depth"] = item.depth;
    return json;
}

Json heap_json(const abi::GoAllocation& heap) {
    return {{"size_class", heap.size_class},
            {"header", heap.header},
            {"span", heap.span},
            {"objects_per_span", heap.objects_per_span},
            {"tiny", heap.tiny}};
}

Json order_json(const ProfileLayout& profile) {
    const abi::TypeTable& types = *profile.types;
    const abi::Record& record = *types.record(types.resolve(profile.type));
    Json json{{"size", profile.better.size}, {"saved", profile.better.saved}, {"order", Json::array()}};
    if (profile.pointers) json["heap"] = heap_json(abi::go_allocation(profile.better.size, profile.pointers->bytes != 0, *profile.profile));
    for (std::uint32_t index : profile.better.fields) json["order"].push_back(record.fields[index].name);
    return json;
}

Json one_layout(const ProfileLayout& profile) {
    Json json{{"abi", profile.profile->abi}, {"profile", profile.profile->name}};
    if (profile.error) {
        json["error"] = to_json(*profile.error);
        return json;
    }
    if (profile.recorded) json["recorded"] = true;
    if (!profile.differs.empty()) json["differs_from_computed"] = profile.differs;
    json["size"] = profile.layout->size;
    if (profile.layout->alignment != 0) json["align"] = profile.layout->alignment;
    json["padding_bytes"] = profile.padding_bytes();
    json["fields"] = Json::array();
    json["padding"] = Json::array();
    for (const LayoutItem& item : profile.items) {
        if (!item.padding) json["fields"].push_back(field_json(item, *profile.types));
        else json["padding"].push_back(padding_json(item));
    }
    if (profile.pointers) {
        json["pointer_bytes"] = profile.pointers->bytes;
        json["pointer_mask"] = mask_text(profile.pointers->mask);
        json["heap"] = heap_json(abi::go_allocation(profile.layout->size, profile.pointers->bytes != 0, *profile.profile));
    }
    if (profile.better.saved != 0) json["better_order"] = order_json(profile);
    if (!profile.better.fixed_because.empty()) json["order_fixed_because"] = profile.better.fixed_because;
    return json;
}

// The names of what does not lie at one place everywhere; "size" and "align" stand for the record itself.
Json differs_json(const TypeLayouts& type) {
    Json names = Json::array();
    std::vector<LayoutGroup> groups = layout_groups(type);
    if (groups.size() < 2) return names;
    auto any = [&](auto&& of) {
        for (const LayoutGroup& group : groups) {
            if (of(group.layout()) != of(groups.front().layout())) return true;
        }
        return false;
    };
    if (any([](const abi::Layout& layout) { return layout.size; })) names.push_back("size");
    if (any([](const abi::Layout& layout) { return layout.alignment; })) names.push_back("align");
    for (const JoinedRow& row : join_rows(groups)) {
        const LayoutItem& first = row.any();
        if (first.padding) continue;
        bool same = true;
        for (const LayoutItem* cell : row.cells)
            same = same && cell != nullptr && cell->bit_offset == first.bit_offset && cell->bit_size == first.bit_size;
        if (!same) names.push_back(first.placed.name.empty() ? first.label : first.placed.name);
    }
    return names;
}

}  // namespace

Json layout_json(const TypeLayouts& type) {
    Json json{{"name", type.name}};
    if (const ProfileLayout* first = type.first()) {
        const abi::Type& declared = first->types->at(first->type);
        json["kind"] = abi::title(*first->types, first->type).substr(0, abi::title(*first->types, first->type).find(' '));
        if (declared.declared.line != 0) json["source"] = {{"file", declared.declared.file}, {"line", declared.declared.line}};
    }
    json["layouts"] = Json::array();
    for (const ProfileLayout& profile : type.profiles) json["layouts"].push_back(one_layout(profile));
    json["differs"] = differs_json(type);
    if (!type.crosses_in.empty()) {
        json["crosses_in"] = type.crosses_in;
        json["crosses_in_more"] = type.crosses_in_more;
    }
    return json;
}

}  // namespace abiscope::report
