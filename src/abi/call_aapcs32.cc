// AAPCS32: the base standard (6.5, stages A to C), and with VFP registers (7.1.2 for co-processor register candidates).
#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "abi/call_homogeneous.h"
#include "abi/call_placement.h"

namespace abiscope::abi {

namespace {

constexpr std::string_view vfp = "AAPCS32 2024Q3, 7.1.2";
constexpr std::string_view vfp_result = "AAPCS32 2024Q3, 7.1.2.2";
constexpr std::string_view base_result = "AAPCS32 2024Q3, 6.4";
constexpr std::uint64_t word = 4;

std::string stage(std::string_view rule) { return fmt::format("AAPCS32 2024Q3, 6.5, {}", rule); }

// The sixteen single-precision registers, which double and quadword ones are made of. A later, smaller argument may fill a gap.
class VfpRegisters {
public:
    // `count` registers of `size` bytes in a row; the index of the first in units of `size`, or nothing.
    std::optional<std::size_t> take(std::uint64_t size, std::uint64_t count) {
        std::size_t units = std::max<std::uint64_t>(size / word, 1), need = units * count;
        for (std::size_t at = 0; at + need <= used_.size(); at += units) {
            if (std::any_of(used_.begin() + at, used_.begin() + at + need, [](bool used) { return used; })) continue;
            std::fill_n(used_.begin() + at, need, true);
            return at / units;
        }
        return std::nullopt;
    }
    void exhaust() { used_.fill(true); }

private:
    std::array<bool, 16> used_{};
};

std::string vfp_name(std::uint64_t size, std::size_t index) { return fmt::format("{}{}", size <= 4 ? 's' : size == 8 ? 'd' : 'q', index); }

class Arm32 {
public:
    explicit Arm32(CallPlacement& placement) : placement_(placement), general_(placement.data.general) {}

    Result<bool> result() {
        ABISCOPE_TRY(Value value, placement_.result());
        if (value.shape == Shape::nothing) return false;
        ABISCOPE_TRY(ClassTraits traits, placement_.result_traits());
        if (!traits.trivial_for_calls) {
            placement_.result_in_memory(value, "by reference", {{traits.reason, "Itanium C++ ABI 3.1.3"}});
            return true;
        }
        if (is_wide_bit_int(value)) {
            placement_.result_in_memory(value, "by reference", {{std::string(wide_bit_int), std::string(wide_bit_int_rule)}});
            return true;
        }
        ABISCOPE_TRY(auto candidate, vfp_candidate(value));
        Travels out = placement_.result_travels(value);
        if (nothing(value)) {
            out.class_name = "empty";
        } else if (candidate) {
            VfpRegisters registers;
            take_vfp(out, value, *candidate, registers);
            out.steps.push_back({"VFP registers, as for the first argument", std::string(vfp_result)});
        } else if ((value.is_class() || value.shape == Shape::complex) && value.size > word) {
            placement_.result_in_memory(
                value, "by reference",
                {{fmt::format("{} bytes are more than a word: the caller says where", value.size), std::string(base_result)}});
            return true;
        } else {
            Registers registers(placement_.data.general_results);
            out.class_name = value.is_class() ? "composite" : value.shape == Shape::vector ? "containerized vector" : "integer";
            for (std::uint64_t at = 0; at < value.size && registers.left() > 0; at += word) {
                out.locations.push_back(
                    CallPlacement::in_register(LocationKind::general_register, registers.take(), at, std::min(word, value.size - at)));
            }
            out.steps.push_back({fmt::format("{} bytes in core registers", value.size), std::string(base_result)});
        }
        placement_.add_result(std::move(out));
        return false;
    }

    Result<void> argument(Item& item) {
        if (!item.traits.trivial_for_calls) placement_.by_pointer(item, "by reference", item.traits.reason, "Itanium C++ ABI 3.1.2");
        const Value& value = item.value;
        Travels& travels = item.travels;
        if (nothing(value)) {
            travels.passed = Passed::ignored;
            travels.class_name = "empty";
            travels.steps.push_back({"it has no bytes", stage("B")});
            return {};
        }
        ABISCOPE_TRY(auto candidate, vfp_candidate(value));
        if (candidate) {
            if (take_vfp(travels, value, *candidate, vfp_)) {
                travels.steps.push_back({"VFP registers that are free in a row", std::string(vfp)});
                return {};
            }
            vfp_.exhaust();
            travels.steps.push_back({"too few VFP registers are left: the stack, and no later argument gets one", std::string(vfp)});
            // clang 19, ARM.cpp, classifyHomogeneousAggregate: an array of its members, aligned as those are.
            on_stack(travels, value, 0, placement_.is_clang() && candidate->element_size >= 2 * word ? 2 * word : alignment_of(value));
            return {};
        }
        core(travels, value);
        return {};
    }

private:
    Result<std::optional<Homogeneous>> vfp_candidate(const Value& value) const {
        if (placement_.call.convention == Convention::aapcs32_base || placement_.is_variadic()) return std::nullopt;
        if (value.shape == Shape::floating) return Homogeneous{.element_size = value.size, .count = 1};
        if (value.shape == Shape::vector && (value.size == 8 || value.size == 16))
            return Homogeneous{.element_size = value.size, .count = 1, .vectors = true};
        ABISCOPE_TRY(auto members, homogeneous(placement_, value));
        // clang 19, CodeGen/Targets/ARM.cpp, ARMABIInfo::isHomogeneousAggregateBaseType: float, double and long double alone.
        if (members && members->element_size < word && placement_.is_clang()) return std::nullopt;
        return members;
    }

