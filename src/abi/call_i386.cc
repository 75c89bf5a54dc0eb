// System V i386: everything on the stack, but vectors (psABI 1.1, 2.2.3). Also the Windows conventions that GCC and clang have there by
// attribute: stdcall, fastcall, thiscall.
#include <algorithm>

#include <fmt/format.h>

#include "abi/call_i386_stack.h"
#include "abi/call_placement.h"

namespace abiscope::abi {

namespace {

constexpr std::string_view passing = "SysV i386 psABI 1.1, 2.2.3";
constexpr std::string_view returning = "SysV i386 psABI 1.1, 2.2.4";

std::string by_attribute(const CallPlacement& placement) {
    return fmt::format("GCC manual, x86 Function Attributes, {}", to_string(placement.call.convention));
}

Result<bool> place_result(CallPlacement& placement) {
    ABISCOPE_TRY(Value value, placement.result());
    if (value.shape == Shape::nothing) return false;
    ABISCOPE_TRY(ClassTraits traits, placement.result_traits());
    auto memory = [&](std::string why, std::string rule) {
        placement.result_in_memory(value, "memory", {{std::move(why), std::move(rule)}});
        return true;
    };
    if (!traits.trivial_for_calls) return memory(traits.reason, "Itanium C++ ABI 3.1.3");
    if (is_wide_bit_int(value)) return memory(std::string(wide_bit_int), std::string(wide_bit_int_rule));
    Travels out = placement.result_travels(value);
    const auto& general = placement.data.general_results;
    const auto& x87 = placement.data.x87_results;
    if (value.shape == Shape::aggregate) return memory("a struct or union is stored where the caller says", std::string(returning));
    if (value.shape == Shape::vector) {
        if (value.size > 16 || (value.size < 16 && !placement.is_gcc() && value.size != 8))
            return memory(fmt::format("a vector of {} bytes", value.size), std::string(returning));
        out.class_name = "vector";
        out.locations = {CallPlacement::in_register(LocationKind::vector_register, placement.data.vector_results[0], 0, value.size)};
    } else if (value.shape == Shape::floating && value.scalar == Scalar::half) {
        out.class_name = "vector";
        out.locations = {CallPlacement::in_register(LocationKind::vector_register, placement.data.vector_results[0], 0, value.size)};
    } else if (value.shape == Shape::floating && value.scalar != Scalar::float128) {
        out.class_name = "x87";
        out.locations = {CallPlacement::in_register(LocationKind::x87_register, x87[0], 0, std::min<std::uint64_t>(value.size, 10))};
    } else if (value.size <= 8) {
        out.class_name = "integer";
        for (std::uint64_t at = 0; at < value.size; at += 4) {
            out.locations.push_back(CallPlacement::in_register(LocationKind::general_register, general[at / 4], at,
                                                               std::min<std::uint64_t>(4, value.size - at)));
        }
    } else {
        return memory(fmt::format("{} bytes are more than eax and edx hold", value.size), std::string(returning));
    }
    out.steps.push_back(
        {fmt::format("{}: {}", out.class_name, out.locations.empty() ? "nothing" : out.locations.front().name), std::string(returning)});
    placement.add_result(std::move(out));
    return false;
}

class I386 {
public:
    explicit I386(CallPlacement& placement)
        : placement_(placement), general_(placement, placement.data.general), vector_(vectors_), vectors_left_(!placement.is_variadic()) {}

    Result<void> argument(Item& item) {
        Travels& travels = item.travels;
        if (!item.traits.trivial_for_calls)
            placement_.by_pointer(item, "memory (by reference)", item.traits.reason, "Itanium C++ ABI 3.1.2");
        if (is_wide_bit_int(item.value))
            placement_.by_pointer(item, "memory (by reference)", std::string(wide_bit_int), std::string(wide_bit_int_rule));
        const Value& value = item.value;
        // clang, X86_32ABIInfo::classifyArgumentType: "Structures with flexible arrays are always indirect", those without bytes, too.
        bool flexible = placement_.is_flexible_to_clang(value);
        if (!flexible && (value.size == 0 || (value.empty && placement_.is_clang()))) {
            travels.passed = Passed::ignored;
            travels.class_name = "empty";
            travels.steps.push_back({"it has no bytes", std::string(passing)});
            return {};
        }
        ABISCOPE_TRY(bool in_register, in_general(item));
        if (in_register) return {};
        if (value.shape == Shape::vector && value.size == 16 && vectors_left_ && vector_.left() > 0) {
            travels.class_name = "vector";
            travels.locations = {CallPlacement::in_register(LocationKind::vector_register, vector_.take(), 0, value.size)};
            travels.steps.push_back({"one of the first three vectors", std::string(passing)});
            return {};
        }
        if (travels.class_name.empty()) travels.class_name = "memory";
        std::uint64_t alignment = i386_stack_alignment(placement_, value);
        ABISCOPE_TRY(StackRoom room, i386_stack_room(placement_, item));
        std::uint64_t offset = placement_.stack_place(room.taken, alignment);
        travels.locations = {CallPlacement::on_stack(offset, 0, room.carried)};
        travels.steps.push_back({fmt::format("on the stack, aligned to {}", alignment), std::string(passing)});
        if (!room.why.empty()) travels.steps.push_back({fmt::format("{} bytes of it", room.carried), std::string(room.why)});
        if (room.carried == 0) travels.passed = Passed::ignored;
        return {};
    }

private:
    Result<bool> in_general(Item& item) {
        const Value& value = item.value;
        // clang's fastcall keeps the address of the result's place on the stack.
        bool on_stack = item.is_result_pointer && placement_.is_clang() && placement_.call.convention == Convention::fastcall;
        if (on_stack || !general_.available()) return false;
        if (value.shape == Shape::integer && value.size <= 4) {
            item.travels.class_name = "integer";
            item.travels.locations = {CallPlacement::in_register(LocationKind::general_register, general_.take(), 0, value.size)};
            item.travels.steps.push_back({"one of the first integers of up to 4 bytes", by_attribute(placement_)});
            return true;
        }
        ABISCOPE_CHECK(general_.use_up(value));
        return false;
    }

    CallPlacement& placement_;
    FastRegisters general_;
    const std::vector<std::string> vectors_{"xmm0", "xmm1", "xmm2"};
    Registers vector_;
    bool vectors_left_;
};

}  // namespace

Result<void> place_i386(CallPlacement& placement) {
    ABISCOPE_TRY(bool result_pointer, place_result(placement));
    ABISCOPE_TRY(std::vector<Item> items, placement.items(result_pointer, HiddenOrder::result_first));
    I386 engine(placement);
    for (Item& item : items) {
        ABISCOPE_CHECK(engine.argument(item));
        placement.call.arguments.push_back(std::move(item.travels));
    }
    placement.call.callee_pops = placement.data.callee_pops;
    if (placement.data.callee_pops) {
        placement.call.callee_pops_bytes = placement.stack;
    } else if (result_pointer) {
        placement.call.callee_pops = true;
        placement.call.callee_pops_bytes = 4;
        placement.note("the callee pops the address of the result's place (ret $4) and returns it in eax", std::string(returning));
    }
    return {};
}

}  // namespace abiscope::abi
