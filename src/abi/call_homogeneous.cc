#include "abi/call_homogeneous.h"

#include <algorithm>

#include <fmt/format.h>

namespace abiscope::abi {

namespace {

constexpr std::uint64_t most_members = 4;

std::string_view scalar_text(Scalar scalar) {
    switch (scalar) {
        case Scalar::half: return "_Float16";
        case Scalar::bfloat16: return "__bf16";
        case Scalar::float_: return "float";
        case Scalar::double_: return "double";
        case Scalar::long_double: return "long double";
        case Scalar::float128: return "__float128";
        default: return "vector";
    }
}

// Types that are the same member to the convention: long double is double where it has its format.
bool same_member(const Leaf& a, const Leaf& b) {
    if (a.kind != b.kind || a.bit_size != b.bit_size) return false;
    return a.kind == LeafKind::vector || a.scalar == b.scalar || (a.scalar != Scalar::half && a.scalar != Scalar::bfloat16);
}

// clang 19, CodeGen/ABIInfo.cpp, isHomogeneousAggregate: no array without elements as a member, no flexible one in any depth. Members that
// are empty records are not looked into.
bool has_empty_array_to_clang(const CallPlacement& placement, TypeId type, unsigned depth = 0) {
    constexpr unsigned deepest = 64;
    const TypeTable& types = placement.types;
    const Record* record = types.record(types.resolve(type));
    if (record == nullptr || depth > deepest) return false;
    auto inside = [&](TypeId part) {
        return placement.values.has_data_to_clang(part) && has_empty_array_to_clang(placement, part, depth + 1);
    };
    return std::ranges::any_of(record->bases, [&](const Base& base) { return inside(base.type); }) ||
        std::ranges::any_of(record->fields, [&](const Field& field) {
               TypeId part = types.resolve(field.type);
               for (; types.contains(part) && types.at(part).kind == Kind::array; part = types.resolve(types.at(part).target)) {
                   if (types.at(part).count.value_or(0) == 0) return true;
               }
               return inside(part);
           });
}

bool has_vector_mode(const TypeTable& types, const std::vector<Leaf>& leaves) {
    if (leaves.size() != 1 || leaves[0].kind != LeafKind::vector || !types.contains(leaves[0].type)) return false;
    const Type& vector = types.at(leaves[0].type);
    TypeId element = types.resolve(vector.target);
    return vector.count != 1U || (types.contains(element) && is_floating(types.at(element).scalar));
}

// GCC 12, stor-layout.cc, compute_record_mode: a union has the machine mode of a member only where that is an integer.
bool holds_union(const TypeTable& types, TypeId type, unsigned depth = 0) {
    constexpr unsigned deepest = 64;
    type = types.resolve(type);
    for (; types.contains(type) && types.at(type).kind == Kind::array; type = types.resolve(types.at(type).target)) {
        if (types.at(type).count.value_or(0) == 0) return false;
    }
    const Record* record = types.record(type);
    if (record == nullptr || depth > deepest) return false;
    auto inside = [&](const auto& part) { return holds_union(types, part.type, depth + 1); };
    return record->kind == RecordKind::union_ || std::ranges::any_of(record->bases, inside) || std::ranges::any_of(record->fields, inside);
}

// GCC 12, config/aarch64/aarch64.cc and config/arm/arm.cc, aapcs_vfp_sub_candidate: an array whose index has no upper limit is none of the
// members asked for. `x[0]` has none in C; in C++ it has, and counts by its element.
Result<bool> has_empty_array_to_gcc(const CallPlacement& placement, const Value& value, const std::vector<Leaf>& leaves) {
    ABISCOPE_TRY(std::vector<EmptyArray> arrays, placement.values.empty_arrays(value.type));
    bool flexible = std::ranges::any_of(arrays, &EmptyArray::flexible);
    // A struct that is one vector or complex number and nothing else has its machine mode, which aarch64_vfp_is_call_or_return_candidate
    // looks at first. The mode of a vector of one integer is the integer's.
    bool has_mode = (has_vector_mode(placement.types, leaves) || is_one_complex(placement.types, leaves)) &&
        leaves.back().end() == value.size && !holds_union(placement.types, value.type);
    if (arrays.empty() || (has_mode && !flexible && placement.call.convention == Convention::aapcs64)) return false;
    if (flexible || placement.types.at(value.type).language != Language::cxx) return true;
    for (const EmptyArray& array : arrays) {
        ABISCOPE_TRY(const Layout* element, placement.values.layout(array.element));
        std::uint64_t bits = 0;
        for (const Leaf& leaf : array.leaves) {
            if (!same_member(leaf, leaves.front())) return true;
            bits += leaf.bit_size;
        }
        if (bits != element->size * 8) return true;
    }
    return false;
}

Result<bool> has_empty_array(const CallPlacement& placement, const Value& value, const std::vector<Leaf>& leaves) {
    if (placement.is_clang()) return has_empty_array_to_clang(placement, value.type);
    return placement.is_gcc() ? has_empty_array_to_gcc(placement, value, leaves) : Result<bool>(false);
}

}  // namespace

Result<std::optional<Homogeneous>> homogeneous(const CallPlacement& placement, const Value& value, std::uint64_t most_vector) {
    if (value.shape != Shape::aggregate && value.shape != Shape::complex) return std::nullopt;
    if (value.size == 0 || value.size > most_members * std::max<std::uint64_t>(most_vector, 16)) return std::nullopt;
    ABISCOPE_TRY(std::vector<Leaf> leaves, placement.values.leaves(value.type));
    // To GCC a bit-field in a union is a member of its own type, whatever its width.
    std::erase_if(leaves, [&](const Leaf& leaf) { return leaf.bit_size == 0 && !(leaf.unnamed && placement.is_gcc()); });
    if (leaves.empty() || leaves.front().kind == LeafKind::integer) return std::nullopt;
    // clang 19, ABIInfo::isHomogeneousAggregate() asks for built-in types and vectors.
    if (placement.is_clang() && std::ranges::any_of(leaves, &Leaf::atomic)) return std::nullopt;
    const Leaf& first = leaves.front();
    ABISCOPE_TRY(bool empty_array, has_empty_array(placement, value, leaves));
    if (empty_array) return std::nullopt;
    bool is_short_vector = first.kind != LeafKind::vector || ((first.size() == 8 || first.size() >= 16) && first.size() <= most_vector);
    if (!is_short_vector || first.bit_size == 0 || value.size % first.size() != 0) return std::nullopt;
    Homogeneous out{.element_size = first.size(), .count = value.size / first.size(), .vectors = first.kind == LeafKind::vector};
    if (out.count > most_members) return std::nullopt;
    std::uint64_t covered = 0;  // a bit for each member
    for (const Leaf& leaf : leaves) {
        if (!same_member(leaf, first) || leaf.offset() % out.element_size != 0) return std::nullopt;
        covered |= std::uint64_t{1} << (leaf.offset() / out.element_size);
    }
    if (covered != (std::uint64_t{1} << out.count) - 1) return std::nullopt;
    out.text = out.vectors ? fmt::format("{} x {}-byte vector", out.count, out.element_size)
                           : fmt::format("{} x {}", out.count, scalar_text(first.scalar));
    return out;
}

Result<std::optional<Homogeneous>> vectorcall_members(const CallPlacement& placement, const Value& value) {
    constexpr std::uint64_t widest_vector = 64;
    for (TypeId part : placement.values.parts(value.type)) {
        const Record* record = placement.types.record(part);
        if (record != nullptr && std::ranges::any_of(record->fields, [](const Field& field) { return field.bit_width == 0U; }))
            return std::nullopt;
    }
    return homogeneous(placement, value, widest_vector);
}

}  // namespace abiscope::abi
