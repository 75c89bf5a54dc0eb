// Windows on 32-bit x86: cdecl, stdcall, fastcall, thiscall, vectorcall. clang 19's CodeGen/Targets/X86.cpp is cited where Microsoft's
// pages are silent.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "abi/call_homogeneous.h"
#include "abi/call_i386_stack.h"
#include "abi/call_placement.h"

namespace abiscope::abi {

namespace {

constexpr std::string_view passing = "Microsoft Learn, Argument passing and naming conventions";
constexpr std::string_view returning =
    "Microsoft Learn, Argument passing and naming conventions; clang 19, X86.cpp, X86_32ABIInfo::classifyReturnType";
constexpr std::string_view vectorcall = "Microsoft Learn, __vectorcall, x86";
constexpr std::string_view clang_arguments = "clang 19, X86.cpp, X86_32ABIInfo::classifyArgumentType";
constexpr std::uint64_t slot = 4;
constexpr std::uint64_t widest_vector = 64;
constexpr std::size_t vectors_in_registers = 3;   // since Visual C++ 2015

bool register_sized(std::uint64_t size) { return size == 1 || size == 2 || size == 4 || size == 8; }
bool is_vectorcall(const CallPlacement& placement) { return placement.call.convention == Convention::vectorcall32; }

// clang asks of every part of an aggregate that it has the size of a register, and knows neither _Atomic nor _BitInt there
// (CodeGen/Targets/X86.cpp, X86_32ABIInfo::shouldReturnTypeInRegister). GCC asks for a machine mode, which an aggregate has not when a part
// of it has none (stor-layout.cc, layout_type and compute_record_mode). Microsoft's compiler asks for the whole alone.
class ReturnedInRegisters {
public:
    explicit ReturnedInRegisters(const CallPlacement& placement) : placement_(placement) {}

    Result<bool> holds(TypeId type) {
        constexpr unsigned most_steps = 256;
        if (++steps_ > most_steps) return fail(ErrorCode::limit_reached, "a type of too many parts");
        const TypeTable& types = placement_.types;
        ABISCOPE_TRY(Value value, placement_.values.value(type));
        if (value.size == 0 && steps_ > 1 && placement_.is_gcc()) return !value.has_flexible_array && !is_flexible(value.type);
        if (!register_sized(value.size) || (value.shape == Shape::vector && value.size == 8)) return false;
        if (!placement_.is_clang() && !placement_.is_gcc()) return true;
        if (placement_.is_clang() && (types.at(types.resolve(type)).kind == Kind::atomic || is_bit_int(value))) return false;
        const Type& plain = types.at(value.type);
        if (plain.kind == Kind::array) return holds(plain.target);
        const Record* record = types.record(value.type);
        return record == nullptr ? Result<bool>(true) : parts_hold(*record);
    }

private:
    [[nodiscard]] bool is_flexible(TypeId type) const {
        return type != TypeId::none && placement_.types.at(type).kind == Kind::array && !placement_.types.at(type).count;
    }

    Result<bool> parts_hold(const Record& record) {
        if (placement_.is_gcc()) {
            for (const Base& base : record.bases) {
                if (!placement_.values.has_data(base.type)) continue;
                ABISCOPE_TRY(bool fits, holds(base.type));
                if (!fits) return false;
            }
        }
        for (const Field& field : record.fields) {
            bool passed_over = field.bit_width && (placement_.is_gcc() || *field.bit_width == 0 || field.name.empty());
            if (passed_over || (placement_.is_clang() && !placement_.values.has_data_to_clang(field))) continue;
            ABISCOPE_TRY(bool fits, holds(field.type));
            if (!fits) return false;
        }
        return true;
    }

    const CallPlacement& placement_;
    unsigned steps_ = 0;
};

class Windows32 {
public:
    explicit Windows32(CallPlacement& placement)
        : placement_(placement),
          general_(placement, placement.data.general),
          vectors_left_(is_vectorcall(placement) ? placement.data.vector.size() : vectors_in_registers) {}

