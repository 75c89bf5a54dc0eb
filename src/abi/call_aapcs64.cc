// AAPCS64 (6.8.2, stages A to C), and what Apple and Windows change in it.
#include <algorithm>

#include <fmt/format.h>

#include "abi/call_homogeneous.h"
#include "abi/call_placement.h"

namespace abiscope::abi {

namespace {

constexpr std::string_view apple = "Apple, Writing ARM64 code for Apple platforms, Pass arguments to functions correctly";
constexpr std::string_view windows = "Microsoft Learn, Overview of ARM64 ABI conventions, Parameter passing";
constexpr std::string_view windows_variadic = "Microsoft Learn, Overview of ARM64 ABI conventions, Addendum: Variadic functions";
constexpr std::string_view results = "AAPCS64 2024Q3, 6.9";
constexpr std::uint64_t largest_in_registers = 16;

std::string stage(std::string_view rule) { return fmt::format("AAPCS64 2024Q3, 6.8.2, {}", rule); }

class Arm64 {
public:
    explicit Arm64(CallPlacement& placement)
        : placement_(placement),
          general_(placement.data.general),
          vector_(placement.data.vector),
          is_apple_(placement.call.convention == Convention::apple_arm64),
          is_windows_(placement.call.convention == Convention::win_arm64) {}

    // Whether the address of the result's place travels as an ordinary argument.
    Result<bool> result() {
        ABISCOPE_TRY(Value value, placement_.result());
        if (value.shape == Shape::nothing) return false;
        ABISCOPE_TRY(ClassTraits traits, placement_.result_traits());
        std::string why = placement_.class_in_memory(value, traits);
        ABISCOPE_TRY(auto members, members_of(value));
        // Windows: vectors come back in registers even in a class that is not plain.
        if (is_windows_ && members && members->vectors && traits.trivial_for_calls && !placement_.is_method()) why.clear();
        if (!why.empty()) {
            placement_.result_in_memory(value, "by reference", {{why, is_windows_ ? std::string(windows) : "Itanium C++ ABI 3.1.3"}});
            result_in_memory_ = true;
            return is_windows_;
        }
        Travels out = placement_.result_travels(value);
        if (ignored(value)) {
            out.passed = Passed::ignored;
        } else if (members || is_vector_class(value)) {
            vector_pieces(out, value, members, vector_results_);
        } else if (value.size <= largest_in_registers) {
            out.class_name = value.is_class() ? "composite" : "integer";
            general_pieces(out, value.size, general_results_);
        } else {
            placement_.result_in_memory(value, "by reference",
                                        {{fmt::format("{} bytes: stored where x8 says", value.size), std::string(results)}});
            result_in_memory_ = true;
            return false;
        }
        out.steps.push_back({"where it would travel as the first argument", std::string(results)});
        placement_.add_result(std::move(out));
        return false;
    }

    [[nodiscard]] bool needs_result_register() const { return result_in_memory_; }

    Result<void> argument(Item& item) {
        Travels& travels = item.travels;
        if (!item.is_this && !item.is_result_pointer) ABISCOPE_CHECK(to_pointer(item));
        const Value& value = item.value;
        if (ignored(value)) {
            travels.passed = Passed::ignored;
            travels.class_name = "empty";
            travels.steps.push_back({"it has no bytes that mean something", is_apple_ ? std::string(apple) : stage("B")});
            return {};
        }
        if (is_apple_ && item.variadic) return variadic_on_stack(item);
        ABISCOPE_TRY(auto members, members_of(value));
        bool soft = is_soft(value);
        if (!soft && (members || is_vector_class(value))) return vector_argument(item, members);
        if (soft && (members || is_vector_class(value))) {
            travels.steps.push_back({"a variadic function takes no vector registers", std::string(windows_variadic)});
        }
        if (travels.class_name.empty()) travels.class_name = value.is_class() ? "composite" : "integer";
        general_argument(item);
        return {};
    }

private:
    // Windows: only of classes without functions of their own but constructors, and of no empty bases, in any depth (clang 19,
    // MicrosoftCXXABI.cpp, isPermittedToBeHomogeneousAggregate).
    Result<std::optional<Homogeneous>> members_of(const Value& value) const {
        ABISCOPE_TRY(auto members, homogeneous(placement_, value));
        if (!members || !is_windows_) return members;
        for (TypeId part : placement_.values.parts(value.type)) {
            if (has_empty_base(part)) return std::nullopt;
            ABISCOPE_TRY(ClassTraits traits, class_traits(placement_.types, part, placement_.profile.compiler));
            bool permitted = !traits.is_polymorphic && traits.trivial_copy_assignment && traits.trivial_destructor &&
                !traits.destructor_runs && traits.trivial_default_constructor;
            if (!permitted) return std::nullopt;
        }
        return members;
    }

