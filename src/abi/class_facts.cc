// What a class is, as far as its layout depends on it: empty, dynamic, POD.
#include <algorithm>
#include <optional>

#include "abi/element_type.h"
#include "abi/layout_engine.h"

namespace abiscope::abi {

namespace {

bool user_provided(Declared declared) { return declared == Declared::user_provided; }

void add_once(std::vector<TypeId>& list, TypeId type) {
    if (std::ranges::find(list, type) == list.end()) list.push_back(type);
}

// The facts that follow from how the special members are declared.
void from_special_members(const Record& record, const LayoutRules& rules, std::uint32_t standard, ClassFacts& facts) {
    const SpecialMembers& s = record.special;
    bool constructor = s.other_constructor || user_provided(s.default_constructor) || user_provided(s.copy_constructor) ||
        user_provided(s.move_constructor);
    bool declared = constructor || s.default_constructor != Declared::implicit || s.copy_constructor != Declared::implicit ||
        s.move_constructor != Declared::implicit;
    // A user-provided move assignment does not make a class less of a POD: C++03 knew none, and both compilers left it so.
    bool rest = user_provided(s.copy_assignment) || user_provided(s.destructor);
    if (constructor || rest || s.ineligible_user_provided) facts.is_pod_cxx03 = false;
    switch (rules.pod) {
        case PodRule::gnu_cxx03:
            // C++20 [dcl.init.aggr]: an aggregate has no declared constructor; GCC's POD follows (PR 120012).
            if (rest || s.inherited_constructors || (standard >= 20 ? declared : constructor)) facts.is_pod = false;
            break;
        case PodRule::clang_cxx03:
            // clang asks of each that is declared, eligible or not (DeclCXX.cpp, CXXRecordDecl::addedMember).
            if (constructor || rest || s.ineligible_user_provided) facts.is_pod = false;
            break;
        case PodRule::cxx11: break;
    }
    // C++17 [class.prop]: trivial asks for a default constructor, and for no special member of the user's.
    bool no_default = (declared || s.other_constructor) && s.default_constructor == Declared::implicit;
    bool own = user_provided(s.default_constructor) || user_provided(s.copy_constructor) || user_provided(s.move_constructor) || rest ||
        user_provided(s.move_assignment);
    if (own || no_default) facts.is_trivial = false;
}

struct Layer {
    const Record& record;
    Engine& engine;
    ClassFacts& facts;
    std::optional<Access> access;          // of the members so far
    std::uint32_t places_with_fields = 0;  // of the class itself and its bases: standard layout allows one
};

void not_pod(ClassFacts& facts) { facts.is_pod = facts.is_pod_cxx03 = false; }

Result<void> add_base(const Base& base, Layer& layer) {
    ABISCOPE_TRY(const RecordInfo* info, layer.engine.record(base.type));
    ClassFacts& facts = layer.facts;
    not_pod(facts);
    if (!info->facts.is_empty || base.is_virtual) facts.is_empty = false;
    if (info->facts.is_polymorphic) facts.is_polymorphic = true;
    if (!info->facts.is_trivial || base.is_virtual) facts.is_trivial = false;
    if (!info->facts.is_standard_layout || base.is_virtual) facts.is_standard_layout = false;
    if (info->facts.has_fields) {
        facts.has_fields = true;
        ++layer.places_with_fields;
    }
    for (TypeId virtual_base : info->facts.virtual_bases) add_once(facts.virtual_bases, virtual_base);
    if (base.is_virtual) add_once(facts.virtual_bases, layer.engine.types().resolve(base.type));
    return {};
}

// Through arrays.
bool is_atomic(const TypeTable& types, TypeId type) {
    TypeId id = element_type(types, type);
    return types.contains(id) && types.at(id).kind == Kind::atomic;
}

Result<void> add_field(const Field& field, Layer& layer) {
    ClassFacts& facts = layer.facts;
    const TypeTable& types = layer.engine.types();
    TypeId id = types.resolve(field.type);
    bool reference = types.contains(id) && types.at(id).kind == Kind::reference;
    TypeId element = TypeId::none;
    ABISCOPE_TRY(const RecordInfo* member, layer.engine.record_or_element(field.type, &element));
    if (field.no_unique_address && types.record(id) != nullptr && layer.engine.rules().pod == PodRule::gnu_cxx03) facts.is_pod = false;
    bool overlapping_empty = field.no_unique_address && layer.engine.profile().class_abi == ClassAbi::itanium &&
        types.record(id) != nullptr && member != nullptr && member->facts.is_empty;
    if (field.bit_width != 0U && !overlapping_empty) facts.is_empty = false;
    // _Atomic is no type of C++: clang, which takes it, does not call it a POD (QualType::isCXX98PODType).
    if (reference || field.has_initializer || is_atomic(types, field.type)) not_pod(facts);
    // An unnamed bit-field is no member. GCC looks at the access it is declared under all the same.
    const bool unnamed = field.bit_width.has_value() && field.name.empty();
    if (field.access != Access::public_) {
        if (!unnamed) not_pod(facts);
        if (layer.engine.rules().pod == PodRule::gnu_cxx03) facts.is_pod = false;
    }
    if (!unnamed) {
        if (layer.access && *layer.access != field.access) facts.is_standard_layout = false;
        layer.access = field.access;
    }
    if (reference) facts.is_standard_layout = false;
    if (field.has_initializer) facts.is_trivial = false;
    if (member != nullptr && types.at(element).language == Language::cxx) {
        if (!member->facts.is_pod) facts.is_pod = false;
        if (!member->facts.is_pod_cxx03) facts.is_pod_cxx03 = false;
        if (!member->facts.is_trivial) facts.is_trivial = false;
        if (!member->facts.is_standard_layout) facts.is_standard_layout = false;
    }
    return {};
}

// C++11 [class]p7 as clang asks it (DeclCXX.cpp, IsCXX11StandardLayout): no direct base has the type of the first member.
Result<bool> first_member_is_a_base(const Record& record, Engine& engine) {
    if (record.fields.empty()) return false;
    TypeId first = TypeId::none;
    ABISCOPE_TRY(const RecordInfo* member, engine.record_or_element(record.fields.front().type, &first));
    if (member == nullptr) return false;
    return std::ranges::any_of(record.bases, [&](const Base& base) { return engine.types().resolve(base.type) == first; });
}

}  // namespace

Result<ClassFacts> class_facts(TypeId id, const Record& record, Engine& engine) {
    ClassFacts facts;
    facts.is_empty = true;
    Layer layer{.record = record, .engine = engine, .facts = facts};
    for (const Base& base : record.bases) ABISCOPE_CHECK(add_base(base, layer));
    for (const Field& field : record.fields) ABISCOPE_CHECK(add_field(field, layer));
    if (engine.types().at(id).language != Language::cxx) {
        facts = {.is_empty = facts.is_empty, .has_fields = !record.fields.empty()};
        return facts;
    }
    // C++11 [class]p7 asks for data members, and an unnamed bit-field is none.
    bool members = std::ranges::any_of(record.fields, [](const Field& field) { return !field.bit_width || !field.name.empty(); });
    if (members) {
        facts.has_fields = true;
        ++layer.places_with_fields;
    }
    if (!record.virtual_functions.empty()) facts.is_polymorphic = true;
    if (facts.is_polymorphic) {
        not_pod(facts);
        facts.is_empty = facts.is_trivial = facts.is_standard_layout = false;
    }
    if (!facts.virtual_bases.empty()) facts.is_empty = false;
    facts.is_dynamic = facts.is_polymorphic || !facts.virtual_bases.empty();
    if (layer.places_with_fields > 1) facts.is_standard_layout = false;
    ABISCOPE_TRY(bool clash, first_member_is_a_base(record, engine));
    if (clash) facts.is_standard_layout = false;
    from_special_members(record, engine.rules(), engine.profile().cxx_standard, facts);
    if (engine.rules().pod == PodRule::cxx11) facts.is_pod = facts.is_trivial && facts.is_standard_layout;
    return facts;
}

}  // namespace abiscope::abi
