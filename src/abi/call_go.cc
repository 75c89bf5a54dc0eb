// Go's stack ABI (ABI0) and register ABI (ABIInternal), which is ABI0 where there are no registers (cmd/compile/abi-internal.md).
#include <algorithm>

#include <fmt/format.h>

#include "abi/call_placement.h"

namespace abiscope::abi {

namespace {

constexpr std::string_view assignment = "Go, cmd/compile/abi-internal.md, Function call argument and result passing";
const std::vector<std::string> no_registers;

class Go {
public:
    explicit Go(CallPlacement& placement) : placement_(placement) {
        bool in_registers = placement.call.convention == Convention::go_register;
        general_names_ = in_registers ? &placement.data.general : &no_registers;
        vector_names_ = in_registers ? &placement.data.vector : &no_registers;
    }

    // Arguments or results, from the first register on.
    Result<void> sequence(std::vector<Travels>& list) {
        general_ = Registers(*general_names_);
        vector_ = Registers(*vector_names_);
        for (Travels& travels : list) {
            ABISCOPE_TRY(Value value, placement_.values.value(travels.type));
            ABISCOPE_CHECK(assign(travels, value));
        }
        return {};
    }

    void align() { placement_.stack = align_up(placement_.stack, placement_.profile.pointer); }

    Result<void> spill(std::vector<Travels>& arguments) {
        for (Travels& travels : arguments) {
            bool in_registers = !travels.locations.empty() && travels.locations.front().kind != LocationKind::stack;
            if (!in_registers) continue;
            ABISCOPE_TRY(Value value, placement_.values.value(travels.type));
            travels.spill_offset = placement_.data.linkage + placement_.stack_place(value.size, value.alignment);
        }
        align();
        return {};
    }

private:
    Result<void> assign(Travels& travels, const Value& value) {
        Registers general = general_, vector = vector_;
        if (value.size != 0 && general_names_->size() + vector_names_->size() != 0) {
            std::vector<Location> places;
            unsigned steps = 0;
            ABISCOPE_TRY(bool done, parts(value.type, 0, places, travels, steps));
            if (done) {
                travels.class_name = "registers";
                travels.locations = std::move(places);
                travels.steps.push_back({"every part has a register", std::string(assignment)});
                return {};
            }
            general_ = general;
            vector_ = vector;
        }
        travels.class_name = "stack";
        if (value.size == 0) travels.passed = Passed::ignored;
        std::uint64_t offset = placement_.stack_place(value.size, value.alignment);
        if (value.size != 0) travels.locations = {CallPlacement::on_stack(placement_.data.linkage + offset, 0, value.size)};
        travels.steps.push_back({fmt::format("the stack, aligned to {}", value.alignment), std::string(assignment)});
        return {};
    }

    Result<bool> one(bool floating, std::uint64_t offset, std::uint64_t size, std::vector<Location>& places, Travels& travels) {
        Registers& registers = floating ? vector_ : general_;
        if (registers.left() == 0) {
            travels.steps.push_back(
                {fmt::format("no {} register is left for all of it", floating ? "floating-point" : "integer"), std::string(assignment)});
            return false;
        }
        places.push_back(CallPlacement::in_register(floating ? LocationKind::vector_register : LocationKind::general_register,
                                                    registers.take(), offset, size));
        return true;
    }

    Result<bool> words(unsigned count, std::uint64_t offset, std::vector<Location>& places, Travels& travels) {
        std::uint64_t word = placement_.profile.pointer;
        for (unsigned i = 0; i < count; ++i) {
            ABISCOPE_TRY(bool done, one(false, offset + i * word, word, places, travels));
            if (!done) return false;
        }
        return true;
    }

    Result<bool> parts(TypeId id, std::uint64_t offset, std::vector<Location>& places, Travels& travels, unsigned& steps) {
        constexpr unsigned most_steps = 4096;
        if (++steps > most_steps) return fail(ErrorCode::limit_reached, "a type of too many parts");
        TypeId resolved = placement_.types.resolve(id);
        if (resolved == TypeId::none) return fail(ErrorCode::bad_value, "a type that is not there, or is defined by itself");
        const Type& type = placement_.types.at(resolved);
        switch (type.kind) {
            case Kind::go_string:
            case Kind::go_interface: return words(2, offset, places, travels);
            case Kind::go_slice: return words(3, offset, places, travels);
            case Kind::array: {
                if (!type.count || *type.count == 0) return true;
                if (*type.count == 1) return parts(type.target, offset, places, travels, steps);
                travels.steps.push_back({fmt::format("an array of {} elements forces the stack", *type.count), std::string(assignment)});
                return false;
            }
            case Kind::complex: {
                ABISCOPE_TRY(Value value, placement_.values.value(resolved));
                for (std::uint64_t at = 0; at < value.size; at += value.size / 2) {
                    ABISCOPE_TRY(bool done, one(true, offset + at, value.size / 2, places, travels));
                    if (!done) return false;
                }
                return true;
            }
            case Kind::record: {
                ABISCOPE_TRY(Layout layout, lay_out(placement_.types, resolved, placement_.profile));
                for (const Placed& placed : layout.placed) {
                    ABISCOPE_TRY(bool done, parts(placed.type, offset + placed.bit_offset / 8, places, travels, steps));
                    if (!done) return false;
                }
                return true;
            }
            default: break;
        }
        ABISCOPE_TRY(Value value, placement_.values.value(resolved));
        std::uint64_t word = placement_.profile.pointer;
        if (value.shape == Shape::floating) return one(true, offset, value.size, places, travels);
        for (std::uint64_t at = 0; at < value.size; at += word) {
            ABISCOPE_TRY(bool done, one(false, offset + at, std::min(word, value.size - at), places, travels));
            if (!done) return false;
        }
        return true;
    }

    CallPlacement& placement_;
    const std::vector<std::string>* general_names_;
    const std::vector<std::string>* vector_names_;
    Registers general_{no_registers}, vector_{no_registers};
};

}  // namespace

Result<void> place_go(CallPlacement& placement) {
    Call& call = placement.call;
    if (placement.signature.receiver) call.arguments.push_back({.name = "receiver", .type = *placement.signature.receiver});
    for (const Parameter& parameter : placement.signature.parameters)
        call.arguments.push_back({.name = parameter.name, .type = parameter.type});
    for (const Parameter& result : placement.signature.results) call.results.push_back({.name = result.name, .type = result.type});
    Go go(placement);
    ABISCOPE_CHECK(go.sequence(call.arguments));
    go.align();
    ABISCOPE_CHECK(go.sequence(call.results));
    go.align();
    std::uint64_t before = placement.stack;
    ABISCOPE_CHECK(go.spill(call.arguments));
    call.spill_space = placement.stack - before;
    placement.stack = before;
    return {};
}

}  // namespace abiscope::abi