    Result<bool> result() {
        ABISCOPE_TRY(Value value, placement_.result());
        if (value.shape == Shape::nothing) return false;
        ABISCOPE_TRY(ClassTraits traits, placement_.result_traits());
        if (std::string why = placement_.class_in_memory(value, traits); !why.empty()) return memory(value, why);
        if (is_wide_bit_int(value)) return memory(value, std::string(wide_bit_int));
        Travels out = placement_.result_travels(value);
        if (is_vectorcall(placement_)) {
            ABISCOPE_TRY(auto members, candidate(value));
            if (members) {
                vector_result(out, *members);
                placement_.add_result(std::move(out));
                return false;
            }
        }
        bool aggregate = value.is_class() || value.shape == Shape::complex;
        if (value.size == 0 && placement_.is_gcc()) return memory(value, "a struct without bytes has no register");
        if (value.size == 0 || (value.empty && placement_.is_clang())) {
            out.passed = Passed::ignored;
            out.class_name = "empty";
            placement_.add_result(std::move(out));
            return false;
        }
        ABISCOPE_TRY(LeafKind form, aggregate ? result_form(value) : Result<LeafKind>(scalar_form(value)));
        if (form == LeafKind::floating) {
            out.class_name = "x87";
            out.locations = {CallPlacement::in_register(LocationKind::x87_register, placement_.data.x87_results[0], 0,
                                                        std::min<std::uint64_t>(value.size, 10))};
        } else if (form == LeafKind::vector) {
            if (value.size > 16) return memory(value, fmt::format("a vector of {} bytes", value.size));
            out.class_name = "vector";
            out.locations = {CallPlacement::in_register(LocationKind::vector_register, placement_.data.vector_results[0], 0, value.size)};
        } else {
            if (aggregate) {
                ABISCOPE_TRY(bool fits, ReturnedInRegisters(placement_).holds(placement_.signature.results.front().type));
                if (!fits) return memory(value, fmt::format("{} bytes, or a part, do not have the size of a register", value.size));
            }
            out.class_name = "integer";
            for (std::uint64_t at = 0; at < value.size; at += slot) {
                out.locations.push_back(CallPlacement::in_register(
                    LocationKind::general_register, placement_.data.general_results[at / slot], at, std::min(slot, value.size - at)));
            }
        }
        out.steps.push_back({fmt::format("{}: {}", out.class_name, out.locations.empty() ? "nothing" : out.locations.front().name),
                             std::string(returning)});
        placement_.add_result(std::move(out));
        return false;
    }

    // Vectors and floating-point scalars of __vectorcall get their registers before anything else does.
    Result<void> vectors_first(std::vector<Item>& items) {
        if (!is_vectorcall(placement_)) return {};
        for (Item& item : items) {
            bool takes = item.value.shape == Shape::floating || item.value.shape == Shape::vector;
            if (!takes) continue;
            ABISCOPE_TRY(auto members, candidate(item.value));
            if (members && vectors_left_ > 0) take_vectors(item, *members);
        }
        return {};
    }

    Result<void> argument(Item& item) {
        Travels& travels = item.travels;
        if (!travels.locations.empty()) return {};
        const Value& value = item.value;
        if (!placement_.microsoft_classes() && !item.traits.trivial_for_calls) {
            to_pointer(item, item.traits.reason, "Itanium C++ ABI 3.1.2");
            return {};
        }
        // clang, X86_32ABIInfo::classifyArgumentType: "Structures with flexible arrays are always indirect", and that is a copy on the
        // stack.
        bool flexible = item.traits.trivial_for_calls && placement_.is_flexible_to_clang(value);
        if (!flexible && (value.size == 0 || (value.empty && placement_.is_clang() && !placement_.microsoft_classes()))) {
            travels.passed = Passed::ignored;
            travels.class_name = "empty";
            travels.steps.push_back({"it has no bytes", std::string(clang_arguments)});
            return {};
        }
        if (is_wide_bit_int(value)) {
            to_pointer(item, std::string(wide_bit_int), wide_bit_int_rule);
            return {};
        }
        if (is_vectorcall(placement_) && value.shape != Shape::floating) {
            ABISCOPE_TRY(auto members, candidate(value));
            if (members) {
                if (members->count <= vectors_left_) {
                    take_vectors(item, *members);
                } else {
                    to_pointer(item, fmt::format("{}: too few vector registers are left", members->text), vectorcall);
                }
                return {};
            }
        }
        if (value.shape == Shape::vector) return vector(item);
        bool aggregate = value.is_class() || value.shape == Shape::complex;
        if (value.shape == Shape::integer && value.size <= slot && general_.available()) {
            travels.class_name = "integer";
            travels.locations = {CallPlacement::in_register(LocationKind::general_register, general_.take(), 0, value.size)};
            travels.steps.push_back({"one of the first integers of up to 4 bytes", std::string(passing)});
            return {};
        }
        if (aggregate && !flexible && placement_.microsoft_classes() && !item.variadic && required_alignment(item) > slot) {
            to_pointer(item, fmt::format("it asks for an alignment of {}, which the stack does not have", required_alignment(item)),
                       clang_arguments);
            return {};
        }
        if (placement_.call.convention != Convention::thiscall) ABISCOPE_CHECK(general_.use_up(value));
        ABISCOPE_TRY(StackRoom room, i386_stack_room(placement_, item));
        on_stack(item, room, placement_.microsoft_classes() ? slot : i386_stack_alignment(placement_, value));
        return {};
    }

private:
    // What may not be copied bitwise clang asks for an attribute of the class itself, what may for one of a member, too (clang 19,
    // MicrosoftCXXABI.cpp, getRecordArgABI, and Targets/X86.cpp).
    [[nodiscard]] std::uint64_t required_alignment(const Item& item) const {
        bool own_alone = placement_.is_clang() && !item.traits.trivial_for_calls && item.value.type != TypeId::none;
        return own_alone ? placement_.types.at(item.value.type).alignment : item.value.required_alignment;
    }

