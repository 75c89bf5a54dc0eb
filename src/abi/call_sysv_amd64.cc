// System V AMD64: where values of each class travel (psABI 1.0, 3.2.3).
#include <algorithm>

#include <fmt/format.h>

#include "abi/call_placement.h"
#include "abi/sysv_amd64_classes.h"

namespace abiscope::abi {

namespace {

using sysv_amd64::Class;
using sysv_amd64::classification;
using sysv_amd64::Classified;
using sysv_amd64::Classifier;

constexpr std::string_view passing = "SysV AMD64 psABI 1.0, 3.2.3, Passing";
constexpr std::string_view returning = "SysV AMD64 psABI 1.0, 3.2.3, Returning of Values";

struct Need {
    std::size_t general = 0;
    std::size_t vector = 0;
};

Need need(const Classified& classified) {
    Need out;
    for (std::size_t i = 0; i < classified.count; ++i) {
        out.general += classified.classes[i] == Class::integer ? 1 : 0;
        out.vector += classified.classes[i] == Class::sse ? 1 : 0;
    }
    return out;
}

std::vector<Location> in_registers(const Classified& classified, std::uint64_t size, Registers& general, Registers& vector) {
    std::vector<Location> out;
    for (std::size_t i = 0; i < classified.count; ++i) {
        std::uint64_t bytes = std::min<std::uint64_t>(8, size - i * 8);
        if (classified.classes[i] == Class::integer) {
            out.push_back(CallPlacement::in_register(LocationKind::general_register, general.take(), i * 8, bytes));
        } else if (classified.classes[i] == Class::sse) {
            out.push_back(CallPlacement::in_register(LocationKind::vector_register, vector.take(), i * 8, bytes));
        } else if (classified.classes[i] == Class::sse_up) {
            out.back().size += bytes;
        }
    }
    for (Location& location : out) {
        if (location.kind == LocationKind::vector_register) location.name = x86_vector_name(location.name, location.size);
    }
    return out;
}

Result<bool> place_result(CallPlacement& placement, const Classifier& classifier) {
    ABISCOPE_TRY(Value value, placement.result());
    if (value.shape == Shape::nothing) return false;
    ABISCOPE_TRY(ClassTraits traits, placement.result_traits());
    if (!traits.trivial_for_calls) {
        placement.result_in_memory(value, "MEMORY", {{traits.reason, "Itanium C++ ABI 3.1.3"}});
        return true;
    }
    ABISCOPE_TRY(Classified classified, classifier.classify(value, false, true));
    Travels out = placement.result_travels(value);
    // clang has a pointer for aggregates alone: a vector that is too wide comes back in pieces.
    const std::uint64_t piece = classifier.widest_vector();
    if (classified.in_memory() && value.shape == Shape::vector && placement.is_clang()) {
        Registers vector(placement.data.vector);
        out.class_name = "MEMORY, in pieces";
        out.steps = std::move(classified.steps);
        out.steps.push_back(
            {"clang returns a vector it has no register for in several", "clang 19, X86.cpp, X86_64ABIInfo::getIndirectReturnResult"});
        for (std::uint64_t at = 0; at < value.size && vector.left() > 0; at += piece) {
            std::uint64_t bytes = std::min(piece, value.size - at);
            out.locations.push_back(
                CallPlacement::in_register(LocationKind::vector_register, x86_vector_name(vector.take(), bytes), at, bytes));
        }
        placement.add_result(std::move(out));
        return false;
    }
    if (classified.in_memory()) {
        placement.result_in_memory(value, "MEMORY", std::move(classified.steps));
        return true;
    }
    out.class_name = classified.text();
    out.steps = std::move(classified.steps);
    const auto& x87 = placement.data.x87_results;
    if (classified.count > 0 && classified.classes[0] == Class::x87) {
        out.locations = {CallPlacement::in_register(LocationKind::x87_register, x87[0], 0, 10)};
    } else if (classified.count > 0 && classified.classes[0] == Class::complex_x87) {
        out.locations = {CallPlacement::in_register(LocationKind::x87_register, x87[0], 0, 10),
                         CallPlacement::in_register(LocationKind::x87_register, x87[1], 16, 10)};
    } else {
        Registers general(placement.data.general_results), vector(placement.data.vector_results);
        out.locations = in_registers(classified, value.size, general, vector);
        if (out.locations.empty()) out.passed = Passed::ignored;
    }
    placement.add_result(std::move(out));
    return false;
}

struct ArgumentRegisters {
    Registers general, vector;
    // clang gives away the last general register so that no half of an __int128 lies in it (clang 19, X86CallingConv.td, CC_X86_64_C), but
    // its front end (Targets/X86.cpp) still counts with it: once, an INTEGER eightbyte finds it gone and goes to the stack alone.
    bool counted_but_gone = false;
};

// A value of which only the INTEGER eightbyte has no register: it lies in both.
void place_apart(CallPlacement& placement, const Classified& classified, Item& item, ArgumentRegisters& registers) {
    for (std::size_t i = 0; i < classified.count; ++i) {
        std::uint64_t bytes = std::min<std::uint64_t>(8, item.value.size - i * 8);
        if (classified.classes[i] == Class::integer) {
            item.travels.locations.push_back(CallPlacement::on_stack(placement.stack_place(8, 8), i * 8, bytes));
        } else {
            std::string name = x86_vector_name(registers.vector.take(), bytes);
            item.travels.locations.push_back(CallPlacement::in_register(LocationKind::vector_register, name, i * 8, bytes));
        }
    }
    item.travels.steps.push_back({"clang counts with a register that an __int128 has taken: one half on the stack", std::string(passing)});
}

Result<void> place_argument(CallPlacement& placement, const Classifier& classifier, Item& item, ArgumentRegisters& registers) {
    Registers& general = registers.general;
    Registers& vector = registers.vector;
    Travels& travels = item.travels;
    if (!item.traits.trivial_for_calls) placement.by_pointer(item, "INTEGER (by reference)", item.traits.reason, "Itanium C++ ABI 3.1.2");
    ABISCOPE_TRY(Classified classified, classifier.classify(item.value, item.variadic));
    if (travels.class_name.empty()) travels.class_name = classified.text();
    travels.steps.insert(travels.steps.end(), classified.steps.begin(), classified.steps.end());
    if (classified.nothing()) {
        travels.passed = Passed::ignored;
        return {};
    }
    bool memory = classified.in_memory();
    if (classified.classes[0] == Class::x87 || classified.classes[0] == Class::complex_x87) {
        travels.steps.push_back({fmt::format("{} travels in memory", sysv_amd64::name(classified.classes[0])), std::string(passing)});
        memory = true;
    }
    Need wanted = need(classified);
    if (!memory && (wanted.general > general.left() || wanted.vector > vector.left())) {
        bool counted = registers.counted_but_gone && wanted.general == 1 && wanted.vector <= vector.left();
        if (counted) registers.counted_but_gone = false;
        if (counted && wanted.vector == 1) {
            place_apart(placement, classified, item, registers);
            return {};
        }
        bool is_int128 = item.value.scalar == Scalar::int128 || item.value.scalar == Scalar::unsigned_int128;
        bool wastes_one = placement.is_clang() && is_int128 && general.left() == 1;
        if (wastes_one) {
            general.exhaust();
            registers.counted_but_gone = true;
        }
        travels.steps.push_back({wastes_one ? "one register is left, which clang takes from later arguments, too: the stack"
                                            : "not enough registers are left for all of it: the stack, and no register is used up",
                                 std::string(passing)});
        memory = true;
    }
    if (!memory) {
        travels.locations = in_registers(classified, item.value.size, general, vector);
        return {};
    }
    std::uint64_t alignment =
        std::max<std::uint64_t>(item.value.is_class() ? item.value.alignment : item.value.natural_alignment, placement.data.slot);
    // What has no bytes takes a slot, too (LLVM 19, CCState::HandleByVal).
    std::uint64_t offset =
        placement.stack_place(std::max<std::uint64_t>(align_up(item.value.size, placement.data.slot), placement.data.slot), alignment);
    placement.call.stack_alignment =
        std::max(placement.call.stack_alignment, static_cast<std::uint32_t>(std::min<std::uint64_t>(alignment, 1U << 30)));
    travels.locations = {CallPlacement::on_stack(offset, 0, item.value.size)};
    travels.steps.push_back({fmt::format("on the stack, aligned to {}", alignment), std::string(passing)});
    return {};
}

}  // namespace

Result<void> place_sysv_amd64(CallPlacement& placement) {
    Classifier classifier(placement);
    ABISCOPE_TRY(bool result_pointer, place_result(placement, classifier));
    if (result_pointer) placement.note("rax holds the address of the result's place on return", std::string(returning));
    ABISCOPE_TRY(std::vector<Item> items, placement.items(result_pointer, HiddenOrder::result_first));
    ArgumentRegisters registers{.general = Registers(placement.data.general), .vector = Registers(placement.data.vector)};
    for (Item& item : items) {
        ABISCOPE_CHECK(place_argument(placement, classifier, item, registers));
        placement.call.arguments.push_back(std::move(item.travels));
    }
    if (classifier.lacks() != 0) {
        placement.note(fmt::format("assumed: compiled without {}, with which a vector of {} bytes travels in one register",
                                   classifier.lacks() > 32 ? "-mavx512f" : "-mavx", classifier.lacks()),
                       std::string(classification));
    }
    if (placement.is_variadic() || !placement.signature.prototyped) {
        placement.note(fmt::format("al is an upper bound of the vector registers in use: {}", registers.vector.next()),
                       "SysV AMD64 psABI 1.0, 3.5.7");
    }
    return {};
}

}  // namespace abiscope::abi
