// RISC-V LP64D (riscv-cc: integer and hardware floating-point calling convention).
#include <algorithm>

#include <fmt/format.h>

#include "abi/call_placement.h"

namespace abiscope::abi {

namespace {

constexpr std::string_view integer = "RISC-V ELF psABI 1.0, riscv-cc, Integer Calling Convention";
constexpr std::string_view clang_pair = "clang 19, CodeGen/Targets/RISCV.cpp, coerceAndExpandFPCCEligibleStruct";
constexpr std::string_view floating = "RISC-V ELF psABI 1.0, riscv-cc, Hardware Floating-point Calling Convention";
constexpr std::uint64_t xlen = 8, flen = 8;   // bytes

class RiscV {
public:
    RiscV(CallPlacement& placement, const std::vector<std::string>& general, const std::vector<std::string>& vector)
        : placement_(placement), general_(general), vector_(vector) {}

    // False when it is too large to travel by value; nothing is used up then.
    Result<bool> place(const Value& value, bool variadic, Travels& travels) {
        if (value.size == 0) {
            travels.passed = Passed::ignored;
            travels.class_name = "empty";
            travels.steps.push_back({"it has no bytes", std::string(integer)});
            return true;
        }
        if (!variadic) {
            ABISCOPE_TRY(bool done, in_floating(value, travels));
            if (done) return true;
        }
        if (value.size > 2 * xlen) return false;
        in_general(value, variadic, travels);
        return true;
    }

private:
    // No integer to the hardware floating-point convention, GCC and clang agree.
    [[nodiscard]] bool is_pointer(const Leaf& leaf) const {
        if (leaf.kind != LeafKind::integer || leaf.bit_field || leaf.type == TypeId::none) return false;
        const Type& type = placement_.types.at(leaf.type);
        return type.kind == Kind::scalar ? type.scalar == Scalar::null_pointer
                                         : type.kind != Kind::enumeration && type.kind != Kind::complex;
    }

    // clang 19, RISCV.cpp, detectFPCCEligibleStructHelper: "As a quirk of the ABI, zero-width bitfields aren't ignored for fp+fp in a
    // struct": of any two parts, where one stands before the second in the record whose member that is. `parts`: counted so far.
    [[nodiscard]] bool has_zero_width_before_second(TypeId type, unsigned depth, std::size_t& parts) const {
        constexpr unsigned deepest = 64;
        const Record* record = placement_.types.record(placement_.types.resolve(type));
        if (record == nullptr || depth > deepest) {
            auto leaves = placement_.values.first_leaves(type, 2);
            parts += leaves ? leaves->size() : 1;
            return false;
        }
        for (const Base& base : record->bases) {
            if (has_zero_width_before_second(base.type, depth + 1, parts)) return true;
        }
        bool zero_width = false;
        for (const Field& field : record->fields) {
            if (field.bit_width == 0U) {
                zero_width = true;
                continue;
            }
            if (has_zero_width_before_second(field.type, depth + 1, parts) || (zero_width && parts >= 2)) return true;
        }
        return false;
    }

    // clang 19, RISCV.cpp, detectFPCCEligibleStructHelper: the two halves of a complex member are two parts, whatever they are made of.
    [[nodiscard]] bool is_complex_integer(const Value& value, const std::vector<Leaf>& leaves) const {
        return placement_.is_clang() && value.is_class() && is_one_complex(placement_.types, leaves);
    }

    // C++'s empty classes have bytes. As members they are passed over, in an array they are parts like any other. GCC gives up at every
    // array of empty structs, one without elements too (12, riscv.cc, riscv_flatten_aggregate_field).
    [[nodiscard]] bool has_array_of_empty(TypeId type) const {
        if (type == TypeId::none) return false;
        return std::ranges::any_of(placement_.values.parts(type), [this](TypeId part) {
            const Type& array = placement_.types.at(part);
            if (array.kind != Kind::array || placement_.values.has_data(array.target)) return false;
            return placement_.is_gcc() || (array.count != 0U && placement_.types.at(array.target).language == Language::cxx);
        });
    }