    static LeafKind scalar_form(const Value& value) {
        return value.shape == Shape::floating ? LeafKind::floating : value.shape == Shape::vector ? LeafKind::vector : LeafKind::integer;
    }

    // MinGW returns an aggregate of one float or double as that value, GCC one of a long double or a vector, too.
    Result<LeafKind> result_form(const Value& value) const {
        constexpr std::uint64_t widest = 16;
        if (placement_.microsoft_classes() || value.size > widest || value.type == TypeId::none) return LeafKind::integer;
        if (!placement_.is_gcc()) {
            ABISCOPE_TRY(bool floating, is_single_float(placement_.values, value));
            return floating ? LeafKind::floating : LeafKind::integer;
        }
        // A flexible array leaves the record without a machine mode.
        if (placement_.values.has_flexible_array(value.type)) return LeafKind::integer;
        ABISCOPE_TRY(std::vector<Leaf> leaves, placement_.values.first_leaves(value.type, 1));
        bool has_register =
            leaves.size() == 1 && leaves[0].size() == value.size && leaves[0].scalar != Scalar::float128 && !leaves[0].in_union;
        return has_register ? leaves[0].kind : LeafKind::integer;
    }

    bool memory(const Value& value, std::string why) {
        placement_.result_in_memory(value, "by reference", {{std::move(why), std::string(returning)}});
        return true;
    }

    Result<std::optional<Homogeneous>> candidate(const Value& value) const {
        if (value.shape == Shape::floating && value.size <= 8)
            return Homogeneous{.element_size = value.size, .count = 1, .text = "floating point"};
        if (value.shape == Shape::vector && value.size >= 16 && value.size <= widest_vector) {
            return Homogeneous{.element_size = value.size, .count = 1, .vectors = true, .text = "vector"};
        }
        return vectorcall_members(placement_, value);
    }

    void take_vectors(Item& item, const Homogeneous& members) {
        std::size_t next = placement_.data.vector.size() - vectors_left_;
        item.travels.class_name = item.value.is_class() ? members.vectors ? "HVA" : "HFA" : members.text;
        for (std::uint64_t i = 0; i < members.count; ++i) {
            item.travels.locations.push_back(CallPlacement::in_register(
                LocationKind::vector_register, x86_vector_name(placement_.data.vector[next + i], members.element_size),
                i * members.element_size, members.element_size));
        }
        vectors_left_ -= members.count;
        item.travels.steps.push_back({fmt::format("{}: vector registers", members.text), std::string(vectorcall)});
    }

    void vector_result(Travels& out, const Homogeneous& members) const {
        out.class_name = members.vectors ? "HVA" : "HFA";
        for (std::uint64_t i = 0; i < members.count; ++i) {
            out.locations.push_back(CallPlacement::in_register(LocationKind::vector_register,
                                                               x86_vector_name(placement_.data.vector_results[i], members.element_size),
                                                               i * members.element_size, members.element_size));
        }
        out.steps.push_back({members.text, std::string(vectorcall)});
    }

