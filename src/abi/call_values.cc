#include "abi/call_values.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace abiscope::abi {

namespace {

// More than any convention distinguishes: the widest value that is not passed by its size alone has 256 bytes (four 64-byte vectors).
constexpr std::size_t most_leaves = 4096;
constexpr std::size_t most_steps = 65536;
constexpr unsigned most_depth = 128;

constexpr unsigned words_of(Kind kind) {
    switch (kind) {
        case Kind::go_string:
        case Kind::go_interface: return 2;
        case Kind::go_slice: return 3;
        case Kind::pointer:
        case Kind::reference:
        case Kind::function:
        case Kind::go_map:
        case Kind::go_channel:
        case Kind::go_function: return 1;
        default: return 0;
    }
}

}  // namespace

bool is_floating(Scalar scalar) {
    switch (scalar) {
        case Scalar::half:
        case Scalar::bfloat16:
        case Scalar::float_:
        case Scalar::double_:
        case Scalar::long_double:
        case Scalar::float128: return true;
        default: return false;
    }
}

bool is_signed_integer(Scalar scalar, bool char_is_signed) {
    switch (scalar) {
        case Scalar::character: return char_is_signed;
        case Scalar::wide_character:
        case Scalar::signed_char:
        case Scalar::short_:
        case Scalar::int_:
        case Scalar::long_:
        case Scalar::long_long:
        case Scalar::int128:
        case Scalar::fixed_signed:
        case Scalar::bit_int:
        case Scalar::word: return true;
        default: return false;
    }
}

struct Values::Walk {
    std::vector<Leaf>& out;
    std::vector<EmptyArray>* empty_arrays = nullptr;
    std::uint64_t bit_offset = 0;
    std::string path;
    bool in_union = false;
    bool atomic = false;
    bool in_unaligned_record = false;
    bool as_base = false;
    unsigned depth = 0;
    std::size_t* steps = nullptr;
    std::size_t enough = most_leaves;
    bool stop_when_enough = false;

    [[nodiscard]] bool has_enough() const { return stop_when_enough && out.size() > enough; }

    [[nodiscard]] Walk inner(std::uint64_t more_bits, const std::string& name) const {
        Walk next = *this;
        next.bit_offset += more_bits;
        if (!name.empty()) next.path += path.empty() || name.starts_with('[') ? name : "." + name;
        next.as_base = false;
        ++next.depth;
        return next;
    }

    void add(LeafKind kind, Scalar scalar, TypeId type, std::uint64_t bits, std::uint64_t alignment) const {
        out.push_back({.kind = kind,
                       .scalar = scalar,
                       .type = type,
                       .bit_offset = bit_offset,
                       .bit_size = bits,
                       .alignment = static_cast<std::uint32_t>(alignment),
                       .in_union = in_union,
                       .atomic = atomic,
                       .in_unaligned_record = in_unaligned_record,
                       .path = path});
    }
};

TypeId Values::strip(TypeId type) const {
    for (std::size_t steps = 0; steps <= types_.size(); ++steps) {
        type = types_.resolve(type);
        if (type == TypeId::none || types_.at(type).kind != Kind::atomic) return type;
        type = types_.at(type).target;
    }
    return TypeId::none;
}

std::uint64_t Values::required_alignment(TypeId type, unsigned depth, std::map<TypeId, std::uint64_t>& known) const {
    std::uint64_t out = 1;
    for (std::size_t steps = 0; steps <= types_.size() && types_.contains(type); ++steps) {
        const Type& here = types_.at(type);
        out = std::max<std::uint64_t>(out, here.alignment);
        if (here.kind != Kind::alias && here.kind != Kind::qualified && here.kind != Kind::array) break;
        type = here.target;
    }
    const Record* record = types_.record(type);
    if (record == nullptr || depth > most_depth) return out;
    if (auto found = known.find(type); found != known.end()) return std::max(out, found->second);
    std::uint64_t inner = 1;
    for (const Base& base : record->bases) inner = std::max(inner, required_alignment(base.type, depth + 1, known));
    for (const Field& field : record->fields)
        inner = std::max({inner, std::uint64_t{field.alignment}, required_alignment(field.type, depth + 1, known)});
    known.emplace(type, inner);
    return std::max(out, inner);
}