    // GCC 12, riscv.cc, riscv_flatten_aggregate_field: an array whose index has no upper limit, as `x[0]` in C, a pointer, a vector, what
    // is wider than a register or more than two parts in one are no parts, and neither is a union.
    [[nodiscard]] Result<bool> has_odd_part_to_gcc(const Value& value) const {
        if (!placement_.is_gcc()) return false;
        ABISCOPE_TRY(std::vector<EmptyArray> arrays, placement_.values.empty_arrays(value.type));
        if (!arrays.empty() && placement_.types.at(value.type).language == Language::c) return true;
        bool bad_element = std::ranges::any_of(arrays, [this](const EmptyArray& array) {
            return array.leaves.size() > 2 || std::ranges::any_of(array.leaves, [this](const Leaf& leaf) {
                       return leaf.kind == LeafKind::vector || is_pointer(leaf) ||
                           leaf.size() > (leaf.kind == LeafKind::floating ? flen : xlen);
                   });
        });
        return bad_element || std::ranges::any_of(placement_.values.parts(value.type), [this](TypeId part) {
                   const Record* record = placement_.types.record(part);
                   return record != nullptr && record->kind == RecordKind::union_;
               });
    }

    // One or two parts of a flattened struct, with at least one floating-point part.
    Result<bool> in_floating(const Value& value, Travels& travels) {
        if (value.shape == Shape::floating && value.size <= flen) {
            if (vector_.left() == 0) return too_few(travels, "floating-point");
            travels.class_name = "floating point";
            travels.locations = {CallPlacement::in_register(LocationKind::vector_register, vector_.take(), 0, value.size)};
            travels.steps.push_back({"a floating-point scalar", std::string(floating)});
            return true;
        }
        if (value.shape != Shape::aggregate && value.shape != Shape::complex) return false;
        // Padding makes no difference: two parts of a struct of any size travel so.
        constexpr std::size_t most_parts = 8;  // zero-sized ones among them
        ABISCOPE_TRY(std::vector<Leaf> leaves, placement_.values.first_leaves(value.type, most_parts));
        if (leaves.size() > most_parts) return false;
        std::erase_if(leaves, [](const Leaf& leaf) { return leaf.bit_size == 0; });
        bool flat = !leaves.empty() && leaves.size() <= 2 && std::ranges::all_of(leaves, [this](const Leaf& leaf) {
            return !leaf.in_union && !(leaf.atomic && placement_.is_clang()) && leaf.kind != LeafKind::vector && !is_pointer(leaf) &&
                leaf.end() - leaf.offset() <= (leaf.kind == LeafKind::floating ? flen : xlen);
        });
        // To GCC a struct that is one scalar and nothing else, and aligned as that is, has its machine mode, and is not looked into.
        bool one = leaves.size() == 1 || is_one_complex(placement_.types, leaves);
        bool alone = placement_.is_gcc() && one && leaves[0].offset() == 0 && leaves.back().end() == value.size &&
            value.alignment >= leaves[0].alignment;
        if (flat && placement_.values.has_flexible_array(value.type)) flat = false;
        if (flat && !alone) {
            ABISCOPE_TRY(bool odd, has_odd_part_to_gcc(value));
            flat = !odd && !has_array_of_empty(value.type);
        }
        if (flat && placement_.is_clang() && leaves.size() == 2) {
            std::size_t parts = 0;
            flat = !has_zero_width_before_second(value.type, 0, parts);
        }
        auto floats = static_cast<std::size_t>(std::ranges::count(leaves, LeafKind::floating, &Leaf::kind));
        if (!flat || (floats == 0 && !is_complex_integer(value, leaves))) return false;
        std::size_t integers = leaves.size() - floats;
        if (floats > vector_.left() || integers > general_.left()) return too_few(travels, "");
        travels.class_name = floats == 0 ? "two integers"
            : leaves.size() == 1         ? "floating point"
            : integers == 0              ? "two floating point"
                                         : "floating point and integer";
        ABISCOPE_TRY(std::uint64_t unit, unit_over_float(leaves));
        if (unit != 0) {
            const std::string& name = general_.take();
            travels.locations = {CallPlacement::in_register(LocationKind::general_register, name, leaves[0].offset(),
                                                            std::min(unit, value.size - leaves[0].offset()))};
            travels.steps.push_back({fmt::format("all of the bit-field's type in {}, with {} in it; {} is taken, too, and holds nothing",
                                                 name, leaves[1].path.empty() ? "the float" : leaves[1].path, vector_.take()),
                                     std::string(clang_pair)});
            return true;
        }
        for (const Leaf& leaf : leaves) {
            bool is_float = leaf.kind == LeafKind::floating;
            const std::string& name = is_float ? vector_.take() : general_.take();
            travels.locations.push_back(
                CallPlacement::in_register(is_float ? LocationKind::vector_register : LocationKind::general_register, name, leaf.offset(),
                                           leaf.end() - leaf.offset()));
            travels.steps.push_back({fmt::format("{} alone in {}", leaf.path.empty() ? "a part" : leaf.path, name), std::string(floating)});
        }
        return true;
    }

