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
    bool is_short_vector = first.kind != LeafKind::vector || ((first.size() == 8 || first.size() >= 16) && first.size() <= most_vector);
    if (!is_short_vector || first.bit_size == 0 || value.size % first.size() != 0) return std::nullopt;
    Homogeneous out{.element_size = first.size(), .count = value.size / first.size(), .vectors = first.kind == LeafKind::vector};
    if (out.count > most_members) return std::nullopt;
    std::uint64_t covered = 0;   // a bit for each member
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