Value Values::pointer() const {
    return {.shape = Shape::integer,
            .size = profile_.pointer,
            .alignment = profile_.pointer,
            .natural_alignment = profile_.pointer,
            .is_pointer = true};
}

Value Values::builtin(Scalar scalar, bool is_signed) const {
    const ScalarRule& rule = profile_.scalar(scalar);
    return {.shape = is_floating(scalar) ? Shape::floating : Shape::integer,
            .scalar = scalar,
            .size = rule.size,
            .alignment = rule.alignment,
            .natural_alignment = rule.alignment,
            .is_signed = is_signed};
}

bool is_one_complex(const TypeTable& types, const std::vector<Leaf>& leaves) {
    return leaves.size() == 2 && leaves[0].type == leaves[1].type && leaves[0].type != TypeId::none &&
        types.at(leaves[0].type).kind == Kind::complex;
}

Result<const Layout*> Values::layout(TypeId type) const {
    if (auto known = layouts_.find(type); known != layouts_.end()) return &known->second;
    ABISCOPE_TRY(Layout made, lay_out(types_, type, profile_));
    return &layouts_.emplace(type, std::move(made)).first->second;
}

bool Values::has_data(TypeId type, unsigned depth) const {
    TypeId resolved = strip(type);
    if (resolved == TypeId::none || depth > most_depth) return true;
    const Type& plain = types_.at(resolved);
    if (plain.kind == Kind::array) return plain.count.value_or(0) != 0 && has_data(plain.target, depth + 1);
    const Record* record = types_.record(resolved);
    if (record == nullptr) return true;
    if (auto known = data_.find(resolved); known != data_.end()) return known->second;
    bool out = !record->virtual_functions.empty();
    for (const Base& base : record->bases) out = out || base.is_virtual || has_data(base.type, depth + 1);
    for (const Field& field : record->fields) {
        bool is_padding = field.bit_width && (field.name.empty() || *field.bit_width == 0);
        out = out || (!is_padding && has_data(field.type, depth + 1));
    }
    data_.emplace(resolved, out);
    return out;
}

bool Values::has_data_to_clang(TypeId record, unsigned depth) const {
    TypeId resolved = types_.resolve(record);
    const Record* found = types_.record(resolved);
    if (found == nullptr || depth > most_depth || !found->virtual_functions.empty()) return true;
    if (auto known = data_to_clang_.find(resolved); known != data_to_clang_.end()) return known->second;
    bool out =
        std::ranges::any_of(found->bases, [&](const Base& base) { return base.is_virtual || has_data_to_clang(base.type, depth + 1); }) ||
        std::ranges::any_of(found->fields, [&](const Field& field) { return has_data_to_clang(field, depth + 1); });
    data_to_clang_.emplace(resolved, out);
    return out;
}

bool Values::has_data_to_clang(const Field& field, unsigned depth) const {
    if (field.bit_width) return !field.name.empty();
    TypeId type = types_.resolve(field.type);
    bool in_array = false;
    for (; types_.contains(type) && types_.at(type).kind == Kind::array; in_array = true, type = types_.resolve(types_.at(type).target)) {
        if (!types_.at(type).count) return true;
        if (types_.at(type).count == 0U) return false;
    }
    if (types_.record(type) == nullptr) return true;
    if (types_.at(type).language == Language::cxx && (in_array || !field.no_unique_address)) return true;
    return has_data_to_clang(type, depth);
}

// What the members alone ask for; a bit-field asks for the alignment of its declared type.
std::uint64_t Values::members_alignment(const Layout& own, const Record* record) const {
    std::uint64_t out = 1;
    for (const Placed& placed : own.placed) {
        bool is_member = placed.role == Role::member || placed.role == Role::bit_field;
        if (!is_member && profile_.compiler == Compiler::clang) continue;
        out = std::max<std::uint64_t>(out, placed.alignment);
        bool packed = record == nullptr || record->packed || record->pack != 0;
        if (placed.role != Role::bit_field || packed) continue;
        if (auto declared = this->layout(placed.type)) out = std::max(out, (*declared)->alignment);
    }
    if (record != nullptr && profile_.compiler == Compiler::clang && profile_.layout.unnamed_bit_fields_align) {
        for (const Field& field : record->fields) {
            if (field.bit_width != 0U) continue;
            if (auto declared = this->layout(field.type)) out = std::max(out, (*declared)->alignment);
        }
    }
    return std::min(out, own.alignment);
}

