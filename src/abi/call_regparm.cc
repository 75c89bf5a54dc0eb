// Attribute regparm(N) of 32-bit x86: the first integers travel in N of eax, edx and ecx. Of integers, pointers, float and double alone,
// where GCC and clang agree.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "abi/call_placement.h"

namespace abiscope::abi {

namespace {

constexpr std::uint64_t word = 4;
constexpr std::array<std::string_view, 3> registers{"eax", "edx", "ecx"};
constexpr std::string_view rule = "GCC 12 manual, 6.33.34 x86 Function Attributes, regparm; gcc/config/i386/i386.cc, function_arg_32";

bool is_integer(const Value& value) { return value.shape == Shape::integer && !is_bit_int(value) && value.size <= 2 * word; }

bool is_known(const Value& value) {
    bool floating = value.shape == Shape::floating && (value.scalar == Scalar::float_ || value.scalar == Scalar::double_);
    return value.shape == Shape::nothing || floating || is_integer(value);
}

}  // namespace

Result<void> place_regparm(CallPlacement& placement) {
    const Signature& signature = placement.signature;
    auto unsupported = [&](std::string_view what) {
        return fail(ErrorCode::unsupported, fmt::format("its attribute regparm({}) is not modelled {}", signature.regparm, what));
    };
    Call& call = placement.call;
    bool plain = call.convention == Convention::sysv_i386 || call.convention == Convention::cdecl32;
    if (signature.regparm > registers.size()) return unsupported("for so many registers");
    if (!plain) return unsupported("together with another convention, or on this machine");
    if (placement.is_method()) return unsupported("for member functions");
    if (placement.is_variadic() || !signature.prototyped) return unsupported("for functions with `...` or without a prototype");
    ABISCOPE_TRY(Value result, placement.result());
    if (!is_known(result)) return unsupported("for such a result");
    std::size_t next = 0;
    std::uint64_t stack = 0;
    for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
        ABISCOPE_TRY(Value value, placement.values.value(signature.parameters[i].type, true));
        if (!is_known(value)) return unsupported("for other arguments than integers, pointers, float and double");
        Travels& travels = call.arguments[i];
        std::uint64_t words = (value.size + word - 1) / word;
        if (!is_integer(value) || words > signature.regparm - next) {
            // An integer that does not fit leaves no register to those behind it.
            if (is_integer(value)) next = signature.regparm;
            travels.locations = {CallPlacement::on_stack(stack, 0, value.size)};
            stack += words * word;
            continue;
        }
        travels.class_name = "integer";
        travels.locations.clear();
        for (std::uint64_t at = 0; at < value.size; at += word) {
            travels.locations.push_back(CallPlacement::in_register(LocationKind::general_register, std::string(registers[next++]), at,
                                                                   std::min(word, value.size - at)));
        }
        travels.steps = {{"one of the first integers", std::string(rule)}};
    }
    placement.stack = stack;
    return {};
}

}  // namespace abiscope::abi
