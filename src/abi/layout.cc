#include "abi/layout.h"

#include <algorithm>

#include <fmt/format.h>

#include "abi/layout_engine.h"
#include "abi/type_name.h"

namespace abiscope::abi {

// Counts how deep types are nested in types; the depth a hostile file asks for is not the stack's affair.
class Nesting {
public:
    explicit Nesting(Engine& engine) : engine_(engine) { ++engine_.depth_; }
    ~Nesting() { --engine_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

    [[nodiscard]] bool too_deep() const { return engine_.depth_ > deepest_nesting; }

private:
    Engine& engine_;
};

Result<void> Engine::step() {
    if (++steps_ > most_steps) return fail(ErrorCode::limit_reached, "the class has too many subobjects to lay it out");
    return {};
}

Result<Extent> Engine::extent(TypeId type) {
    Nesting nesting(*this);
    if (nesting.too_deep()) return fail(ErrorCode::limit_reached, "types are nested too deeply");
    if (!types_.contains(type)) return fail(ErrorCode::bad_value, "a type is named that is not there");
    return extent_of(types_.at(type), type);
}

namespace {

std::string name_of(const Type& type) { return type.name.empty() ? std::string("a record without a name") : type.name; }

bool is_integral(const Type& type) {
    if (type.kind == Kind::enumeration) return true;
    if (type.kind != Kind::scalar) return false;
    switch (type.scalar) {
        case Scalar::void_:
        case Scalar::half:
        case Scalar::bfloat16:
        case Scalar::float_:
        case Scalar::double_:
        case Scalar::long_double:
        case Scalar::float128:
        case Scalar::null_pointer: return false;
        default: return true;
    }
}

// C23 6.7.2.1, C++ [class.bit]: a bit-field is an integer or an enumeration. Debug information of other languages (Ada) has others.
Result<void> check_bit_field(const Type& record, const Field& field, const TypeTable& types) {
    TypeId id = types.resolve(field.type);
    if (!types.contains(id) || is_integral(types.at(id))) return {};
    return fail(ErrorCode::bad_value,
                fmt::format("the bit-field {} of {} is no integer but {}", field.name.empty() ? "without a name" : field.name,
                            name_of(record), declaration(types, field.type, {})));
}

Result<std::unique_ptr<RecordInfo>> make_record(TypeId id, const Record& record, Engine& engine) {
    const Type& type = engine.types().at(id);
    if (!record.complete) return fail(ErrorCode::bad_value, fmt::format("{} is declared, but not defined", name_of(type)));
    if (!record.refused.empty()) return fail(ErrorCode::unsupported, fmt::format("{}: {}", name_of(type), record.refused));
    if (!record.variants.empty() || record.discriminant) {
        return fail(ErrorCode::unsupported,
                    fmt::format("{} has variants: its language leaves their layout to the compiler", name_of(type)));
    }
    if (type.alignment != 0) ABISCOPE_CHECK(check_alignment(type.alignment));
    if (record.pack != 0) ABISCOPE_CHECK(check_alignment(record.pack));
    for (const Field& field : record.fields) {
        if (field.alignment != 0) ABISCOPE_CHECK(check_alignment(field.alignment));
        if (field.bit_width) ABISCOPE_CHECK(check_bit_field(type, field, engine.types()));
    }
    auto info = std::make_unique<RecordInfo>();
    ABISCOPE_TRY(info->facts, class_facts(id, record, engine));
    info->field_offsets.resize(record.fields.size());
    info->base_offsets.resize(record.bases.size());
    switch (engine.profile().class_abi) {
        case ClassAbi::itanium: ABISCOPE_CHECK(lay_out_itanium(id, record, engine, *info)); break;
        case ClassAbi::microsoft: ABISCOPE_CHECK(lay_out_microsoft(id, record, engine, *info)); break;
        case ClassAbi::none: ABISCOPE_CHECK(lay_out_go(id, record, engine, *info)); break;
    }
    ABISCOPE_CHECK(check_size(info->layout.size));
    explain(record, engine, *info);
    return info;
}

}  // namespace

Result<const RecordInfo*> Engine::record(TypeId type) {
    TypeId id = types_.resolve(type);
    const Record* record = types_.record(id);
    if (record == nullptr) return fail(ErrorCode::bad_value, "a struct, class or union was expected");
    if (auto known = records_.find(id); known != records_.end()) {
        if (!known->second) return fail(known->second.error());
        return known->second->get();
    }
    Nesting nesting(*this);
    if (nesting.too_deep()) return fail(ErrorCode::limit_reached, "types are nested too deeply");
    if (!record->other_readings.empty()) several_readings_.push_back(id);
    if (in_progress_[id]) return fail(ErrorCode::bad_value, fmt::format("{} holds itself", name_of(types_.at(id))));
    in_progress_[id] = true;
    auto made = make_record(id, *record, *this);
    in_progress_[id] = false;
    auto [at, inserted] = records_.insert_or_assign(id, std::move(made));
    if (!at->second) return fail(at->second.error());
    return at->second->get();
}

Result<const RecordInfo*> Engine::record_or_element(TypeId type, TypeId* which) {
    for (std::uint32_t steps = 0; steps < deepest_nesting; ++steps) {
        TypeId id = types_.resolve(type);
        if (!types_.contains(id)) return nullptr;
        const Type& resolved = types_.at(id);
        if (resolved.kind == Kind::array) {
            type = resolved.target;
            continue;
        }
        if (resolved.kind != Kind::record) return nullptr;
        if (which != nullptr) *which = id;
        return record(id);
    }
    return fail(ErrorCode::limit_reached, "types are nested too deeply");
}

std::uint64_t RecordInfo::virtual_base_offset(TypeId type) const {
    auto at = std::ranges::find(virtual_bases, type, &VirtualBase::type);
    return at == virtual_bases.end() ? 0 : at->offset;
}

namespace {

Result<Layout> layout_of(const TypeTable& types, TypeId type, const Profile& profile, Engine& engine) {
    TypeId id = types.resolve(type);
    if (types.record(id) != nullptr) {
        ABISCOPE_TRY(const RecordInfo* info, engine.record(id));
        Layout layout = info->layout;
        // The alignment a typedef of a record asks for is the object's.
        ABISCOPE_TRY(Extent extent, engine.extent(type));
        layout.alignment = extent.alignment;
        return layout;
    }
    ABISCOPE_TRY(Extent extent, engine.extent(type));
    Layout layout;
    layout.size = layout.data_size = layout.nonvirtual_size = extent.size;
    layout.alignment = extent.alignment;
    // Alone, a scalar has the alignment of a variable, which may be more than a member's.
    if (types.contains(type) && types.at(type).kind == Kind::scalar) {
        layout.alignment = std::max<std::uint64_t>(layout.alignment, profile.scalar(types.at(type).scalar).alignment);
    }
    layout.nonvirtual_alignment = layout.alignment;
    return layout;
}

}  // namespace

Result<Layout> lay_out(const TypeTable& types, TypeId type, const Profile& profile) {
    Engine engine(types, profile);
    Result<Layout> layout = layout_of(types, type, profile, engine);
    // Also of a reading that is impossible here: `long : 40` where long has 32 bits.
    ABISCOPE_CHECK(check_readings(engine));
    return layout;
}

Result<Layout> lay_out_one_reading(const TypeTable& types, TypeId type, const Profile& profile) {
    Engine engine(types, profile);
    return layout_of(types, type, profile, engine);
}

}  // namespace abiscope::abi
