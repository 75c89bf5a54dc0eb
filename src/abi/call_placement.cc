#include "abi/call_placement.h"

#include <algorithm>

#include <fmt/format.h>

namespace abiscope::abi {

CallPlacement::CallPlacement(const TypeTable& types_, const Signature& signature_, const Profile& profile_, Convention convention,
                             const ConventionData& data_)
    : types(types_), signature(signature_), profile(profile_), data(data_), values(types_, profile_) {
    call.convention = convention;
    call.stack_alignment = data.stack_alignment;
    call.shadow_space = data.shadow_space;
    call.red_zone = data.red_zone;
    call.callee_saved = data.callee_saved;
    for (const ConventionNote& known : data.notes) note(known.what, known.rule);
}

Result<Value> CallPlacement::result() const {
    if (signature.results.empty()) return Value{};
    return values.value(signature.results.front().type);
}

Result<ClassTraits> CallPlacement::result_traits() const {
    if (signature.results.empty()) return ClassTraits{};
    return class_traits(types, signature.results.front().type);
}

namespace {

Item hidden(const Values& values, std::string name, TypeId type) {
    Item item{.travels = {.name = std::move(name), .type = type}, .value = values.pointer()};
    return item;
}

// C17 6.5.2.2, default argument promotions.
Value promoted(const Values& values, const Value& value) {
    if (value.shape == Shape::floating) {
        bool narrow = value.scalar == Scalar::float_;
        return narrow ? values.builtin(Scalar::double_, false) : value;
    }
    bool is_bit_int = value.scalar == Scalar::bit_int || value.scalar == Scalar::unsigned_bit_int;
    if (value.shape != Shape::integer || value.is_pointer || is_bit_int) return value;
    Value wide = values.builtin(Scalar::int_, true);
    return value.size < wide.size ? wide : value;
}

}  // namespace

Result<std::vector<Item>> CallPlacement::items(bool result_pointer, HiddenOrder order) const {
    std::vector<Item> out;
    if (is_method()) {
        out.push_back(hidden(values, "this", *signature.receiver));
        out.back().is_this = true;
    }
    if (result_pointer) {
        TypeId type = signature.results.empty() ? TypeId::none : signature.results.front().type;
        out.insert(order == HiddenOrder::result_first ? out.begin() : out.end(), hidden(values, "(result)", type));
        (order == HiddenOrder::result_first ? out.front() : out.back()).is_result_pointer = true;
    }
    for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
        const Parameter& parameter = signature.parameters[i];
        Item item{.travels = {.name = parameter.name, .type = parameter.type}};
        ABISCOPE_TRY(item.value, values.value(parameter.type, true));
        if (item.value.shape == Shape::nothing) return fail(ErrorCode::bad_value, fmt::format("parameter {} of type void", parameter.name));
        item.variadic = signature.named && i >= *signature.named;
        item.travels.variadic = item.variadic;
        if (item.variadic || !signature.prototyped) item.value = promoted(values, item.value);
        ABISCOPE_TRY(item.traits, class_traits(types, parameter.type));
        out.push_back(std::move(item));
    }
    return out;
}

void CallPlacement::by_pointer(Item& item, std::string class_name, std::string why, std::string rule) const {
    item.travels.passed = item.traits.trivial_for_calls ? Passed::by_pointer_to_copy : Passed::by_hidden_reference;
    item.travels.class_name = std::move(class_name);
    item.travels.steps.push_back({std::move(why), std::move(rule)});
    item.value = values.pointer();
}

std::uint64_t CallPlacement::stack_place(std::uint64_t size, std::uint64_t alignment) {
    std::uint64_t offset = align_up(stack, std::max<std::uint64_t>(alignment, 1));
    stack = offset + size;
    return offset;
}

Location CallPlacement::in_register(LocationKind kind, std::string name, std::uint64_t byte_offset, std::uint64_t size) {
    return {.kind = kind, .name = std::move(name), .byte_offset = byte_offset, .size = size};
}

Location CallPlacement::on_stack(std::uint64_t offset, std::uint64_t byte_offset, std::uint64_t size) {
    return {.kind = LocationKind::stack,
            .name = {},
            .stack_offset = static_cast<std::int64_t>(offset),
            .byte_offset = byte_offset,
            .size = size};
}

Travels CallPlacement::result_travels(const Value& value) const {
    Travels out;
    if (!signature.results.empty()) {
        out.name = signature.results.front().name;
        out.type = signature.results.front().type;
    }
    if (value.size == 0) out.passed = Passed::ignored;
    return out;
}

void CallPlacement::result_in_memory(const Value& value, std::string class_name, std::vector<Step> steps) {
    Travels out = result_travels(value);
    out.passed = Passed::through_result_pointer;
    out.class_name = std::move(class_name);
    out.steps = std::move(steps);
    add_result(std::move(out));
}

const std::string& FastRegisters::take() {
    --count_;
    return registers_.take();
}

void FastRegisters::use_up(const Value& value, bool single_float) {
    constexpr std::uint64_t word = 4;
    bool aggregate = value.is_class() || value.shape == Shape::complex;
    if (placement_.microsoft_classes() || value.shape == Shape::floating || value.shape == Shape::vector) return;
    if (placement_.is_gcc() ? aggregate && single_float : !aggregate) return;
    std::uint64_t words = (value.size + word - 1) / word;
    if (words > count_) {
        count_ = 0;
        return;
    }
    count_ -= words;
    // clang numbers registers by what travels in them; only a small aggregate leaves its own empty.
    if (placement_.is_gcc() || (value.size <= word && count_ > 0 && !single_float)) registers_.skip_to(registers_.next() + words);
}

Result<bool> is_single_float(const Values& values, const Value& value) {
    constexpr std::uint64_t widest = 16;
    if (!value.is_class() || value.type == TypeId::none || value.size > widest) return false;
    ABISCOPE_TRY(std::vector<Leaf> leaves, values.leaves(value.type));
    return leaves.size() == 1 && leaves[0].kind == LeafKind::floating && leaves[0].size() == value.size;
}

std::string x86_vector_name(const std::string& xmm, std::uint64_t size) {
    if (size <= 16 || xmm.empty()) return xmm;
    return (size <= 32 ? "y" : "z") + xmm.substr(1);
}

std::string arm64_vector_name(const std::string& v, std::uint64_t size) {
    if (v.empty()) return v;
    return (size <= 2 ? "h" : size <= 4 ? "s" : size <= 8 ? "d" : "q") + v.substr(1);
}

}  // namespace abiscope::abi
