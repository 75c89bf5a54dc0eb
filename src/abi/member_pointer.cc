// Pointers to members: Itanium C++ ABI 2.3; Microsoft Learn, Inheritance keywords and /vmb (best-case representation).
#include <algorithm>

#include "abi/layout_engine.h"

namespace abiscope::abi {

namespace {

// How many virtual tables, at most 2: more makes no difference.
Result<Inheritance> inheritance(TypeId owner, Engine& engine) {
    TypeId id = engine.types().resolve(owner);
    const Record* record = engine.types().record(id);
    if (record == nullptr) return fail(ErrorCode::bad_value, "a pointer to member names no class");
    if (record->inheritance) return *record->inheritance;
    if (!record->complete) return Inheritance::unspecified;
    ABISCOPE_TRY(const RecordInfo* info, engine.record(id));
    if (!info->virtual_bases.empty()) return Inheritance::virtual_;
    for (std::size_t steps = 0; steps <= engine.types().size(); ++steps) {
        if (record->bases.empty()) return Inheritance::single;
        if (record->bases.size() > 1) return Inheritance::multiple;
        // A class that adds the first virtual function to a base without one has to move that base.
        TypeId base = engine.types().resolve(record->bases.front().type);
        ABISCOPE_TRY(const RecordInfo* base_info, engine.record(base));
        if (info->facts.is_polymorphic && !base_info->facts.is_polymorphic) return Inheritance::multiple;
        info = base_info;
        record = engine.types().record(base);
    }
    return Inheritance::single;
}

}  // namespace

Result<Extent> member_pointer_extent(const Type& type, Engine& engine) {
    std::uint32_t pointer = engine.profile().pointer;
    bool function = type.kind == Kind::member_function_pointer;
    if (engine.profile().class_abi == ClassAbi::itanium) {
        return Extent{.size = std::uint64_t{pointer} * (function ? 2 : 1),
                      .alignment = pointer,
                      .natural = pointer,
                      .mode = function ? Mode::block : Mode::integer,
                      .capped = true};
    }
    if (engine.profile().class_abi != ClassAbi::microsoft)
        return fail(ErrorCode::unsupported, "there are no pointers to members under " + engine.profile().name);
    ABISCOPE_TRY(Inheritance model, inheritance(type.owner, engine));
    // Fields of int beside the function's address or in place of it: adjustment, offset of the vbptr, index into the vbtable.
    std::uint32_t pointers = function ? 1 : 0;
    std::uint32_t ints = function ? 0 : 1;
    if (function && model >= Inheritance::multiple) ints += 1;
    if (model >= Inheritance::virtual_) ints += 1;
    if (model == Inheritance::unspecified) ints += 1;
    Extent extent{.size = std::uint64_t{pointers} * pointer + std::uint64_t{ints} * 4, .alignment = 4, .natural = 4};
    if (pointer == 8) {
        if (pointers != 0) {
            extent.alignment = 8;
            extent.size = (extent.size + 7) / 8 * 8;
        }
    } else if (pointers + ints > 1) {
        extent.alignment = 8;
    }
    extent.natural = extent.alignment;
    return extent;
}

}  // namespace abiscope::abi
