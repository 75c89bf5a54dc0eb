#include "abi/call_class.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "abi/element_type.h"

namespace abiscope::abi {

namespace {

constexpr unsigned most_depth = 128;

// What using a special member comes to. `absent`: a move operation that is not declared, so that copying is used.
enum class Use : std::uint8_t { trivial, works, deleted, absent };

struct Members {
    Use copy = Use::trivial;
    Use move = Use::trivial;
    Use copy_assignment = Use::trivial;
    Use destructor = Use::trivial;
    Use default_constructor = Use::trivial;
    std::string copy_reason, move_reason, destructor_reason;
    bool dynamic = false;   // virtual functions or bases, its own or inherited
    bool trivial_abi = false;   // the attribute is there, and heeded
    bool destructor_runs = false;   // it does something, trivial_abi or not
    // Nobody declared it, and it is not deleted: CXXRecordDecl::hasSimpleCopyConstructor() and its like, in clang.
    bool simple_copy = true, simple_move = true, simple_destructor = true;

    // CXXRecordDecl::canPassInRegisters(), in clang.
    [[nodiscard]] bool passable() const {
        bool nothing = copy == Use::deleted && (move == Use::deleted || move == Use::absent);
        return destructor == Use::trivial && copy != Use::works && move != Use::works && !nothing;
    }
};

class Examiner {
public:
    Examiner(const TypeTable& types, bool heeds_trivial_abi) : types_(types), heeds_trivial_abi_(heeds_trivial_abi) {}

    Result<Members> members(TypeId type, unsigned depth) {
        TypeId resolved = element_type(types_, type);
        const Record* record = resolved == TypeId::none ? nullptr : types_.record(resolved);
        if (record == nullptr) return Members{};
        if (auto known = known_.find(resolved); known != known_.end()) return known->second;
        if (depth > most_depth) return fail(ErrorCode::limit_reached, "a class of too many levels");
        ABISCOPE_TRY(Members found, examine(resolved, *record, depth));
        known_.emplace(resolved, found);
        return found;
    }

private:
    struct Part {
        std::string name;
        Members members;
        bool is_reference = false;
        bool is_const = false;
    };

