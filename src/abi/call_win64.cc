// Microsoft x64 and __vectorcall on x64: a slot for each argument, register or stack by its position.
#include <algorithm>

#include <fmt/format.h>

#include "abi/call_homogeneous.h"
#include "abi/call_placement.h"

namespace abiscope::abi {

namespace {

constexpr std::string_view passing = "Microsoft Learn, x64 calling convention, Parameter passing";
constexpr std::string_view returning = "Microsoft Learn, x64 calling convention, Return values";
constexpr std::string_view varargs = "Microsoft Learn, x64 calling convention, Varargs";
constexpr std::string_view flexible = "clang 19, X86.cpp, WinX86_64ABIInfo::classify";
constexpr std::string_view vectorcall = "Microsoft Learn, __vectorcall, x64";

bool fits_slot(std::uint64_t size) { return size == 1 || size == 2 || size == 4 || size == 8; }
bool is_vectorcall(const CallPlacement& placement) { return placement.call.convention == Convention::vectorcall64; }

// float and double, and long double where it is one.
bool in_vector_register(const Value& value) { return value.shape == Shape::floating && value.size <= 8; }

// __vectorcall has registers for vectors in the first six positions.
bool vector_in_register(const CallPlacement& placement, const Value& value, std::size_t position) {
    return is_vectorcall(placement) && value.shape == Shape::vector && position < placement.data.vector.size();
}

// Itanium C++ ABI, or what Microsoft's compiler makes of a class: it passes one in a slot that has a trivial copy constructor, even if
// the destructor does something.
bool passes_by_value(const CallPlacement& placement, const ClassTraits& traits, std::uint64_t size) {
    if (!placement.microsoft_classes()) return traits.trivial_for_calls;
    return traits.trivial_copy && (traits.trivial_destructor || size <= 8);
}

Result<bool> place_result(CallPlacement& placement) {
    ABISCOPE_TRY(Value value, placement.result());
    if (value.shape == Shape::nothing) return false;
    ABISCOPE_TRY(ClassTraits traits, placement.result_traits());
    if (std::string why = placement.class_in_memory(value, traits); !why.empty()) {
        placement.result_in_memory(value, "by reference",
                                   {{why, placement.microsoft_classes() ? std::string(returning) : "Itanium C++ ABI 3.1.3"}});
        return true;
    }
    if (is_wide_bit_int(value)) {
        placement.result_in_memory(value, "by reference", {{std::string(wide_bit_int), std::string(wide_bit_int_rule)}});
        return true;
    }
    if (placement.is_flexible_to_clang(value)) {
        placement.result_in_memory(value, "by reference", {{"a struct with a flexible array member", std::string(flexible)}});
        return true;
    }
    Travels out = placement.result_travels(value);
    // clang asks whether it compiles for MinGW, and not whether the function is ms_abi.
    bool x87 = placement.is_clang() && placement.profile.convention != Convention::win64 && value.shape == Shape::floating &&
        value.scalar == Scalar::long_double && value.size > 8;
    if (x87) {
        out.class_name = "x87";
        out.locations = {CallPlacement::in_register(LocationKind::x87_register, "st0", 0, 10)};
        out.steps = {{"long double of an ms_abi function elsewhere than on Windows: st0",
                      "clang 19, X86.cpp, WinX86_64ABIInfo::classify, IsMingw64"}};
        placement.add_result(std::move(out));
        return false;
    }
    const std::string& xmm0 = placement.data.vector_results.front();
    if (is_vectorcall(placement)) {
        ABISCOPE_TRY(auto members, vectorcall_members(placement, value));
        if (members) {
            out.class_name = members->vectors ? "HVA" : "HFA";
            out.steps = {{members->text + ": a register for each", std::string(vectorcall)}};
            for (std::uint64_t i = 0; i < members->count; ++i) {
                out.locations.push_back(CallPlacement::in_register(LocationKind::vector_register,
                                                                   x86_vector_name(placement.data.vector_results[i], members->element_size),
                                                                   i * members->element_size, members->element_size));
            }
            placement.add_result(std::move(out));
            return false;
        }
    }
    bool is_int128 = value.shape == Shape::integer && value.size == 16 && !placement.microsoft_classes();
    if (in_vector_register(value) || (value.shape == Shape::vector && value.size >= 8) || is_int128 ||
        (value.shape == Shape::integer && value.size == 16)) {
        out.class_name = is_int128 ? "128-bit integer" : value.shape == Shape::vector ? "vector" : "floating point";
        out.locations = {CallPlacement::in_register(LocationKind::vector_register, x86_vector_name(xmm0, value.size), 0, value.size)};
        out.steps = {{fmt::format("{}: {}", out.class_name, xmm0), std::string(returning)}};
    } else if (value.size == 0 && !placement.is_clang()) {   // clang: no size that a register has
        out.class_name = "empty";
    } else if (fits_slot(value.size) && value.shape != Shape::floating) {
        out.class_name = "integer";
        out.locations = {CallPlacement::in_register(LocationKind::general_register, placement.data.general_results.front(), 0, value.size)};
        out.steps = {{fmt::format("{} bytes: as an integer", value.size), std::string(returning)}};
    } else {
        placement.result_in_memory(value, "by reference",
                                   {{fmt::format("{} bytes: through a pointer", value.size), std::string(returning)}});
        return true;
    }
    placement.add_result(std::move(out));
    return false;
}

// The one slot of an argument: position `index` of the list.
void place_slot(CallPlacement& placement, Item& item, std::size_t index) {
    Travels& travels = item.travels;
    std::uint64_t size = std::min<std::uint64_t>(item.value.size, placement.data.slot);
    const auto& general = placement.data.general;
    const auto& vector = placement.data.vector;
    bool vector_slot = in_vector_register(item.value) || vector_in_register(placement, item.value, index);
    std::uint64_t offset = index * placement.data.slot;
    if (vector_slot && index < vector.size()) {
        travels.locations = {
            CallPlacement::in_register(LocationKind::vector_register, x86_vector_name(vector[index], item.value.size), 0, item.value.size)};
        // Every caller copies what stands for "..."; all but GCC what is named beside it, too.
        bool copied = item.variadic || !placement.signature.prototyped || (placement.is_variadic() && !placement.is_gcc());
        if (copied && index < general.size()) {
            travels.locations.push_back(CallPlacement::in_register(LocationKind::general_register, general[index], 0, size));
            travels.locations.back().also = true;
            travels.steps.push_back({"the general register of the slot holds it too, as the callee may look there", std::string(varargs)});
        }
    } else if (!vector_slot && index < general.size()) {
        travels.locations = {CallPlacement::in_register(LocationKind::general_register, general[index], 0, size)};
    } else {
        travels.locations = {CallPlacement::on_stack(offset, 0, size)};
    }
    travels.steps.push_back({fmt::format("position {}: {}", index + 1,
                                         travels.locations.front().name.empty() ? "the stack, above the 32 bytes of shadow space"
                                                                                : travels.locations.front().name),
                             std::string(passing)});
    placement.stack = std::max(placement.stack, offset + placement.data.slot);
}

// What the slot holds: the value, or a pointer to a copy.
void choose_form(CallPlacement& placement, Item& item, std::size_t position) {
    const Value& value = item.value;
    if (item.is_result_pointer || item.is_this) {
        item.travels.class_name = "integer";
        return;
    }
    bool is_class = placement.is_cxx_class(value);
    if (is_class && !passes_by_value(placement, item.traits, value.size)) {
        std::string why = item.traits.reason.empty() ? "it has no copy constructor that does nothing" : item.traits.reason;
        placement.by_pointer(item, "by reference", why, placement.microsoft_classes() ? std::string(passing) : "Itanium C++ ABI 3.1.2");
        item.travels.passed = Passed::by_hidden_reference;
        return;
    }
    if (placement.is_flexible_to_clang(value)) {
        placement.by_pointer(item, "by reference", "a struct with a flexible array member: a pointer to a copy", std::string(flexible));
    } else if (in_vector_register(value)) {
        item.travels.class_name = "floating point";
    } else if (vector_in_register(placement, value, position)) {
        item.travels.class_name = "vector";
    } else if (fits_slot(value.size) && value.shape != Shape::floating) {
        item.travels.class_name = "integer";
        if (value.is_class()) {
            item.travels.steps.push_back({fmt::format("an aggregate of {} bytes travels as an integer", value.size), std::string(passing)});
        }
    } else {
        placement.by_pointer(item, "by reference", fmt::format("{} bytes are not 1, 2, 4 or 8: a pointer to a copy", value.size),
                             std::string(passing));
    }
}

// __vectorcall: homogeneous aggregates take vector registers that the positions leave free, in a second pass. The ones that find enough.
std::vector<bool> place_homogeneous(const CallPlacement& placement, std::vector<Item>& items,
                                    const std::vector<std::optional<Homogeneous>>& members) {
    std::vector<bool> used(placement.data.vector.size(), false), placed(items.size(), false);
    for (std::size_t i = 0; i < items.size() && i < used.size(); ++i) {
        used[i] = !members[i] && (in_vector_register(items[i].value) || items[i].value.shape == Shape::vector);
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!members[i]) continue;
        Travels& travels = items[i].travels;
        std::vector<std::size_t> free;
        for (std::size_t r = 0; r < used.size() && free.size() < members[i]->count; ++r) {
            if (!used[r]) free.push_back(r);
        }
        if (free.size() < members[i]->count) continue;
        placed[i] = true;
        travels.class_name = members[i]->vectors ? "HVA" : "HFA";
        travels.steps.push_back({fmt::format("{}: vector registers that are left", members[i]->text), std::string(vectorcall)});
        for (std::size_t n = 0; n < free.size(); ++n) {
            used[free[n]] = true;
            travels.locations.push_back(CallPlacement::in_register(
                LocationKind::vector_register, x86_vector_name(placement.data.vector[free[n]], members[i]->element_size),
                n * members[i]->element_size, members[i]->element_size));
        }
    }
    return placed;
}

}  // namespace