    // Bytes of the type of a bit-field that reaches over the float behind it, as clang takes it for the first of two parts; 0: there is
    // none.
    [[nodiscard]] Result<std::uint64_t> unit_over_float(const std::vector<Leaf>& leaves) const {
        bool pair = placement_.is_clang() && leaves.size() == 2 && leaves[0].bit_field && leaves[0].type != TypeId::none &&
            leaves[1].kind == LeafKind::floating;
        if (!pair) return 0;
        ABISCOPE_TRY(const Layout* declared, placement_.values.layout(leaves[0].type));
        std::uint64_t unit = std::min(declared->size, xlen);
        return leaves[0].offset() + unit > leaves[1].offset() ? unit : 0;
    }

    static bool too_few(Travels& travels, std::string_view which) {
        travels.steps.push_back(
            {fmt::format("too few {}{}registers are left: as an integer", which, which.empty() ? "" : " "), std::string(floating)});
        return false;
    }

    void in_general(const Value& value, bool variadic, Travels& travels) {
        if (travels.class_name.empty()) travels.class_name = value.is_class() ? "aggregate" : "integer";
        std::uint64_t alignment = value.is_class() ? value.alignment : value.natural_alignment;
        // LLVM aligns an integer of 65 bits as the next larger one it knows.
        if (is_bit_int(value) && value.size > xlen) alignment = 2 * xlen;
        std::uint64_t pieces = (value.size + xlen - 1) / xlen;
        if (variadic && alignment >= 2 * xlen) {
            if (general_.next() % 2 == 1)
                travels.steps.push_back({"a variadic argument aligned to 16: an even register", std::string(integer)});
            general_.skip_to(align_up(general_.next(), 2));
        }
        std::uint64_t at = 0;
        for (std::uint64_t i = 0; i < pieces && general_.left() > 0; ++i, at += xlen) {
            travels.locations.push_back(
                CallPlacement::in_register(LocationKind::general_register, general_.take(), at, std::min(xlen, value.size - at)));
        }
        if (at >= value.size) {
            travels.steps.push_back({fmt::format("{} integer register{}", pieces, pieces == 1 ? "" : "s"), std::string(integer)});
            return;
        }
        bool whole = at == 0;
        std::uint64_t offset =
            placement_.stack_place(align_up(value.size - at, xlen), whole ? std::clamp<std::uint64_t>(alignment, xlen, 2 * xlen) : xlen);
        travels.locations.push_back(CallPlacement::on_stack(offset, at, value.size - at));
        travels.steps.push_back(
            {whole ? "no integer register is left: the stack" : "one register is left: the rest goes to the stack", std::string(integer)});
    }

    CallPlacement& placement_;
    Registers general_, vector_;
};

}  // namespace

Result<void> place_riscv(CallPlacement& placement) {
    ABISCOPE_TRY(Value value, placement.result());
    ABISCOPE_TRY(ClassTraits traits, placement.result_traits());
    bool in_memory = false;
    if (value.shape != Shape::nothing) {
        Travels out = placement.result_travels(value);
        std::string why = traits.reason, rule = "Itanium C++ ABI 3.1.3";
        if (traits.trivial_for_calls) {
            RiscV registers(placement, placement.data.general_results, placement.data.vector_results);
            ABISCOPE_TRY(bool placed, registers.place(value, false, out));
            in_memory = !placed;
            why = fmt::format("{} bytes are more than two registers hold", value.size);
            rule = integer;
        } else {
            in_memory = true;
        }
        if (in_memory) {
            placement.result_in_memory(value, "by reference", {{why, rule}});
            placement.note("the callee need not return the address of the result's place", std::string(integer));
        } else {
            out.steps.push_back({"where it would travel as the first named argument", std::string(integer)});
            placement.add_result(std::move(out));
        }
    }
    ABISCOPE_TRY(std::vector<Item> items, placement.items(in_memory, HiddenOrder::result_first));
    RiscV arguments(placement, placement.data.general, placement.data.vector);
    for (Item& item : items) {
        if (!item.traits.trivial_for_calls) placement.by_pointer(item, "by reference", item.traits.reason, "Itanium C++ ABI 3.1.2");
        ABISCOPE_TRY(bool placed, arguments.place(item.value, item.variadic, item.travels));
        if (!placed) {
            placement.by_pointer(item, "by reference",
                                 fmt::format("{} bytes are more than two registers hold: a pointer to a copy", item.value.size),
                                 std::string(integer));
            ABISCOPE_TRY(placed, arguments.place(item.value, item.variadic, item.travels));
        }
        placement.call.arguments.push_back(std::move(item.travels));
    }
    return {};
}

}  // namespace abiscope::abi
