#include "abi/call_placement.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace abiscope::abi {

CallPlacement::CallPlacement(const TypeTable& types_, const Signature& signature_, const Profile& profile_, Convention convention,
                             const ConventionData& data_)
    : types(types_), signature(signature_), profile(profile_), data(data_), values(types_, profile_) {
    call.convention = convention;
    call.stack_alignment = data.stack_alignment;
    for (std::string_view flag : signature_.switches) {
        if (!flag.starts_with(stack_boundary)) continue;
        // GCC 12 manual, 3.19.59: a power of two, from 2 to 12.
        auto power = text::parse_unsigned(flag.substr(stack_boundary.size()));
        if (power && *power >= 2 && *power <= 12) call.stack_alignment = 1U << *power;
    }
    call.shadow_space = data.shadow_space;
    call.red_zone = has_switch("-mno-red-zone") ? 0 : data.red_zone;
    call.callee_saved = data.callee_saved;
    for (const ConventionNote& known : data.notes) note(known.what, known.rule);
}

bool CallPlacement::has_switch(std::string_view name) const {
    return std::ranges::find(profile.flags, name) != profile.flags.end() ||
        std::ranges::find(signature.switches, name) != signature.switches.end();
}

// "C++ ABI for the Arm Architecture", 3.1.5; Apple's arm64 follows (clang 19, ItaniumCXXABI.cpp, AppleARM64CXXABI). Of Microsoft's only
// constructors do (MicrosoftCXXABI.cpp, HasThisReturn).
bool CallPlacement::returns_this() const {
    if (signature.structor == Structor::none || !signature.results.empty() || !signature.receiver) return false;
    if (microsoft_classes()) return signature.structor == Structor::constructor;
    return profile.convention == Convention::aapcs32_base || profile.convention == Convention::aapcs32_vfp ||
        profile.convention == Convention::apple_arm64;
}

Result<Value> CallPlacement::result() const {
    if (returns_this()) return values.pointer();
    if (signature.results.empty()) return Value{};
    return values.value(signature.results.front().type);
}

bool is_bit_int(const Value& value) {
    return value.shape == Shape::integer && !value.is_pointer &&
        (value.scalar == Scalar::bit_int || value.scalar == Scalar::unsigned_bit_int);
}

bool is_wide_bit_int(const Value& value) {
    constexpr std::uint64_t widest = 8;
    return is_bit_int(value) && value.size > widest;
}

Result<ClassTraits> CallPlacement::result_traits() const {
    if (signature.results.empty()) return ClassTraits{};
    return class_traits(types, signature.results.front().type, profile.compiler);
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
    if (value.shape != Shape::integer || value.is_pointer || is_bit_int(value)) return value;
    Value wide = values.builtin(Scalar::int_, true);
    return value.size < wide.size ? wide : value;
}

}  // namespace

Result<HiddenOrder> CallPlacement::hidden_order() const {
    ABISCOPE_TRY(Value value, result());
    return microsoft_classes() && value.is_class() ? HiddenOrder::this_first : HiddenOrder::result_first;
}

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
        ABISCOPE_TRY(item.traits, class_traits(types, parameter.type, profile.compiler));
        out.push_back(std::move(item));
    }
    return out;
}

bool CallPlacement::is_cxx_class(const Value& value) const {
    return types.record(value.type) != nullptr && types.at(value.type).language == Language::cxx;
}

std::string CallPlacement::class_in_memory(const Value& value, const ClassTraits& traits) const {
    if (!microsoft_classes()) return traits.reason;
    if (!is_cxx_class(value)) return {};
    if (is_method()) return "a member function returns every class through a pointer";
    return not_plain_to_microsoft(traits);
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
    if (returns_this()) {
        out.name = "this";
        out.type = *signature.receiver;
        out.steps = {{"a constructor or destructor returns the object it was given", "the C++ ABI of the platform"}};
    } else if (!signature.results.empty()) {
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

namespace {

constexpr std::uint64_t word = 4;

// GCC gives a struct the machine mode of its only member; integers and what has no mode count.
Result<bool> counts_to_gcc(const Values& values, const Value& value) {
    if (value.shape == Shape::integer) return true;
    if (value.shape != Shape::aggregate) return false;
    constexpr std::uint64_t widest_mode = 32;
    if (value.size > widest_mode || values.has_flexible_array(value.type)) return true;
    ABISCOPE_TRY(std::vector<Leaf> leaves, values.leaves(value.type));
    if (leaves.empty() || leaves.front().in_union || leaves.front().type == TypeId::none) return true;
    bool is_complex = values.types().at(leaves.front().type).kind == Kind::complex;
    if (leaves.front().kind == LeafKind::integer && !is_complex) return true;
    bool one_member = leaves.size() == (is_complex ? 2U : 1U) && leaves.back().type == leaves.front().type;
    return !one_member || leaves.back().end() != value.size;
}

// clang 19, X86.cpp, canExpandIndirectArgument(): what becomes one argument of 4 bytes, behind a register that stays empty.
bool leaves_a_register_empty(const Values& values, const Value& value) {
    const Record* record = values.types().record(value.type);
    if (record == nullptr || value.size != word || record->fields.size() != 1 || record->fields[0].bit_width) return false;
    const TypeTable& types = values.types();
    if (types.at(types.resolve(record->fields[0].type)).kind == Kind::atomic) return false;
    auto member = values.value(record->fields[0].type);
    return member && member->shape == Shape::integer && member->size == word;
}

}  // namespace

Result<void> FastRegisters::use_up(const Value& value) {
    if (placement_.microsoft_classes() || count_ == 0) return {};
    bool counts = value.is_class() || value.shape == Shape::complex;
    if (placement_.is_gcc()) {
        ABISCOPE_TRY(counts, counts_to_gcc(placement_.values, value));
    } else if (counts) {
        ABISCOPE_TRY(bool alone, is_single_float(placement_.values, value));
        counts = !alone && !placement_.is_flexible_to_clang(value);
    }
    if (!counts) return {};
    std::uint64_t words = (value.size + word - 1) / word;
    if (words > count_) {
        count_ = 0;
        return {};
    }
    count_ -= words;
    bool passed_over = placement_.is_gcc() || (count_ > 0 && leaves_a_register_empty(placement_.values, value));
    if (passed_over) registers_.skip_to(registers_.next() + words);
    return {};
}

Result<bool> is_single_float(const Values& values, const Value& value) {
    constexpr std::uint64_t widest = 8;
    if (!value.is_class() || value.type == TypeId::none || value.size > widest) return false;
    constexpr std::size_t most_leaves = 8;   // unnamed bit-fields among them
    ABISCOPE_TRY(std::vector<Leaf> leaves, values.first_leaves(value.type, most_leaves));
    std::erase_if(leaves, &Leaf::unnamed);
    if (values.has_flexible_array(value.type)) return false;
    return leaves.size() == 1 && leaves[0].kind == LeafKind::floating && !leaves[0].atomic && leaves[0].size() == value.size;
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
