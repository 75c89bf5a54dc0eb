#include "diff/relation.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "abi/recorded_size.h"
#include "abi/type_name.h"
#include "diff/arrays.h"
#include "diff/convention.h"
#include "diff/only_part.h"
#include "diff/scalar_class.h"
#include "diff/type_names.h"

namespace abiscope::diff {

using abi::Kind;
using abi::Type;
using abi::TypeId;

namespace {

constexpr unsigned most_depth_of_renamed = 12;   // a std::vector of renamed elements takes 8
constexpr unsigned most_depth = 48;   // of types without a name in each other

bool is_void(const abi::TypeTable& types, TypeId id) {
    return !types.contains(id) || (types.at(id).kind == Kind::scalar && types.at(id).scalar == abi::Scalar::void_);
}

std::string order_words(const Type& now) {
    switch (now.order) {
        case abi::StorageOrder::big: return "it is stored big-endian now (scalar_storage_order)";
        case abi::StorageOrder::little: return "it is stored little-endian now (scalar_storage_order)";
        case abi::StorageOrder::native: break;
    }
    return "it is stored in the machine's byte order now, and was not (scalar_storage_order)";
}

bool is_unnamed_record(const abi::TypeTable& types, TypeId id) {
    return types.contains(id) && types.at(id).kind == Kind::record && types.at(id).name.empty();
}

}  // namespace

Relation heavier(const Relation& a, const Relation& b) { return b.kin > a.kin ? b : a; }

Relation at_least(Kin kin, Relation relation, std::string why) {
    if (relation.kin < kin) return {kin, std::move(why)};
    return relation;
}

Relations::Stripped Relations::strip(const abi::TypeTable& types, TypeId id) {
    Stripped out{id};
    for (unsigned steps = 0; steps < most_depth && types.contains(out.id) && types.at(out.id).kind == Kind::qualified; ++steps) {
        out.is_const = out.is_const || types.at(out.id).is_const;
        out.id = types.at(out.id).target;
    }
    return out;
}

void Relations::meet(TypeId old, TypeId now, const Site& site) {
    std::uint64_t key = static_cast<std::uint64_t>(old) << 32 | static_cast<std::uint64_t>(now);
    auto [found, fresh] = known_.try_emplace(key, static_cast<std::uint32_t>(pairs_.size()));
    if (fresh) pairs_.push_back({old, now, std::string(site.place)});
    edges_.push_back({site.node, found->second, site.by_value});
}

Relation Relations::relate(TypeId old, TypeId now, const Site& site, unsigned depth) {
    if (depth > most_depth || steps_left_ == 0) return {Kin::retyped, "types lie in each other too deeply to be compared"};
    --steps_left_;
    old = strip(old_, old).id;
    now = strip(now_, now).id;
    if (is_void(old_, old) || is_void(now_, now)) {
        if (is_void(old_, old) && is_void(now_, now)) return {};
        return {Kin::changed, is_void(old_, old) ? "it was `void`" : "it is `void` now"};
    }
    const Type& a = old_.at(old);
    const Type& b = now_.at(now);
    bool typedefs = a.kind == Kind::alias && b.kind == Kind::alias;
    if (typedefs && same_type_name(a.name, b.name)) {
        // A typedef of a record without a name is that record's name.
        if (is_unnamed_record(old_, a.target) && is_unnamed_record(now_, b.target)) {
            meet(a.target, b.target, site.named(a.name));
        } else {
            meet(old, now, site);
        }
        return {};
    }
    if (a.kind == Kind::alias || b.kind == Kind::alias) {
        Relation inner = relate(a.kind == Kind::alias ? a.target : old, b.kind == Kind::alias ? b.target : now, site, depth + 1);
        return at_least(Kin::respelled, std::move(inner), "the same type under another name");
    }
    return a.kind == b.kind ? same_kind(old, now, site, depth) : other_kind(old, now, site, depth);
}

Relation Relations::same_kind(TypeId old, TypeId now, const Site& site, unsigned depth) {
    const Type& a = old_.at(old);
    const Type& b = now_.at(now);
    switch (a.kind) {
        case Kind::scalar: return scalars(old, now);
        case Kind::pointer:
        case Kind::reference: return pointees(a.target, b.target, site.behind_pointer(), depth);
        case Kind::record: return records(old, now, site, depth);
        case Kind::enumeration: return enumerations(old, now, site);
        case Kind::function: return functions(old, now, site, depth);
        case Kind::array: return arrays(old, now, site, depth);
        case Kind::vector:
        case Kind::complex: {
            if (a.count != b.count) return {Kin::changed, "the number of elements differs"};
            if (a.order != b.order) return {Kin::changed, order_words(b)};
            return relate(a.target, b.target, site, depth + 1);
        }
        case Kind::atomic: return relate(a.target, b.target, site, depth + 1);
        case Kind::member_data_pointer:
        case Kind::member_function_pointer: {
            if (a.observed.size != b.observed.size) return {Kin::changed, "pointers to members of another size"};
            Relation owner = relate(a.owner, b.owner, site.behind_pointer(), depth + 1);
            return heavier(owner, relate(a.target, b.target, site.behind_pointer(), depth + 1));
        }
        case Kind::unknown:
            return a.name == b.name && a.observed.size == b.observed.size ? Relation{} : Relation{Kin::retyped, "a type that is not known"};
        default: break;   // of Go: names say what they are
    }
    if (a.name != b.name) return {Kin::changed, "another type of Go"};
    bool pointers = a.target != TypeId::none && b.target != TypeId::none;
    return pointers ? relate(a.target, b.target, site.behind_pointer(), depth + 1) : Relation{};
}

Relation Relations::other_kind(TypeId old, TypeId now, const Site& site, unsigned depth) {
    const Type& a = old_.at(old);
    const Type& b = now_.at(now);
    auto either = [&](Kind kind) { return a.kind == kind || b.kind == kind; };
    auto size_a = abi::recorded_size(old_, old), size_b = abi::recorded_size(now_, now);
    if (either(Kind::unknown)) return {Kin::retyped, "one of the types is not known"};
    if (size_a != size_b) {
        return {Kin::changed, fmt::format("{} bytes became {}", size_a.value_or(0), size_b.value_or(0))};
    }
    if (either(Kind::pointer) && either(Kind::reference))
        return at_least(Kin::retyped, pointees(a.target, b.target, site.behind_pointer(), depth), "a reference and a pointer");
    if (either(Kind::atomic)) {
        Relation inner = relate(a.kind == Kind::atomic ? a.target : old, b.kind == Kind::atomic ? b.target : now, site, depth + 1);
        return at_least(Kin::retyped, std::move(inner), "one of them is atomic");
    }
    if (either(Kind::record)) {
        TypeId part_a = a.kind == Kind::record ? only_part(old_, old) : old, part_b = b.kind == Kind::record ? only_part(now_, now) : now;
        if (part_a == TypeId::none || part_b == TypeId::none) return {Kin::changed, "another kind of type"};
        Relation inner = relate(part_a, part_b, site, depth + 1);
        if (inner.kin == Kin::changed) return inner;
        return {Kin::retyped, "one of them is a class that holds nothing but the other", true};
    }
    if (a.order != b.order) return {Kin::changed, order_words(b)};
    bool null = a.scalar == abi::Scalar::null_pointer || b.scalar == abi::Scalar::null_pointer;
    if (null && (either(Kind::pointer) || either(Kind::reference))) return {Kin::retyped, "a pointer, and one that is always null"};
    auto whole = [](const Type& type) {
        return type.kind == Kind::enumeration || type.kind == Kind::pointer || type.kind == Kind::reference ||
            (type.kind == Kind::scalar && is_integer(type.scalar));
    };
    if (whole(a) && whole(b) && either(Kind::reference)) return {Kin::changed, "one is the address of a value, the other a value"};
    if (whole(a) && whole(b))
        return {Kin::retyped,
                either(Kind::enumeration) ? "an enumeration and an integer of the same size" : "an address and a number of the same size"};
    return {Kin::changed, "another kind of type"};
}

Relation Relations::scalars(TypeId old, TypeId now) const {
    const Type& a = old_.at(old);
    const Type& b = now_.at(now);
    bool sign = a.unsigned_character == b.unsigned_character;
    if (a.scalar == b.scalar && a.bits == b.bits && a.observed.size == b.observed.size && sign && a.order == b.order) return {};
    if (a.observed.size != b.observed.size)
        return {Kin::changed, fmt::format("{} bytes became {}", a.observed.size.value_or(0), b.observed.size.value_or(0))};
    if (a.order != b.order) return {Kin::changed, order_words(b)};
    bool integers = is_integer(a.scalar) && is_integer(b.scalar);
    if (!integers && is_integer(a.scalar) != is_integer(b.scalar)) return {Kin::changed, "an integer and a floating-point number"};
    if (!integers && float_format(a, machine_.x87) != float_format(b, machine_.x87))
        return {Kin::changed, "a floating-point number of the same size in another format"};
    if (!integers) return {Kin::respelled, "a floating-point number of the same size and format"};
    if (a.scalar == abi::Scalar::boolean || b.scalar == abi::Scalar::boolean)
        return {Kin::retyped, "a truth value is 0 or 1, and nothing else"};
    if (is_signed(a) == is_signed(b)) return {Kin::respelled, "an integer of the same size and sign"};
    return {Kin::retyped, "values with the highest bit set mean something else: one of them is signed"};
}

Relation Relations::relate_bit_fields(TypeId old, TypeId now, std::uint32_t width, const Site& site) {
    Relation relation = relate(old, now, site);
    old = old_.resolve(old);
    now = now_.resolve(now);
    if (relation.kin <= Kin::respelled || !old_.contains(old) || !now_.contains(now)) return relation;
    const Type& a = old_.at(old);
    const Type& b = now_.at(now);
    auto whole = [](const Type& type) { return type.kind == Kind::enumeration || (type.kind == Kind::scalar && is_integer(type.scalar)); };
    if (!whole(a) || !whole(b) || a.order != b.order) return relation;
    if (a.kind == Kind::enumeration || b.kind == Kind::enumeration)
        return relation.kin == Kin::retyped ? relation : Relation{Kin::retyped, "the same bits, of an enumeration"};
    auto is_truth = [](const Type& type) { return type.scalar == abi::Scalar::boolean; };
    if (is_truth(a) != is_truth(b) && width > 1) return {Kin::retyped, "a truth value is 0 or 1, and nothing else"};
    if (is_signed(a) == is_signed(b)) return {Kin::respelled, "the same bits of another integer"};
    return {Kin::retyped, "values with the highest bit set mean something else: one of them is signed"};
}

Relation Relations::pointees(TypeId old, TypeId now, const Site& site, unsigned depth) {
    Stripped a = strip(old_, old), b = strip(now_, now);
    bool void_a = is_void(old_, a.id), void_b = is_void(now_, b.id);
    Relation relation;
    if (void_a != void_b) {
        relation = {Kin::retyped, "an address of anything"};
    } else if (!void_a) {
        relation = relate_pointed(a.id, b.id, site, depth);
        if (relation.kin == Kin::changed) relation.why = "what it points to differs: " + relation.why;
    }
    if (a.is_const && !b.is_const) return at_least(Kin::retyped, std::move(relation), "what it points to may be written now");
    if (!a.is_const && b.is_const) return at_least(Kin::respelled, std::move(relation), "what it points to is only read now");
    return relation;
}

// The address of an array is that of its first element.
Relation Relations::relate_pointed(TypeId old, TypeId now, const Site& site, unsigned depth) {
    TypeId first_old = elements_of(old_, old).element, first_now = elements_of(now_, now).element;
    bool array_old = first_old != old_.resolve(old), array_now = first_now != now_.resolve(now);
    if (array_old == array_now) return relate(old, now, site, depth + 1);
    return at_least(Kin::retyped, relate(first_old, first_now, site, depth + 1), "the address of an array, and of its first element");
}

Relation Relations::records(TypeId old, TypeId now, const Site& site, unsigned depth) {
    const Type& a = old_.at(old);
    const Type& b = now_.at(now);
    if (same_type_name(a.name, b.name)) {
        meet(old, now, site);
        return {};
    }
    const abi::Record& x = *old_.record(old);
    const abi::Record& y = *now_.record(now);
    if (!x.complete || !y.complete) {
        if (site.by_value) return {Kin::changed, "another type, whose members are not known"};
        return {Kin::retyped, "another type, whose members are not known"};
    }
    if (a.observed.size == b.observed.size && is_room(old_, old) != is_room(now_, now))
        return {Kin::retyped, "one of them is room for bytes of no type", true};
    Relation other{Kin::changed, "another type, with other members"};
    if (a.observed.size != b.observed.size || x.fields.size() != y.fields.size() || x.bases.size() != y.bases.size() ||
        x.virtual_functions.size() != y.virtual_functions.size() || depth > most_depth_of_renamed) {
        return other;
    }
    Relation members{Kin::respelled, "another name for the same members"};
    for (std::size_t i = 0; i < x.bases.size(); ++i) {
        if (x.bases[i].observed.bit_offset != y.bases[i].observed.bit_offset) return other;
        members = heavier(members, relate(x.bases[i].type, y.bases[i].type, site, depth + 1));
    }
    for (std::size_t i = 0; i < x.fields.size(); ++i) {
        const abi::Field& f = x.fields[i];
        const abi::Field& g = y.fields[i];
        if (f.observed.bit_offset != g.observed.bit_offset || f.bit_width != g.bit_width) return other;
        members = heavier(members, relate(f.type, g.type, site, depth + 1));
    }
    if (members.kin == Kin::changed) return other;
    return heavier(members, instances(old, now, site, depth));
}

namespace {

std::string_view template_of(std::string_view name) { return name.substr(0, name.find('<')); }

// A class without members is there for its name.
bool is_tag(const abi::TypeTable& types, TypeId id) {
    const abi::Record* record = types.record(id);
    return record != nullptr && record->fields.empty() && record->virtual_functions.empty();
}

bool is_declared(const abi::TypeTable& types, TypeId id) {
    const abi::Record* record = types.record(id);
    return record != nullptr && !record->complete;
}

// Instances of one template are told apart by its arguments, unless those are numbers: std::ratio<1, 1000>.
bool is_same_tag(std::string_view before, std::string_view after) {
    std::string_view name = template_of(before);
    bool numbers = before.find_first_of("-0123456789") == name.size() + 1;
    return same_type_name(before, after) || (name.size() < before.size() && name == template_of(after) && !numbers);
}

}  // namespace

// Of two records with the same members under different names. What instances of one template keep behind pointers without a type, or take
// their members for, is in the arguments: std::map<int, P>, std::chrono::duration<long, std::ratio<1, 1000>>.
Relation Relations::instances(TypeId old, TypeId now, const Site& site, unsigned depth) {
    const auto& before = old_.record(old)->template_arguments;
    const auto& after = now_.record(now)->template_arguments;
    const std::string& name = old_.at(old).name;
    if (before.size() != after.size() || template_of(name) != template_of(now_.at(now).name)) return {};
    for (std::size_t i = 0; i < before.size(); ++i) {
        Relation one = relate(before[i], after[i], site.behind_pointer(), depth + 1);
        TypeId was = strip(old_, before[i]).id, is = strip(now_, after[i]).id;
        bool unknown = is_declared(old_, was) || is_declared(now_, is);
        if (unknown) one = {};
        if (one.kin <= Kin::respelled && is_tag(old_, was) && is_tag(now_, is) && !is_same_tag(old_.at(was).name, now_.at(is).name))
            one = {Kin::retyped, fmt::format("{} became {}", old_.at(was).name, now_.at(is).name)};
        if (one.kin <= Kin::respelled) continue;
        bool holds_elements = name.starts_with("std::");
        return {holds_elements ? one.kin : Kin::retyped, fmt::format("argument {} of its template: {}", i + 1, one.why)};
    }
    return {};
}

Relation Relations::enumerations(TypeId old, TypeId now, const Site& site) {
    const Type& a = old_.at(old);
    const Type& b = now_.at(now);
    if (same_type_name(a.name, b.name)) {
        meet(old, now, site);
        return {};
    }
    if (a.observed.size != b.observed.size) return {Kin::changed, "an enumeration of another size"};
    auto same = [](const abi::Enumerator& x, const abi::Enumerator& y) { return x.value == y.value && x.name == y.name; };
    if (std::ranges::equal(old_.enumeration(old)->enumerators, now_.enumeration(now)->enumerators, same))
        return {Kin::respelled, "another name for the same enumerators"};
    return {Kin::retyped, "another enumeration of the same size"};
}

Relation Relations::functions(TypeId old, TypeId now, const Site& site, unsigned depth) {
    const abi::Function* a = old_.function(old);
    const abi::Function* b = now_.function(now);
    if (a == nullptr || b == nullptr) return {};
    if (a->parameters.size() != b->parameters.size())
        return {Kin::changed, fmt::format("a function that takes {} parameters instead of {}", b->parameters.size(), a->parameters.size())};
    if (convention_of(*a) != convention_of(*b)) return {Kin::changed, "a function that is called by another convention"};
    if (a->variadic != b->variadic) return {Kin::changed, "a function with and one without `...`"};
    if (known_calls_.emplace(old, now, site.node).second)
        called_.push_back({.old = old, .now = now, .node = site.node, .place = std::string(site.place), .has_this = site.method});
    Site inside{.node = site.node, .by_value = true, .place = {}, .method = false};
    Relation relation = relate(a->result, b->result, inside, depth + 1);
    if (relation.by_place) relation.kin = Kin::changed;
    if (relation.kin > Kin::same) relation.why = "the result of a function: " + relation.why;
    for (std::size_t i = 0; i < a->parameters.size(); ++i) {
        Relation one = relate(a->parameters[i], b->parameters[i], inside, depth + 1);
        if (one.by_place) one.kin = Kin::changed;
        if (one.kin > relation.kin) relation = {one.kin, fmt::format("parameter {} of a function: {}", i + 1, one.why)};
    }
    return relation;
}

Relation Relations::arrays(TypeId old, TypeId now, const Site& site, unsigned depth) {
    const Type& a = old_.at(old);
    const Type& b = now_.at(now);
    if (a.count == b.count) return relate(a.target, b.target, site, depth + 1);
    Elements was = elements_of(old_, old), is = elements_of(now_, now);
    if (was.count && was.count == is.count)
        return at_least(Kin::retyped, relate(was.element, is.element, site, depth + 1), "as many elements, counted in another way");
    Relation elements = relate(a.target, b.target, site, depth + 1);
    if (is_open_end(old_, old, now_, now))
        return heavier({Kin::retyped, "an array of one element is the old way to write one of any number, which sizeof does not count"},
                       elements);
    auto count = [](const Type& type) { return type.count ? fmt::format("{}", *type.count) : std::string("an unstated number of"); };
    // `T x[0]` was GNU's way to write `T x[]`.
    bool none = a.count.value_or(0) == 0 && b.count.value_or(0) == 0;
    Relation length{none                     ? Kin::respelled
                        : a.count && b.count ? Kin::changed
                                             : Kin::retyped,
                    fmt::format("{} elements became {}", count(a), count(b))};
    return heavier(length, elements);
}

}  // namespace abiscope::diff