Result<Value> Values::value(TypeId type, bool decays) const {
    TypeId resolved = strip(type);
    if (resolved == TypeId::none) return fail(ErrorCode::bad_value, "a type that is not there, or is defined by itself");
    const Type* plain = &types_.at(resolved);
    if (plain->kind == Kind::enumeration && plain->target != TypeId::none && strip(plain->target) == TypeId::none) {
        return fail(ErrorCode::bad_value, "an enumeration over a type that is not there");
    }
    if (decays && (plain->kind == Kind::array || plain->kind == Kind::function)) return pointer();
    Value out{.type = resolved};
    if (plain->kind == Kind::scalar && plain->scalar == Scalar::void_) return out;

    ABISCOPE_TRY(const Layout* declared, layout(type));
    out.size = declared->size;
    out.alignment = declared->alignment;
    out.natural_alignment = declared->alignment;
    if (resolved != type) {
        ABISCOPE_TRY(const Layout* own, layout(resolved));
        out.natural_alignment = own->alignment;
    }
    switch (plain->kind) {
        case Kind::scalar:
            out.scalar = plain->scalar;
            out.shape = is_floating(plain->scalar) ? Shape::floating : Shape::integer;
            out.is_signed = is_signed_integer(plain->scalar, profile_.char_is_signed);
            if (plain->scalar == Scalar::null_pointer) out.is_pointer = true;
            break;
        case Kind::enumeration: {
            out.shape = Shape::integer;
            const Enumeration* enumeration = types_.enumeration(resolved);
            out.is_signed = enumeration != nullptr && enumeration->least < 0;
            break;
        }
        case Kind::vector: out.shape = Shape::vector; break;
        case Kind::complex: {
            out.shape = Shape::complex;
            TypeId part = strip(plain->target);
            if (part != TypeId::none) out.scalar = types_.at(part).scalar;
            break;
        }
        case Kind::member_data_pointer: out.shape = Shape::integer; break;
        case Kind::member_function_pointer: out.shape = out.size > profile_.pointer ? Shape::aggregate : Shape::integer; break;
        case Kind::array:
        case Kind::go_string:
        case Kind::go_slice:
        case Kind::go_interface: out.shape = Shape::aggregate; break;
        case Kind::record: {
            out.shape = Shape::aggregate;
            const Record* record = types_.record(resolved);
            if (record != nullptr && !record->variants.empty()) {
                return fail(ErrorCode::unsupported,
                            fmt::format("{}: how a type with variants travels is not fixed by any document", plain->name));
            }
            out.is_union = record != nullptr && record->kind == RecordKind::union_;
            ABISCOPE_TRY(const Layout* own, layout(resolved));
            // clang's figure without attributes leaves bases out, too (ASTRecordLayout::getUnadjustedAlignment).
            bool by_members =
                plain->alignment != 0 || (profile_.compiler == Compiler::clang && record != nullptr && !record->bases.empty());
            out.natural_alignment = by_members ? members_alignment(*own, record) : own->alignment;
            if (record != nullptr && !record->fields.empty()) {
                TypeId last = types_.resolve(record->fields.back().type);
                out.has_flexible_array = last != TypeId::none && types_.at(last).kind == Kind::array && !types_.at(last).count;
            }
            out.empty = !(profile_.compiler == Compiler::clang ? has_data_to_clang(resolved) : has_data(resolved));
            std::map<TypeId, std::uint64_t> known;
            out.required_alignment = required_alignment(type, 0, known);
            break;
        }
        case Kind::unknown: return fail(ErrorCode::bad_value, fmt::format("{} is not declared here, or not modelled", plain->name));
        default: out.shape = Shape::integer; out.is_pointer = true;
    }
    return out;
}

Result<std::vector<Leaf>> Values::leaves(TypeId type) const {
    std::vector<Leaf> out;
    std::size_t steps = 0;
    Walk whole{.out = out, .steps = &steps};
    ABISCOPE_CHECK(walk(type, whole));
    return out;
}

Result<std::vector<Leaf>> Values::first_leaves(TypeId type, std::size_t count) const {
    std::vector<Leaf> out;
    std::size_t steps = 0;
    Walk whole{.out = out, .steps = &steps, .enough = count, .stop_when_enough = true};
    ABISCOPE_CHECK(walk(type, whole));
    return out;
}

