#include "abi/type.h"

#include <utility>

namespace abiscope::abi {

std::string_view to_string(StorageOrder order) {
    switch (order) {
        case StorageOrder::native: return "native";
        case StorageOrder::big: return "big";
        case StorageOrder::little: return "little";
    }
    return {};
}

TypeId TypeTable::add(Type type) {
    types_.push_back(std::move(type));
    return static_cast<TypeId>(types_.size() - 1);
}

TypeId TypeTable::add(Type type, Record record) {
    type.detail = static_cast<std::uint32_t>(records_.size());
    records_.push_back(std::move(record));
    return add(std::move(type));
}

TypeId TypeTable::add(Type type, Enumeration enumeration) {
    type.detail = static_cast<std::uint32_t>(enumerations_.size());
    enumerations_.push_back(std::move(enumeration));
    return add(std::move(type));
}

TypeId TypeTable::add(Type type, Function function) {
    type.detail = static_cast<std::uint32_t>(functions_.size());
    functions_.push_back(std::move(function));
    return add(std::move(type));
}

const Record* TypeTable::record(TypeId id) const {
    if (!contains(id) || at(id).kind != Kind::record || at(id).detail >= records_.size()) return nullptr;
    return &records_[at(id).detail];
}

Record* TypeTable::record(TypeId id) { return const_cast<Record*>(std::as_const(*this).record(id)); }

const Enumeration* TypeTable::enumeration(TypeId id) const {
    if (!contains(id) || at(id).kind != Kind::enumeration || at(id).detail >= enumerations_.size()) return nullptr;
    return &enumerations_[at(id).detail];
}

const Function* TypeTable::function(TypeId id) const {
    if (!contains(id) || at(id).kind != Kind::function || at(id).detail >= functions_.size()) return nullptr;
    return &functions_[at(id).detail];
}

void TypeTable::redirect(const std::vector<TypeId>& to) {
    auto change = [&](TypeId& id) {
        if (contains(id)) id = to[static_cast<std::size_t>(id)];
    };
    for (Type& type : types_) {
        change(type.target);
        change(type.owner);
    }
    for (Record& record : records_) {
        for (Base& base : record.bases) change(base.type);
        for (Field& field : record.fields) change(field.type);
        for (VirtualFunction& function : record.virtual_functions) change(function.type);
        for (TypeId& argument : record.template_arguments) change(argument);
        if (record.discriminant) change(record.discriminant->type);
        for (Variant& variant : record.variants) {
            for (Field& field : variant.fields) change(field.type);
        }
    }
    for (Function& function : functions_) {
        change(function.result);
        for (TypeId& parameter : function.parameters) change(parameter);
    }
}

StorageOrder TypeTable::storage_order(TypeId id) const {
    for (int steps = 0; steps < 64 && contains(id); ++steps) {
        const Type& type = at(id);
        switch (type.kind) {
            case Kind::alias:
            case Kind::qualified:
            case Kind::atomic:
            case Kind::array:
            case Kind::vector: id = type.target; break;
            default: return type.order;
        }
    }
    return StorageOrder::native;
}

TypeId TypeTable::resolve(TypeId id) const {
    // A chain that is longer than the table goes in a circle.
    for (std::size_t steps = 0; steps <= types_.size(); ++steps) {
        if (!contains(id)) return TypeId::none;
        Kind kind = at(id).kind;
        if (kind != Kind::alias && kind != Kind::qualified) return id;
        id = at(id).target;
    }
    return TypeId::none;
}

}  // namespace abiscope::abi
