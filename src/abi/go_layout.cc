// Structs of Go as the gc toolchain lays them out: cmd/compile/internal/types/size.go, CalcStructSize.
#include <algorithm>

#include "abi/layout_engine.h"
#include "base/checked.h"

namespace abiscope::abi {

namespace {

// sync/atomic's 64-bit types hold a field of a type called align64, which only the compiler knows: they are aligned to 8 everywhere.
bool is_align64(std::string_view name) {
    return name == "sync/atomic.align64" || name == "atomic.align64" || name == "internal/runtime/atomic.align64" ||
        name == "runtime/internal/atomic.align64";
}

bool holds_align64(const Record& record, const TypeTable& types) {
    return std::ranges::any_of(record.fields, [&](const Field& field) {
        TypeId id = types.resolve(field.type);
        return types.contains(id) && is_align64(types.at(id).name);
    });
}

}  // namespace

Result<void> lay_out_go(TypeId id, const Record& record, Engine& engine, RecordInfo& info) {
    if (!record.bases.empty() || record.kind == RecordKind::union_) return fail(ErrorCode::bad_value, "Go has neither bases nor unions");
    std::uint64_t size = 0;
    std::uint32_t alignment = is_align64(engine.types().at(id).name) || holds_align64(record, engine.types()) ? 8 : 1;
    bool ends_in_nothing = false;
    for (std::uint32_t i = 0; i < record.fields.size(); ++i) {
        const Field& field = record.fields[i];
        if (field.bit_width) return fail(ErrorCode::bad_value, "Go has no bit-fields");
        ABISCOPE_TRY(Extent extent, engine.extent(field.type));
        std::uint64_t offset = align_up(size, extent.alignment);
        alignment = std::max(alignment, extent.alignment);
        info.field_offsets[i] = offset * 8;
        info.slots.push_back({.role = Role::member,
                              .type = field.type,
                              .name = field.name,
                              .index = i,
                              .offset = offset * 8,
                              .size = extent.size * 8,
                              .alignment = extent.alignment});
        size = offset + extent.size;
        ends_in_nothing = extent.size == 0 && offset > 0;
        ABISCOPE_CHECK(check_size(size));
    }
    info.layout.data_size = size;
    if (ends_in_nothing) ++size;
    info.layout.size = info.layout.nonvirtual_size = align_up(size, alignment);
    info.layout.alignment = info.layout.nonvirtual_alignment = alignment;
    return {};
}

}  // namespace abiscope::abi