Result<std::vector<EmptyArray>> Values::empty_arrays(TypeId type) const {
    std::vector<EmptyArray> found;
    std::vector<Leaf> unused;
    std::size_t steps = 0;
    Walk whole{.out = unused, .empty_arrays = &found, .steps = &steps};
    ABISCOPE_CHECK(walk(type, whole));
    return found;
}

bool Values::has_flexible_array(TypeId type) const {
    return type != TypeId::none &&
        std::ranges::any_of(parts(type), [this](TypeId part) { return types_.at(part).kind == Kind::array && !types_.at(part).count; });
}

std::vector<TypeId> Values::parts(TypeId type) const {
    std::vector<TypeId> out;
    std::set<TypeId> seen;
    std::vector<TypeId> wait{type};
    while (!wait.empty()) {
        TypeId here = strip(wait.back());
        wait.pop_back();
        if (here == TypeId::none || !seen.insert(here).second) continue;
        out.push_back(here);
        if (types_.at(here).kind == Kind::array) wait.push_back(types_.at(here).target);
        const Record* record = types_.record(here);
        if (record == nullptr) continue;
        for (const Base& base : record->bases) wait.push_back(base.type);
        for (const Field& field : record->fields) wait.push_back(field.type);
    }
    return out;
}

Result<void> Values::walk(TypeId type, Walk& walk_here) const {
    if (walk_here.has_enough()) return {};
    if (++*walk_here.steps > most_steps || walk_here.out.size() > most_leaves || walk_here.depth > most_depth) {
        return fail(ErrorCode::limit_reached, "a type of too many parts");
    }
    TypeId resolved = strip(type);
    if (resolved == TypeId::none) return fail(ErrorCode::bad_value, "a type that is not there, or is defined by itself");
    walk_here.atomic = walk_here.atomic || types_.at(types_.resolve(type)).kind == Kind::atomic;
    const Type& plain = types_.at(resolved);
    if (plain.kind == Kind::record) {
        const Record* record = types_.record(resolved);
        return record == nullptr ? fail(ErrorCode::bad_value, "a record without a definition") : walk_record(resolved, *record, walk_here);
    }
    if (plain.kind == Kind::array) return walk_array(plain, walk_here);

    std::uint64_t word = std::uint64_t{profile_.pointer} * 8;
    if (unsigned words = words_of(plain.kind)) {
        Walk here = walk_here;
        for (unsigned i = 0; i < words; ++i, here.bit_offset += word)
            here.add(LeafKind::integer, Scalar::void_, resolved, word, profile_.pointer);
        return {};
    }
    ABISCOPE_TRY(const Layout* own, layout(resolved));
    std::uint64_t bits = own->size * 8;
    switch (plain.kind) {
        case Kind::scalar:
            walk_here.add(is_floating(plain.scalar) ? LeafKind::floating : LeafKind::integer, plain.scalar, resolved, bits, own->alignment);
            walk_here.out.back().is_signed = is_signed_integer(plain.scalar, profile_.char_is_signed);
            return {};
        case Kind::complex: {
            TypeId part = strip(plain.target);
            Scalar scalar = part == TypeId::none ? Scalar::double_ : types_.at(part).scalar;
            Walk here = walk_here;
            for (int i = 0; i < 2; ++i, here.bit_offset += bits / 2) {
                here.add(is_floating(scalar) ? LeafKind::floating : LeafKind::integer, scalar, resolved, bits / 2, own->alignment);
                here.out.back().is_signed = is_signed_integer(scalar, profile_.char_is_signed);
            }
            return {};
        }
        case Kind::vector: walk_here.add(LeafKind::vector, Scalar::void_, resolved, bits, own->alignment); return {};
        case Kind::member_function_pointer: {
            Walk here = walk_here;
            std::uint64_t step = profile_.class_abi == ClassAbi::itanium ? word : bits;
            for (std::uint64_t at = 0; at < bits; at += step, here.bit_offset += step) {
                here.add(LeafKind::integer, Scalar::void_, resolved, step, profile_.pointer);
            }
            return {};
        }
        case Kind::unknown: return fail(ErrorCode::bad_value, fmt::format("{} is not declared here, or not modelled", plain.name));
        default:
            walk_here.add(LeafKind::integer, Scalar::void_, resolved, bits, own->alignment);
            if (const Enumeration* enumeration = types_.enumeration(resolved)) walk_here.out.back().is_signed = enumeration->least < 0;
            return {};
    }
}