    Result<void> vector(Item& item) {
        static const std::vector<std::string> names{"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5"};
        std::size_t all = is_vectorcall(placement_) ? names.size() : vectors_in_registers;
        std::uint64_t size = item.value.size;
        bool allowed = size <= widest_vector && vectors_left_ > 0 && (placement_.microsoft_classes() || size == 16);
        if (allowed && placement_.is_variadic()) {
            item.travels.steps.push_back({"a variadic function takes no vector registers", std::string(clang_arguments)});
            --vectors_left_;
            on_stack(item, size, placement_.microsoft_classes() ? slot : size);
        } else if (allowed) {
            item.travels.class_name = "vector";
            item.travels.locations = {
                CallPlacement::in_register(LocationKind::vector_register, x86_vector_name(names[all - vectors_left_], size), 0, size)};
            item.travels.steps.push_back({"one of the first vectors", std::string(clang_arguments)});
            --vectors_left_;
        } else if (placement_.microsoft_classes()) {
            to_pointer(item, "no vector register is left, and the stack is not aligned", clang_arguments);
        } else {
            on_stack(item, size, i386_stack_alignment(placement_, item.value));
        }
        return {};
    }

    void to_pointer(Item& item, std::string why, std::string_view rule) {
        placement_.by_pointer(item, "by reference", std::move(why), std::string(rule));
        bool in_register = general_.available() && placement_.call.convention != Convention::thiscall;
        if (in_register) {
            item.travels.locations = {CallPlacement::in_register(LocationKind::general_register, general_.take(), 0, slot)};
        } else {
            on_stack(item, slot);
        }
    }

    void on_stack(Item& item, std::uint64_t size, std::uint64_t alignment = slot) {
        on_stack(item, {.carried = size, .taken = align_up(size, slot), .why = {}}, alignment);
    }

    void on_stack(Item& item, const StackRoom& room, std::uint64_t alignment) {
        if (item.travels.class_name.empty()) item.travels.class_name = "stack";
        std::uint64_t offset = placement_.stack_place(room.taken, alignment);
        item.travels.locations = {CallPlacement::on_stack(offset, 0, room.carried)};
        item.travels.steps.push_back(
            {fmt::format("on the stack, aligned to {}", alignment), std::string(alignment == slot ? passing : clang_arguments)});
        if (!room.why.empty()) item.travels.steps.push_back({fmt::format("{} bytes of it", room.carried), std::string(room.why)});
        if (room.carried == 0) item.travels.passed = Passed::ignored;
    }

    CallPlacement& placement_;
    FastRegisters general_;
    std::size_t vectors_left_;
};

}  // namespace

Result<void> place_windows32(CallPlacement& placement) {
    Windows32 engine(placement);
    ABISCOPE_TRY(bool result_pointer, engine.result());
    ABISCOPE_TRY(HiddenOrder order, placement.hidden_order());
    ABISCOPE_TRY(std::vector<Item> items, placement.items(result_pointer, order));
    ABISCOPE_CHECK(engine.vectors_first(items));
    for (Item& item : items) {
        // Microsoft's member functions, and clang's fastcall, leave the registers to what is named.
        bool fast = placement.call.convention == Convention::fastcall && !placement.is_gcc();
        bool pointer_on_stack = item.is_result_pointer && (fast || is_vectorcall(placement) || placement.microsoft_classes());
        if (pointer_on_stack) {
            item.travels.class_name = "stack";
            item.travels.locations = {CallPlacement::on_stack(placement.stack_place(slot, slot), 0, slot)};
            item.travels.steps = {{"the address of the result's place travels on the stack", std::string(returning)}};
        } else {
            ABISCOPE_CHECK(engine.argument(item));
        }
        placement.call.arguments.push_back(std::move(item.travels));
    }
    placement.call.callee_pops = placement.data.callee_pops;
    if (placement.data.callee_pops) placement.call.callee_pops_bytes = placement.stack;
    if (result_pointer)
        placement.note("eax holds the address of the result's place on return; the caller pops it with the arguments in cdecl",
                       std::string(returning));
    return {};
}

}  // namespace abiscope::abi