    // One without members and bases of its own: a class that is empty by its bases has one of these.
    [[nodiscard]] bool has_empty_base(TypeId type) const {
        const Record* record = placement_.types.record(type);
        return record != nullptr && std::ranges::any_of(record->bases, [this](const Base& base) {
                   const Record* one = placement_.types.record(placement_.types.resolve(base.type));
                   return one != nullptr && one->bases.empty() &&
                       std::ranges::all_of(one->fields, [](const Field& field) { return field.bit_width == 0U; });
               });
    }

    // C++ gives an empty class a byte, which Apple does not pass; C on Windows gives an empty struct four that nobody passes.
    [[nodiscard]] bool ignored(const Value& value) const {
        if (value.size == 0) return true;
        if (!value.empty || is_apple_) return value.empty;
        // To GCC a struct of an unnamed bit-field is not empty.
        return placement_.types.at(value.type).language == Language::c && !placement_.is_gcc();
    }
    // Windows: a variadic function takes floating point in general registers; clang leaves vectors themselves where they are.
    [[nodiscard]] bool is_soft(const Value& value) const {
        return is_windows_ && placement_.is_variadic() && (!placement_.is_clang() || value.shape != Shape::vector);
    }
    [[nodiscard]] static bool is_vector_class(const Value& value) {
        return value.shape == Shape::floating || (value.shape == Shape::vector && (value.size == 8 || value.size == 16));
    }

    Result<void> to_pointer(Item& item) {
        const Value& value = item.value;
        if (!passes_by_value(item)) {
            placement_.by_pointer(item, "by reference",
                                  item.traits.reason.empty() ? "it has no copy constructor that does nothing" : item.traits.reason,
                                  "Itanium C++ ABI 3.1.2");
            item.travels.passed = Passed::by_hidden_reference;
            return {};
        }
        ABISCOPE_TRY(auto members, members_of(value));
        bool stays = members && !is_soft(value);
        if (value.size > largest_in_registers && !stays) {
            placement_.by_pointer(item, "by reference", fmt::format("{} bytes are more than 16: a pointer to a copy", value.size),
                                  stage("B.4"));
        }
        return {};
    }

    [[nodiscard]] bool passes_by_value(const Item& item) const {
        if (!placement_.microsoft_classes()) return item.traits.trivial_for_calls;
        return item.traits.trivial_copy && (item.traits.trivial_destructor || item.value.size <= largest_in_registers);
    }

    // Of a copy that travels: 8 or 16 (AAPCS64 6.8.2, B.6). Apple and Windows see an attribute of the type itself, too.
    [[nodiscard]] std::uint64_t copy_alignment(const Value& value) const {
        std::uint64_t own = is_apple_ || is_windows_ ? value.alignment : value.natural_alignment;
        if (!value.is_class() && value.shape != Shape::complex) own = value.natural_alignment;
        return own >= 16 ? 16 : 8;
    }

    static std::uint64_t pieces_of(std::uint64_t size) { return (size + 7) / 8; }

    static void general_pieces(Travels& travels, std::uint64_t size, Registers& registers) {
        for (std::uint64_t at = 0; at < size; at += 8) {
            travels.locations.push_back(
                CallPlacement::in_register(LocationKind::general_register, registers.take(), at, std::min<std::uint64_t>(8, size - at)));
        }
    }

    static void vector_pieces(Travels& travels, const Value& value, const std::optional<Homogeneous>& members, Registers& registers) {
        std::uint64_t size = members ? members->element_size : value.size, count = members ? members->count : 1;
        travels.class_name = members ? members->vectors ? "HVA" : "HFA" : value.shape == Shape::vector ? "short vector" : "floating point";
        if (members) travels.steps.push_back({members->text, "AAPCS64 2024Q3, 5.9.5"});
        for (std::uint64_t i = 0; i < count; ++i) {
            travels.locations.push_back(
                CallPlacement::in_register(LocationKind::vector_register, arm64_vector_name(registers.take(), size), i * size, size));
        }
    }

    Result<void> vector_argument(Item& item, const std::optional<Homogeneous>& members) {
        std::uint64_t count = members ? members->count : 1;
        if (vector_.left() >= count) {
            vector_pieces(item.travels, item.value, members, vector_);
            item.travels.steps.push_back(
                {fmt::format("{} vector register{}", count, count == 1 ? "" : "s"), stage(members ? "C.2" : "C.1")});
            return {};
        }
        vector_.exhaust();
        item.travels.class_name = members       ? members->vectors ? "HVA" : "HFA"
            : item.value.shape == Shape::vector ? "short vector"
                                                : "floating point";
        item.travels.steps.push_back({"too few vector registers are left: the stack, and no later argument gets one", stage("C.3")});
        std::uint64_t element = members ? members->element_size : item.value.size;
        on_stack(item, is_apple_ ? std::min<std::uint64_t>(element, 16) : copy_alignment(item.value));
        return {};
    }