Result<void> place_win64(CallPlacement& placement) {
    ABISCOPE_TRY(bool result_pointer, place_result(placement));
    if (result_pointer) placement.note("rax holds the address of the result's place on return", std::string(returning));
    ABISCOPE_TRY(HiddenOrder order, placement.hidden_order());
    ABISCOPE_TRY(std::vector<Item> items, placement.items(result_pointer, order));
    std::vector<std::optional<Homogeneous>> members(items.size());
    placement.stack = std::uint64_t{placement.data.slot} * 4;
    for (std::size_t i = 0; is_vectorcall(placement) && i < items.size(); ++i) {
        if (items[i].is_this || items[i].is_result_pointer) continue;
        ABISCOPE_TRY(members[i], vectorcall_members(placement, items[i].value));
    }
    std::vector<bool> placed = place_homogeneous(placement, items, members);
    std::size_t position = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        Item& item = items[i];
        if (placed[i]) {
            // Beyond the positions that have a register it leaves no slot empty.
            if (position < placement.data.vector.size()) ++position;
            continue;
        }
        bool no_slot = placement.is_gcc() && item.value.empty && item.value.size != 0 && position >= placement.data.general.size();
        if (no_slot && item.traits.trivial_for_calls) {
            item.travels.passed = Passed::ignored;
            item.travels.class_name = "empty";
            item.travels.steps.push_back(
                {"GCC gives an empty class no slot on the stack", "GCC 12, gcc/calls.cc, initialize_argument_information"});
            continue;
        }
        if (members[i]) {
            placement.by_pointer(item, "by reference", fmt::format("{}: too few vector registers are left", members[i]->text),
                                 std::string(vectorcall));
        } else {
            choose_form(placement, item, position);
        }
        place_slot(placement, item, position++);
    }
    for (Item& item : items) placement.call.arguments.push_back(std::move(item.travels));
    if (placement.microsoft_classes()) {
        placement.note("the callee destroys class objects that are passed by value",
                       "Microsoft Learn, x64 calling convention; clang 19, MicrosoftCXXABI.cpp");
    }
    return {};
}

}  // namespace abiscope::abi
