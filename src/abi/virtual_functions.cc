#include "abi/virtual_functions.h"

#include <algorithm>

namespace abiscope::abi {

namespace {

const VirtualFunction* declared(const Record& record, const std::string& signature) {
    auto at = std::ranges::find(record.virtual_functions, signature, &VirtualFunction::signature);
    return at == record.virtual_functions.end() ? nullptr : &*at;
}

// The nearest classes among the bases that have the function, each for its own line of bases.
Result<void> overridden_in(const Record& record, const std::string& signature, Engine& engine, std::set<TypeId>& found) {
    for (const Base& base : record.bases) {
        ABISCOPE_CHECK(engine.step());
        TypeId type = engine.types().resolve(base.type);
        const Record* next = engine.types().record(type);
        if (next == nullptr) continue;
        if (declared(*next, signature) != nullptr) {
            found.insert(type);
        } else {
            ABISCOPE_CHECK(overridden_in(*next, signature, engine, found));
        }
    }
    return {};
}

// The classes that first declare the function which `type` has.
Result<void> origins(TypeId type, const std::string& signature, Engine& engine, std::set<TypeId>& found) {
    ABISCOPE_CHECK(engine.step());
    std::set<TypeId> next;
    ABISCOPE_CHECK(overridden_in(*engine.types().record(type), signature, engine, next));
    if (next.empty()) found.insert(type);
    for (TypeId base : next) ABISCOPE_CHECK(origins(base, signature, engine, found));
    return {};
}

Result<bool> is_or_holds(TypeId type, const std::set<TypeId>& wanted, Engine& engine) {
    ABISCOPE_CHECK(engine.step());
    if (wanted.contains(type)) return true;
    for (const Base& base : engine.types().record(type)->bases) {
        if (base.is_virtual) continue;
        ABISCOPE_TRY(bool holds, is_or_holds(engine.types().resolve(base.type), wanted, engine));
        if (holds) return true;
    }
    return false;
}

bool declares_constructor_or_destructor(const SpecialMembers& special) {
    return special.other_constructor || special.default_constructor != Declared::implicit ||
        special.copy_constructor != Declared::implicit || special.move_constructor != Declared::implicit ||
        special.destructor != Declared::implicit;
}

}  // namespace

Result<bool> introduces_virtual_function(TypeId type, Engine& engine) {
    const Record& record = *engine.types().record(type);
    for (const VirtualFunction& function : record.virtual_functions) {
        std::set<TypeId> found;
        ABISCOPE_CHECK(overridden_in(record, function.signature, engine, found));
        if (found.empty()) return true;
    }
    return false;
}

Result<std::set<TypeId>> vtordisp_bases(TypeId type, Engine& engine) {
    const Record& record = *engine.types().record(type);
    std::set<TypeId> result;
    for (const Base& base : record.bases) {
        ABISCOPE_TRY(const RecordInfo* info, engine.record(base.type));
        for (const VirtualBase& virtual_base : info->virtual_bases) {
            if (virtual_base.vtordisp) result.insert(virtual_base.type);
        }
    }
    if (!declares_constructor_or_destructor(record.special)) return result;
    std::set<TypeId> overridden;
    for (const VirtualFunction& function : record.virtual_functions) {
        if (function.signature != "~" && !function.pure) ABISCOPE_CHECK(origins(type, function.signature, engine, overridden));
    }
    ABISCOPE_TRY(ClassFacts facts, class_facts(type, record, engine));
    for (TypeId base : facts.virtual_bases) {
        ABISCOPE_TRY(bool needs, is_or_holds(base, overridden, engine));
        if (needs) result.insert(base);
    }
    return result;
}

}  // namespace abiscope::abi