Result<void> Values::walk_array(const Type& array, Walk& walk_here) const {
    if (array.count.value_or(0) == 0) {
        if (walk_here.empty_arrays == nullptr) return {};
        EmptyArray found{.element = array.target, .bit_offset = walk_here.bit_offset, .flexible = !array.count};
        Walk inner{.out = found.leaves,
                   .empty_arrays = walk_here.empty_arrays,
                   .bit_offset = walk_here.bit_offset,
                   .path = walk_here.path,
                   .depth = walk_here.depth + 1,
                   .steps = walk_here.steps};
        if (!found.flexible) ABISCOPE_CHECK(walk(array.target, inner));
        walk_here.empty_arrays->push_back(std::move(found));
        return {};
    }
    ABISCOPE_TRY(const Layout* element, layout(array.target));
    // Elements without bytes are all in one place.
    std::uint64_t count = element->size == 0 ? std::min<std::uint64_t>(*array.count, 1) : *array.count;
    for (std::uint64_t i = 0; i < count && !walk_here.has_enough(); ++i) {
        Walk inner = walk_here.inner(i * element->size * 8, fmt::format("[{}]", i));
        ABISCOPE_CHECK(walk(array.target, inner));
    }
    return {};
}

Result<void> Values::walk_record(TypeId type, const Record& record, Walk& walk_here) const {
    ABISCOPE_TRY(const Layout* whole, layout(type));
    for (const Placed& placed : whole->placed) {
        // A virtual base lies where the whole object says, not where its base would have it.
        if (placed.role == Role::virtual_base && walk_here.as_base) continue;
        Walk inner = walk_here.inner(placed.bit_offset, placed.name);
        inner.in_union = walk_here.in_union || record.kind == RecordKind::union_;
        inner.as_base = placed.role == Role::base || placed.role == Role::virtual_base;
        TypeId resolved = strip(placed.type);
        switch (placed.role) {
            case Role::bit_field: {
                inner.add(LeafKind::integer, Scalar::void_, resolved, placed.bit_size, 1);
                Leaf& leaf = inner.out.back();
                leaf.bit_field = true;
                leaf.unnamed = placed.name.empty();
                leaf.of_union = record.kind == RecordKind::union_;
                if (resolved != TypeId::none && types_.at(resolved).kind == Kind::scalar) {
                    leaf.scalar = types_.at(resolved).scalar;
                    leaf.is_signed = is_signed_integer(leaf.scalar, profile_.char_is_signed);
                }
                break;
            }
            case Role::vfptr:
            case Role::vbptr:
            case Role::vtordisp: inner.add(LeafKind::integer, Scalar::void_, TypeId::none, placed.bit_size, placed.alignment); break;
            default:
                if (types_.record(resolved) != nullptr) {
                    ABISCOPE_TRY(const Layout* own, layout(resolved));
                    if (inner.bit_offset % (own->alignment * 8) != 0) inner.in_unaligned_record = true;
                }
                ABISCOPE_CHECK(walk(placed.type, inner));
        }
    }
    if (record.kind == RecordKind::union_) {
        // They lie over other members, so no padding tells of them.
        for (const Field& field : record.fields) {
            if (!field.bit_width || !field.name.empty()) continue;
            Walk inner = walk_here.inner(0, "");
            inner.in_union = true;
            inner.add(LeafKind::integer, Scalar::void_, TypeId::none, *field.bit_width, 1);
            Leaf& leaf = inner.out.back();
            leaf.bit_field = leaf.unnamed = leaf.of_union = true;
        }
        return {};
    }
    for (const Padding& padding : whole->padding) {
        if (padding.reason != PaddingReason::unnamed_bit_field) continue;
        Walk inner = walk_here.inner(padding.bit_offset, "");
        inner.add(LeafKind::integer, Scalar::void_, TypeId::none, padding.bit_size, 1);
        inner.out.back().bit_field = inner.out.back().unnamed = true;
    }
    return {};
}

}  // namespace abiscope::abi