    // GCC passes the byte of an empty class of C++, clang does not.
    [[nodiscard]] bool nothing(const Value& value) const { return value.size == 0 || (value.empty && placement_.is_clang()); }

    static bool take_vfp(Travels& travels, const Value& value, const Homogeneous& members, VfpRegisters& registers) {
        bool aggregate = value.is_class() || value.shape == Shape::complex;
        travels.class_name = aggregate ? members.vectors ? "HVA" : "HFA" : members.vectors ? "vector" : "floating point";
        if (aggregate) travels.steps.push_back({members.text, "AAPCS32 2024Q3, 7.1.2.1"});
        auto first = registers.take(members.element_size, members.count);
        if (!first) return false;
        for (std::uint64_t i = 0; i < members.count; ++i) {
            travels.locations.push_back(CallPlacement::in_register(
                LocationKind::vector_register, vfp_name(members.element_size, *first + i), i * members.element_size, members.element_size));
        }
        return true;
    }

    // B.5: of the copy, 4 or 8.
    [[nodiscard]] std::uint64_t alignment_of(const Value& value) const {
        return value.natural_alignment >= 8 || (placement_.is_gcc() && has_double_word_bit_field(value)) ? 8 : word;
    }

    // GCC asks the declared type of a bit-field, one without bits and in a packed struct too (GCC 12, config/arm/arm.cc,
    // arm_needs_doubleword_align).
    [[nodiscard]] bool has_double_word_bit_field(const Value& value) const {
        const Record* record = placement_.types.record(value.type);
        return record != nullptr && std::ranges::any_of(record->fields, [this](const Field& field) {
                   if (!field.bit_width) return false;
                   auto declared = placement_.values.layout(field.type);
                   return declared && (*declared)->alignment >= 8;
               });
    }

    void core(Travels& travels, const Value& value) {
        if (travels.class_name.empty()) travels.class_name = value.is_class() ? "composite" : "integer";
        if (alignment_of(value) == 8 && general_.next() % 2 == 1) {
            travels.steps.push_back({"aligned to 8: an even register", stage("C.3")});
            general_.skip_to(general_.next() + 1);
        }
        std::uint64_t words = (value.size + word - 1) / word;
        bool fits = words <= general_.left();
        if (!fits && (general_.left() == 0 || placement_.stack != 0)) {
            general_.exhaust();
            travels.steps.push_back({"too few core registers are left: the stack, and no later argument gets one", stage("C.6")});
            on_stack(travels, value, 0, alignment_of(value));
            return;
        }
        std::uint64_t at = 0;
        for (; at < value.size && general_.left() > 0; at += word) {
            travels.locations.push_back(
                CallPlacement::in_register(LocationKind::general_register, general_.take(), at, std::min(word, value.size - at)));
        }
        travels.steps.push_back({fmt::format("{} core register{}", travels.locations.size(), travels.locations.size() == 1 ? "" : "s"),
                                 stage(fits ? "C.4" : "C.5")});
        if (!fits) {
            travels.steps.push_back({"the rest goes to the stack", stage("C.5")});
            on_stack(travels, value, at, word);
        }
    }

    void on_stack(Travels& travels, const Value& value, std::uint64_t from, std::uint64_t alignment) {
        std::uint64_t size = value.size - from;
        std::uint64_t offset = placement_.stack_place(align_up(size, word), alignment);
        travels.locations.push_back(CallPlacement::on_stack(offset, from, size));
        if (from == 0) travels.steps.push_back({fmt::format("on the stack, aligned to {}", alignment), stage("C.7 and C.8")});
    }

    CallPlacement& placement_;
    Registers general_;
    VfpRegisters vfp_;
};

}  // namespace

Result<void> place_aapcs32(CallPlacement& placement) {
    Arm32 arm(placement);
    ABISCOPE_TRY(bool result_pointer, arm.result());
    ABISCOPE_TRY(std::vector<Item> items, placement.items(result_pointer, HiddenOrder::result_first));
    for (Item& item : items) {
        ABISCOPE_CHECK(arm.argument(item));
        placement.call.arguments.push_back(std::move(item.travels));
    }
    bool vfp_registers = placement.call.convention == Convention::aapcs32_vfp;
    if (vfp_registers && placement.is_variadic())
        placement.note("a variadic function follows the base standard: no VFP registers", "AAPCS32 2024Q3, 7.1.2");
    return {};
}

}  // namespace abiscope::abi