    Result<Members> examine(TypeId type, const Record& record, unsigned depth) {
        std::vector<Part> parts;
        Members out;
        const std::string& own = types_.at(type).name;
        for (const Base& base : record.bases) {
            ABISCOPE_TRY(Members inner, members(base.type, depth + 1));
            out.dynamic = out.dynamic || inner.dynamic || base.is_virtual;
            TypeId resolved = types_.resolve(base.type);
            parts.push_back({resolved == TypeId::none ? "a base" : types_.at(resolved).name, std::move(inner)});
        }
        for (const Field& field : record.fields) {
            ABISCOPE_TRY(Members inner, members(field.type, depth + 1));
            TypeId resolved = types_.resolve(field.type);
            bool is_reference = resolved != TypeId::none && types_.at(resolved).kind == Kind::reference;
            parts.push_back({fmt::format("{}::{}", own, field.name), std::move(inner), is_reference, is_const(field.type)});
        }
        out.dynamic = out.dynamic || !record.virtual_functions.empty();
        const SpecialMembers& special = record.special;

        std::tie(out.destructor, out.destructor_reason) = decide(special.destructor, parts, "destructor", own, false, [](const Part& part) {
            return std::pair(part.members.destructor, &part.members.destructor_reason);
        });
        bool virtual_destructor =
            std::ranges::any_of(record.virtual_functions, [](const VirtualFunction& f) { return f.signature == "~"; });
        if (virtual_destructor && out.destructor == Use::trivial) {
            out.destructor = Use::works;
            out.destructor_reason = fmt::format("the destructor of {} is virtual", own);
        }

        out.destructor_runs = special.destructor == Declared::user_provided || virtual_destructor ||
            std::ranges::any_of(parts, [](const Part& part) { return part.members.destructor_runs; });

        std::string ignored;
        bool initialised = std::ranges::any_of(record.fields, [](const Field& field) { return field.has_initializer; });
        std::tie(out.default_constructor, ignored) =
            decide(special.default_constructor, parts, "default constructor", own, out.dynamic || initialised,
                   [&ignored](const Part& part) { return std::pair(part.members.default_constructor, &ignored); });
        // Any other constructor keeps it from being declared.
        bool other =
            special.other_constructor || special.copy_constructor != Declared::implicit || special.move_constructor != Declared::implicit;
        if (special.default_constructor == Declared::implicit && other) out.default_constructor = Use::absent;

        bool move_declared = special.move_constructor != Declared::implicit || special.move_assignment != Declared::implicit;
        auto copy_of = [](const Part& part) { return std::pair(part.members.copy, &part.members.copy_reason); };
        auto move_of = [](const Part& part) {
            return part.members.move == Use::absent ? std::pair(part.members.copy, &part.members.copy_reason)
                                                    : std::pair(part.members.move, &part.members.move_reason);
        };
        if (special.copy_constructor == Declared::implicit && move_declared) {
            out.copy = Use::deleted;
        } else {
            std::tie(out.copy, out.copy_reason) = decide(special.copy_constructor, parts, "copy constructor", own, out.dynamic, copy_of);
        }
        bool suppressed = special.copy_constructor != Declared::implicit || special.copy_assignment != Declared::implicit ||
            special.move_assignment != Declared::implicit || special.destructor != Declared::implicit;
        if (special.move_constructor == Declared::implicit && suppressed) {
            out.move = Use::absent;
        } else {
            std::tie(out.move, out.move_reason) = decide(special.move_constructor, parts, "move constructor", own, out.dynamic, move_of);
            // A defaulted move operation that would be deleted is ignored by overload resolution.
            if (out.move == Use::deleted && special.move_constructor != Declared::deleted) out.move = Use::absent;
        }
        if (special.copy_assignment == Declared::implicit && move_declared) {
            out.copy_assignment = Use::deleted;
        } else {
            std::tie(out.copy_assignment, ignored) =
                decide(special.copy_assignment, parts, "copy assignment", own, out.dynamic, [&ignored](const Part& part) {
                    bool impossible = part.is_reference || part.is_const;
                    return std::pair(impossible ? Use::deleted : part.members.copy_assignment, &ignored);
                });
        }
        // clang drops the attribute, with a warning, where it makes no sense (SemaDeclCXX.cpp, checkIllFormedTrivialABIStruct).
        bool all_deleted = out.copy == Use::deleted && (out.move == Use::deleted || out.move == Use::absent);
        bool sound = !out.dynamic && !all_deleted && std::ranges::all_of(parts, [](const Part& part) { return part.members.passable(); });
        if (record.trivial_abi && heeds_trivial_abi_ && sound) {
            out.trivial_abi = true;
            out.copy = out.copy == Use::works ? Use::trivial : out.copy;
            out.move = out.move == Use::works ? Use::trivial : out.move;
            out.destructor = out.destructor == Use::works ? Use::trivial : out.destructor;
        }
        if (record.trivial_abi && heeds_trivial_abi_ && !sound) dropped_too_late(special, parts, out);
        out.simple_copy = special.copy_constructor == Declared::implicit && out.copy != Use::deleted;
        out.simple_move = special.move_constructor == Declared::implicit && out.move != Use::deleted && out.move != Use::absent;
        out.simple_destructor = special.destructor == Declared::implicit && out.destructor != Use::deleted;
        return out;
    }

    // clang drops the attribute when the class is complete. Implicit members that overload resolution has to decide on are declared before,
    // and are trivial for calls since (SemaDeclCXX.cpp, AddImplicitlyDeclaredMembersToClass and DeclareImplicitCopyConstructor).
    static void dropped_too_late(const SpecialMembers& special, const std::vector<Part>& parts, Members& out) {
        auto any = [&](bool Members::* simple) {
            return std::ranges::any_of(parts, [&](const Part& part) { return !(part.members.*simple); });
        };
        bool destructor = any(&Members::simple_destructor);
        auto made_trivial = [](Use& use, Declared declared, bool early) {
            if (use == Use::works && declared == Declared::implicit && early) use = Use::trivial;
        };
        made_trivial(out.copy, special.copy_constructor, destructor || any(&Members::simple_copy));
        made_trivial(out.move, special.move_constructor, destructor || any(&Members::simple_move));
        made_trivial(out.destructor, special.destructor, destructor);
    }

