#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "diff/type_changes.h"

namespace abiscope::diff {

using abi::VirtualFunction;
using finding::RuleId;

namespace {

// Whether the class or one of its bases has virtual functions.
bool has_table(const abi::TypeTable& types, abi::TypeId id, int depth = 0) {
    const abi::Record* record = types.record(types.resolve(id));
    if (record == nullptr || depth > 32) return false;
    if (!record->virtual_functions.empty()) return true;
    return std::ranges::any_of(record->bases,
                               [&](const abi::Base& base) { return base.is_virtual || has_table(types, base.type, depth + 1); });
}

// The bases, directly and indirectly, have a function in that entry: it is overridden, not new.
bool inherited(const abi::TypeTable& types, const abi::Record& record, const VirtualFunction& function, int depth = 0) {
    if (depth > 32) return false;
    for (const abi::Base& base : record.bases) {
        const abi::Record* of = types.record(types.resolve(base.type));
        if (of == nullptr) continue;
        for (const VirtualFunction& other : of->virtual_functions) {
            if (other.signature == function.signature) return true;
        }
        if (inherited(types, *of, function, depth + 1)) return true;
    }
    return false;
}

// Whether a base has the function in the entry where OLD had it. A function that returns another class than the one it overrides gets an
// entry of its own, and what is left in the base's is a thunk that calls it and converts its result (Itanium C++ ABI, section 2.5.2).
bool keeps_entry(const abi::TypeTable& types, const abi::Record& record, const VirtualFunction& function, int depth = 0) {
    if (depth > 32) return false;
    return std::ranges::any_of(record.bases, [&](const abi::Base& base) {
        const abi::Record* of = types.record(types.resolve(base.type));
        if (of == nullptr) return false;
        bool here = std::ranges::any_of(of->virtual_functions, [&](const VirtualFunction& other) {
            return other.signature == function.signature && other.slot == function.slot;
        });
        return here || keeps_entry(types, *of, function, depth + 1);
    });
}

// Linkage names do not depend on typedefs; compilers leave them out of destructors, and old ones of declarations.
bool is_same(const VirtualFunction& a, const VirtualFunction& b) {
    bool linkage = !a.linkage_name.empty() && !b.linkage_name.empty() && a.signature != "~";
    return linkage ? a.linkage_name == b.linkage_name : a.signature == b.signature;
}

const VirtualFunction* find(const std::vector<VirtualFunction>& in, const VirtualFunction& wanted) {
    auto found = std::ranges::find_if(in, [&](const VirtualFunction& one) { return is_same(one, wanted); });
    return found == in.end() ? nullptr : &*found;
}

std::string shown(const VirtualFunction& function) { return function.signature == "~" ? std::string("destructor") : function.signature; }
std::string entry(const VirtualFunction& function) { return function.slot ? fmt::format("{}", *function.slot) : std::string("unknown"); }

}  // namespace

void compare_virtual_functions(Relations& relations, std::uint32_t number, const std::string& subject, TypeChanges& into) {
    Pair pair = relations.pairs()[number];
    const abi::TypeTable& old_types = relations.old_types();
    const abi::TypeTable& new_types = relations.new_types();
    const abi::Record& old = *old_types.record(pair.old);
    const abi::Record& now = *new_types.record(pair.now);
    if (old.virtual_functions.empty() && now.virtual_functions.empty()) return;
    // GCC records a pure function as any other.
    const abi::Profile* profile = relations.machine().old;
    bool says_pure = profile == nullptr || profile->compiler != abi::Compiler::gcc;
    bool had = has_table(old_types, pair.old), has = has_table(new_types, pair.now);
    auto add = [&](RuleId rule, const VirtualFunction& function) {
        return Change(rule, About::type, subject).with("function", shown(function));
    };
    if (had != has) {
        into.passing = true;
        into.changes.push_back(
            Change(RuleId::DIFF_VTABLE_INTRODUCED, About::type, subject)
                .with("what", std::string(has ? "has virtual functions now, and had none" : "has no virtual functions any more")));
        return;
    }
    std::optional<std::uint64_t> last;
    for (const VirtualFunction& function : old.virtual_functions) {
        if (function.slot && (!last || *function.slot > *last)) last = function.slot;
    }
    for (const VirtualFunction& function : old.virtual_functions) {
        const VirtualFunction* same = find(now.virtual_functions, function);
        if (same == nullptr) {
            if (inherited(old_types, old, function)) {
                into.changes.push_back(
                    add(RuleId::DIFF_VIRTUAL_OVERRIDE_CHANGED, function).with("what", std::string("is left to the base now")));
            } else {
                into.changes.push_back(add(RuleId::DIFF_VIRTUAL_FUNCTION_REMOVED, function).with("old", entry(function)));
            }
            continue;
        }
        if (function.slot && same->slot && *function.slot != *same->slot && keeps_entry(new_types, now, function)) {
            into.changes.push_back(add(RuleId::DIFF_VIRTUAL_FUNCTION_ADDED, function).with("new", entry(*same)));
        } else if (function.slot && same->slot && *function.slot != *same->slot) {
            into.changes.push_back(
                add(RuleId::DIFF_VIRTUAL_FUNCTION_MOVED, function).with("old", entry(function)).with("new", entry(*same)));
        }
        if (says_pure && !function.pure && same->pure) into.changes.push_back(add(RuleId::DIFF_VIRTUAL_FUNCTION_PURE, function));
        std::string place = "virtual " + shown(function);
        Relation types = relations.relate(function.type, same->type, Site::pair(number).behind_pointer().of_method(place));
        if (types.kin == Kin::changed)
            into.changes.push_back(add(RuleId::DIFF_VIRTUAL_SIGNATURE_CHANGED, function).with("why", std::move(types.why)));
    }
    for (const VirtualFunction& function : now.virtual_functions) {
        if (find(old.virtual_functions, function) != nullptr) continue;
        if (inherited(new_types, now, function)) {
            into.changes.push_back(add(RuleId::DIFF_VIRTUAL_OVERRIDE_CHANGED, function).with("what", std::string("is overridden now")));
        } else {
            into.changes.push_back(add(RuleId::DIFF_VIRTUAL_FUNCTION_ADDED, function).with("new", entry(function)));
        }
    }
}

}  // namespace abiscope::diff
