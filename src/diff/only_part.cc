#include "diff/only_part.h"

#include <algorithm>

#include "abi/recorded_size.h"

namespace abiscope::diff {

using abi::TypeId;

namespace {

bool is_pointer(const abi::TypeTable& types, TypeId id) {
    id = types.resolve(id);
    return types.contains(id) && (types.at(id).kind == abi::Kind::pointer || types.at(id).kind == abi::Kind::reference);
}

bool is_empty(const abi::TypeTable& types, TypeId id, unsigned depth = 0) {
    const abi::Record* record = types.record(types.resolve(id));
    return record != nullptr && record->complete && depth < 32 && record->fields.empty() && record->virtual_functions.empty() &&
        std::ranges::all_of(
               record->bases, [&](const abi::Base& base) { return !base.is_virtual && is_empty(types, base.type, depth + 1); });
}

}  // namespace

TypeId only_part(const abi::TypeTable& types, TypeId id) {
    const abi::Record* record = types.record(id);
    if (record == nullptr || !record->complete || !record->virtual_functions.empty() || !record->variants.empty()) return TypeId::none;
    if (record->kind == abi::RecordKind::union_) {
        bool pointers = !record->fields.empty() &&
            std::ranges::all_of(record->fields, [&](const abi::Field& field) { return is_pointer(types, field.type); });
        return pointers ? record->fields.front().type : TypeId::none;
    }
    TypeId part = TypeId::none;
    std::size_t parts = 0;
    for (const abi::Base& base : record->bases) {
        if (base.is_virtual) return TypeId::none;
        if (is_empty(types, base.type)) continue;
        part = base.type;
        ++parts;
    }
    for (const abi::Field& field : record->fields) {
        if (field.bit_width) return TypeId::none;
        part = field.type;
        ++parts;
    }
    bool whole = parts == 1 && abi::recorded_size(types, part) == abi::recorded_size(types, id);
    return whole ? part : TypeId::none;
}

bool is_room(const abi::TypeTable& types, TypeId id) {
    for (unsigned steps = 0; steps < 8; ++steps) {
        id = types.resolve(id);
        if (!types.contains(id)) return false;
        if (types.at(id).kind == abi::Kind::array) {
            TypeId element = types.resolve(types.at(id).target);
            if (!types.contains(element) || types.at(element).kind != abi::Kind::scalar) return false;
            abi::Scalar scalar = types.at(element).scalar;
            return scalar == abi::Scalar::character || scalar == abi::Scalar::unsigned_char;
        }
        id = only_part(types, id);
    }
    return false;
}

}  // namespace abiscope::diff