    template <typename Of>
    std::pair<Use, std::string> decide(Declared declared, const std::vector<Part>& parts, std::string_view what, const std::string& own,
                                       bool dynamic, Of of) const {
        if (declared == Declared::deleted) return {Use::deleted, fmt::format("the {} of {} is deleted", what, own)};
        if (declared == Declared::user_provided) return {Use::works, fmt::format("the {} of {} is user-provided", what, own)};
        Use use = Use::trivial;
        std::string reason;
        for (const Part& part : parts) {
            auto [inner, why] = of(part);
            if (inner == Use::deleted) return {Use::deleted, fmt::format("the {} of {} is deleted because of {}", what, own, part.name)};
            if (inner == Use::works && use == Use::trivial) {
                use = Use::works;
                reason = why->empty() ? fmt::format("{} has a {} that is not trivial", part.name, what) : *why;
            }
        }
        if (dynamic && use == Use::trivial)
            return {Use::works, fmt::format("{} has virtual functions or bases: its {} sets pointers", own, what)};
        return {use, reason};
    }

    bool is_const(TypeId type) const {
        for (std::size_t steps = 0; steps <= types_.size() && types_.contains(type); ++steps) {
            const Type& here = types_.at(type);
            if (here.kind != Kind::alias && here.kind != Kind::qualified && here.kind != Kind::array) return false;
            if (here.kind == Kind::qualified && here.is_const) return true;
            type = here.target;
        }
        return false;
    }

    const TypeTable& types_;
    bool heeds_trivial_abi_;
    std::map<TypeId, Members> known_;
};

}  // namespace

std::string not_plain_to_microsoft(const ClassTraits& traits) {
    if (traits.has_bases) return "it has a base class";
    if (traits.has_hidden_data) return "it has private or protected data";
    if (traits.is_polymorphic) return "it has virtual functions";
    if (traits.user_constructor) return "it has a constructor";
    if (!traits.trivial_copy_assignment) return "its copy assignment is not trivial";
    if (!traits.trivial_destructor || traits.destructor_runs) return "its destructor is not trivial";
    if (!traits.trivial_for_calls) return traits.reason;
    return {};
}

Result<ClassTraits> class_traits(const TypeTable& types, TypeId type, Compiler compiler) {
    TypeId resolved = types.resolve(type);
    const Record* record = resolved == TypeId::none ? nullptr : types.record(resolved);
    ClassTraits out;
    if (record == nullptr || types.at(resolved).language != Language::cxx) return out;
    ABISCOPE_TRY(Members members, Examiner(types, compiler == Compiler::clang).members(resolved, 0));
    if (members.destructor == Use::works) {
        out.reason = members.destructor_reason;
    } else if (members.copy == Use::works) {
        out.reason = members.copy_reason;
    } else if (members.move == Use::works) {
        out.reason = members.move_reason;
    } else if (members.copy == Use::deleted && (members.move == Use::deleted || members.move == Use::absent)) {
        out.reason = fmt::format("{} can neither be copied nor moved", types.at(resolved).name);
    }
    out.trivial_for_calls = out.reason.empty();
    if (record->trivial_abi && !out.trivial_for_calls) {
        if (members.trivial_abi) {
            out.trivial_for_calls = true;
            out.reason.clear();
        } else {
            out.reason += compiler == Compiler::clang ? ", for which its attribute trivial_abi is ignored"
                                                      : ", and its attribute trivial_abi is clang's alone";
        }
    }
    // Where a file says the opposite, it knows more: an attribute, a special member that is not in it.
    if (record->passed_by_value && *record->passed_by_value != out.trivial_for_calls) {
        out.trivial_for_calls = *record->passed_by_value;
        out.reason = out.trivial_for_calls
            ? std::string()
            : fmt::format("the debug information says that {} is passed by reference", types.at(resolved).name);
    }
    out.trivial_copy = members.copy == Use::trivial;
    out.trivial_destructor = members.destructor == Use::trivial;
    out.destructor_runs = members.destructor_runs;
    out.trivial_default_constructor = members.default_constructor != Use::works;
    out.trivial_copy_assignment = members.copy_assignment == Use::trivial;
    const SpecialMembers& special = record->special;
    out.user_constructor = special.other_constructor || special.default_constructor == Declared::user_provided ||
        special.copy_constructor == Declared::user_provided || special.move_constructor == Declared::user_provided;
    out.has_bases = !record->bases.empty();
    out.has_hidden_data = std::ranges::any_of(record->fields, [](const Field& field) { return field.access != Access::public_; });
    out.is_polymorphic = members.dynamic;
    return out;
}

}  // namespace abiscope::abi