    void general_argument(Item& item) {
        const Value& value = item.value;
        std::uint64_t alignment = copy_alignment(value);
        if (alignment == 16 && !is_apple_) {
            if (general_.next() % 2 == 1) item.travels.steps.push_back({"aligned to 16: an even register", stage("C.10")});
            general_.skip_to(align_up(general_.next(), 2));
        }
        if (pieces_of(value.size) <= general_.left()) {
            general_pieces(item.travels, value.size, general_);
            item.travels.steps.push_back(
                {fmt::format("{} general register{}", item.travels.locations.size(), item.travels.locations.size() == 1 ? "" : "s"),
                 stage(value.is_class() ? "C.12" : "C.9")});
            return;
        }
        // clang 19 does not split; Microsoft's page has the first 64 bytes of one row of slots in registers.
        bool splits = is_windows_ && placement_.profile.compiler == Compiler::msvc && placement_.is_variadic() && general_.left() > 0;
        if (splits) return split(item);
        general_.exhaust();
        item.travels.steps.push_back({"too few general registers are left: the stack, and no later argument gets one", stage("C.13")});
        bool packed = is_apple_ && !value.is_class() && value.shape != Shape::complex;
        on_stack(item, packed ? std::min<std::uint64_t>(value.natural_alignment, 16) : alignment);
    }

    // Windows: what is left of the registers and the stack are one row of slots to a variadic function.
    void split(Item& item) {
        std::uint64_t at = 0;
        while (general_.left() > 0) {
            item.travels.locations.push_back(CallPlacement::in_register(LocationKind::general_register, general_.take(), at, 8));
            at += 8;
        }
        std::uint64_t size = item.value.size - at;
        item.travels.locations.push_back(CallPlacement::on_stack(placement_.stack_place(align_up(size, 8), 8), at, size));
        item.travels.steps.push_back({"the rest goes to the stack", std::string(windows_variadic)});
    }

    void on_stack(Item& item, std::uint64_t alignment) {
        const Value& value = item.value;
        bool composite = value.is_class() || value.shape == Shape::complex;
        bool packed = is_apple_ && (!composite || alignment < 8);
        std::uint64_t size = packed ? value.size : align_up(value.size, 8);
        if (packed && is_odd_bit_int(value)) size = alignment = 4;
        std::uint64_t offset = placement_.stack_place(size, packed ? alignment : std::max<std::uint64_t>(alignment, 8));
        item.travels.locations = {CallPlacement::on_stack(offset, 0, value.size)};
        item.travels.steps.push_back({fmt::format("on the stack, aligned to {}", alignment), packed ? std::string(apple) : stage("C.14")});
    }

    // LLVM widens what is no register of its own to one of 32 bits.
    [[nodiscard]] bool is_odd_bit_int(const Value& value) const {
        if (!is_bit_int(value) || value.size >= 4) return false;
        std::uint32_t bits = placement_.types.at(value.type).bits;
        return bits != 8 && bits != 16;
    }

    Result<void> variadic_on_stack(Item& item) {
        if (item.travels.class_name.empty())
            item.travels.class_name = item.value.is_class() ? "composite"
                : item.value.shape == Shape::floating       ? "floating point"
                                                            : "integer";
        item.travels.steps.push_back({"an argument for `...` goes to the stack, in slots of 8 bytes", std::string(apple)});
        std::uint64_t offset = placement_.stack_place(align_up(item.value.size, 8), copy_alignment(item.value));
        item.travels.locations = {CallPlacement::on_stack(offset, 0, item.value.size)};
        return {};
    }

    CallPlacement& placement_;
    Registers general_, vector_;
    Registers general_results_{placement_.data.general_results}, vector_results_{placement_.data.vector_results};
    bool is_apple_, is_windows_;
    bool result_in_memory_ = false;
};

}  // namespace

Result<void> place_aapcs64(CallPlacement& placement) {
    Arm64 arm(placement);
    ABISCOPE_TRY(bool as_argument, arm.result());
    ABISCOPE_TRY(HiddenOrder order, placement.hidden_order());
    ABISCOPE_TRY(std::vector<Item> items, placement.items(as_argument, order));
    if (arm.needs_result_register() && !as_argument) {
        Travels place{.name = "(result)", .type = placement.signature.results.front().type, .class_name = "integer"};
        place.locations = {CallPlacement::in_register(LocationKind::general_register, placement.data.result_pointer, 0, 8)};
        place.steps = {{"the address of the result's place", std::string(results)}};
        placement.call.arguments.push_back(std::move(place));
    }
    for (Item& item : items) {
        ABISCOPE_CHECK(arm.argument(item));
        placement.call.arguments.push_back(std::move(item.travels));
    }
    return {};
}

}  // namespace abiscope::abi
