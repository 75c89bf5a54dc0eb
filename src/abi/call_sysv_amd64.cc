// System V AMD64: eightbytes and their classes (psABI 1.0, 3.2.3).
#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include <fmt/format.h>

#include "abi/call_placement.h"
#include "abi/element_type.h"

namespace abiscope::abi {

namespace {

constexpr std::string_view classification = "SysV AMD64 psABI 1.0, 3.2.3, Classification";
constexpr std::string_view clang_classification = "clang 19, CodeGen/Targets/X86.cpp, X86_64ABIInfo::classify";
constexpr std::string_view gcc_classification = "GCC 12, config/i386/i386.cc, classify_argument";
constexpr std::string_view passing = "SysV AMD64 psABI 1.0, 3.2.3, Passing";
constexpr std::string_view returning = "SysV AMD64 psABI 1.0, 3.2.3, Returning of Values";
constexpr std::string_view post_merger = "SysV AMD64 psABI 1.0, 3.2.3, Classification 5 (post merger cleanup)";

constexpr unsigned most_nested = 64;

enum class Class : std::uint8_t { no_class, integer, sse, sse_up, x87, x87_up, complex_x87, memory };
constexpr std::array<std::string_view, 8> class_names{"NO_CLASS", "INTEGER", "SSE", "SSEUP", "X87", "X87UP", "COMPLEX_X87", "MEMORY"};
constexpr std::string_view name(Class which) { return class_names[static_cast<std::size_t>(which)]; }

constexpr std::size_t most_eightbytes = 8;

struct Classified {
    std::array<Class, most_eightbytes> classes{};
    std::size_t count = 0;
    std::vector<Step> steps;

    [[nodiscard]] bool in_memory() const { return count > 0 && classes[0] == Class::memory; }
    [[nodiscard]] bool nothing() const {
        return std::all_of(classes.begin(), classes.begin() + count, [](Class c) { return c == Class::no_class; });
    }
    void memory(std::string why, std::string_view rule) {
        count = std::max<std::size_t>(count, 1);
        classes.fill(Class::memory);
        steps.push_back({std::move(why), std::string(rule)});
    }
    [[nodiscard]] std::string text() const {
        if (in_memory()) return "MEMORY";
        std::string out;
        for (std::size_t i = 0; i < count; ++i) out += fmt::format("{}{}", i == 0 ? "" : "+", name(classes[i]));
        return out.empty() ? "NO_CLASS" : out;
    }
};

Class merge(Class a, Class b) {
    if (a == b) return a;
    if (a == Class::no_class) return b;
    if (b == Class::no_class) return a;
    if (a == Class::memory || b == Class::memory) return Class::memory;
    if (a == Class::integer || b == Class::integer) return Class::integer;
    auto is_x87 = [](Class c) { return c == Class::x87 || c == Class::x87_up || c == Class::complex_x87; };
    if (is_x87(a) || is_x87(b)) return Class::memory;
    return Class::sse;
}

class Classifier {
public:
    explicit Classifier(const CallPlacement& placement) : placement_(placement) {}

    // 0 to 64 bytes of vector registers, by the instruction sets that are on.
    [[nodiscard]] std::uint64_t widest_vector() const {
        return placement_.has_switch("-mavx512f") ? 64 : placement_.has_switch("-mavx") ? 32 : 16;
    }

    // Bytes of the widest vector that had no register for want of instructions; 0: none had.
    [[nodiscard]] std::uint64_t lacks() const { return lacks_; }

    Result<Classified> classify(const Value& value, bool variadic, bool is_result = false) const {
        Classified out;
        if (value.size == 0) return out;
        if (value.size > most_eightbytes * 8) {
            out.memory(fmt::format("{} bytes are more than eight eightbytes: MEMORY", value.size), classification);
            return out;
        }
        out.count = (value.size + 7) / 8;
        std::vector<Leaf> leaves{built_in(value)};
        if (value.type != TypeId::none) {
            ABISCOPE_TRY(leaves, placement_.values.leaves(value.type));
        }
        bool whole_complex = value.shape == Shape::complex && is_x87(leaves.front());
        if (whole_complex) {
            out.classes[0] = Class::complex_x87;
            out.steps.push_back({"complex long double is COMPLEX_X87", std::string(classification)});
            return out;
        }
        std::array<std::string, most_eightbytes> merged{};
        for (const Leaf& leaf : leaves) {
            if (!counts(leaf)) continue;
            if (leaf.atomic && value.is_class() && placement_.is_clang()) {
                out.memory(fmt::format("{} is _Atomic, which has no class of its own to clang: MEMORY", leaf.path), clang_classification);
                return out;
            }
            if (auto why = unaligned(leaf)) {
                out.memory(*why, classification);
                return out;
            }
            add(leaf, out, merged);
        }
        if (value.is_class() && value.type != TypeId::none) {
            ABISCOPE_TRY(bool memory, add_empty_arrays(value, out, merged));
            if (memory) return out;
        }
        for (std::size_t i = 0; i < out.count; ++i) {
            if (value.size > 8 || value.is_class()) {
                out.steps.push_back(
                    {fmt::format("eightbyte {}: {}{}", i, merged[i].empty() ? "padding: " : merged[i] + ": ", name(out.classes[i])),
                     std::string(classification)});
            } else {
                out.steps.push_back({fmt::format("{}", name(out.classes[i])), std::string(classification)});
            }
        }
        if (value.type != TypeId::none && std::ranges::any_of(leaves, [this](const Leaf& leaf) { return is_x87(leaf); })) {
            ABISCOPE_TRY(bool broken, breaks_x87(value.type, 0));
            if (broken) {
                out.memory("X87UP does not follow X87 in a record within: MEMORY", post_merger);
                return out;
            }
        }
        if (value.size > 16 && value.type != TypeId::none && placement_.is_clang()) {
            ABISCOPE_TRY(bool accompanied, has_company(value.type));
            if (accompanied) {
                out.memory("more than two eightbytes, and not of one member alone: MEMORY", clang_classification);
                return out;
            }
        }
        // An unnamed wide vector goes to memory; to GCC a union is no vector. clang has no register for a named one beside `...` either.
        bool in_union = std::ranges::any_of(leaves, &Leaf::in_union);
        clean_up(value, placement_.is_clang() ? placement_.is_variadic() && !is_result : variadic && !in_union, out);
        return out;
    }

private:
    static Leaf built_in(const Value& value) {
        return {.kind = value.shape == Shape::floating ? LeafKind::floating : LeafKind::integer,
                .scalar = value.scalar,
                .bit_size = value.size * 8,
                .alignment = static_cast<std::uint32_t>(value.alignment)};
    }

    // clang has registers for a wide vector only where every member, those without bytes too, is as large as the struct.
    Result<bool> has_company(TypeId type) const {
        for (TypeId part : placement_.values.parts(type)) {
            const Record* record = placement_.types.record(part);
            if (record == nullptr || record->kind == RecordKind::union_) continue;
            ABISCOPE_TRY(const Layout* whole, placement_.values.layout(part));
            if (whole->size <= 16) continue;
            for (const Field& field : record->fields) {
                if (field.bit_width && field.name.empty()) continue;
                ABISCOPE_TRY(const Layout* own, placement_.values.layout(field.type));
                if (own->size != whole->size) return true;
            }
        }
        return false;
    }

    [[nodiscard]] bool is_x87(const Leaf& leaf) const {
        return leaf.kind == LeafKind::floating && leaf.scalar == Scalar::long_double &&
            placement_.profile.scalar(Scalar::long_double).size == 16;
    }

    // A vector of one floating-point element has no register to GCC; clang follows for double alone.
    [[nodiscard]] bool is_single_float(const Leaf& leaf) const {
        if (leaf.kind != LeafKind::vector || leaf.type == TypeId::none) return false;
        const Type& vector = placement_.types.at(leaf.type);
        TypeId element = placement_.types.resolve(vector.target);
        if (vector.count != 1 || element == TypeId::none || !is_floating(placement_.types.at(element).scalar)) return false;
        return placement_.is_gcc() || placement_.types.at(element).scalar == Scalar::double_;
    }

    [[nodiscard]] std::optional<std::string> unaligned(const Leaf& leaf) const {
        if (leaf.bit_field && leaf.of_union && placement_.is_gcc()) {
            // A member like others, of the narrowest machine mode that holds it (i386.cc, classify_argument).
            std::uint64_t mode = std::bit_ceil(std::max<std::uint64_t>(leaf.bit_size, 8));
            if (leaf.bit_offset % mode == 0) return std::nullopt;
            return fmt::format("a bit-field of a union at offset {} is not aligned to {} bits: MEMORY", leaf.offset(), mode);
        }
        bool record = leaf.in_unaligned_record && placement_.is_clang();
        if (leaf.bit_field && !record) return std::nullopt;
        if (leaf.bit_offset % (std::uint64_t{leaf.alignment} * 8) == 0 && !record) return std::nullopt;
        return fmt::format("{} at offset {} is not aligned{}: MEMORY", leaf.path, leaf.offset(),
                           record ? " (the record around it is not)" : "");
    }

    void add(const Leaf& leaf, Classified& out, std::array<std::string, most_eightbytes>& merged) const {
        auto put = [&](std::size_t eightbyte, Class which) {
            if (eightbyte >= out.count) return;
            out.classes[eightbyte] = merge(out.classes[eightbyte], which);
            std::string& text = merged[eightbyte];
            if (text.size() < 200)
                text += fmt::format("{}{} is {}", text.empty() ? "" : ", ", leaf.path.empty() ? "it" : leaf.path, name(which));
        };
        std::size_t first = leaf.bit_offset / 64;
        std::size_t last = (leaf.bit_offset + std::max<std::uint64_t>(leaf.bit_size, 1) - 1) / 64;
        if (leaf.kind == LeafKind::integer) {
            // A _BitInt wider than two eightbytes is not listed as INTEGER.
            bool wide = leaf.bit_size > 128 && !leaf.bit_field;
            for (std::size_t i = first; i <= last; ++i) put(i, wide ? Class::memory : Class::integer);
        } else if (is_x87(leaf)) {
            put(first, Class::x87);
            put(first + 1, Class::x87_up);
        } else if (is_single_float(leaf)) {
            put(first, Class::memory);
        } else if (leaf.kind == LeafKind::vector && leaf.bit_size < 64) {
            put(first, Class::integer);
        } else {
            for (std::size_t i = first; i <= last; ++i)
                put(i, i == first || (leaf.scalar != Scalar::float128 && leaf.kind == LeafKind::floating) ? Class::sse : Class::sse_up);
        }
    }

    // Arrays without elements; true where one sends all of it to memory.
    Result<bool> add_empty_arrays(const Value& value, Classified& out, std::array<std::string, most_eightbytes>& merged) const {
        ABISCOPE_TRY(std::vector<EmptyArray> arrays, placement_.values.empty_arrays(value.type));
        // GCC passes over a flexible one of C, and has no size of one of C++ (12, i386.cc, classify_argument).
        bool no_size = placement_.is_clang() || placement_.types.at(value.type).language == Language::cxx;
        if (no_size && std::ranges::any_of(arrays, &EmptyArray::flexible)) {
            out.memory("a struct with a flexible array member: MEMORY", placement_.is_clang() ? clang_classification : gcc_classification);
            return true;
        }
        // To clang it is a member like others, but for its class; to GCC one that does not begin an eightbyte has the class of its element
        // there, as the bytes before it in that eightbyte are counted.
        for (const EmptyArray& array : arrays) {
            if (placement_.is_clang()) {
                ABISCOPE_TRY(const Layout* element, placement_.values.layout(array.element));
                if (array.bit_offset % (element->alignment * 8) == 0) continue;
                out.memory(fmt::format("an array without elements at offset {} is not aligned: MEMORY", array.bit_offset / 8),
                           clang_classification);
                return true;
            }
            if (array.flexible || array.bit_offset % 64 == 0) continue;
            for (const Leaf& leaf : array.leaves) {
                if (leaf.bit_offset / 64 != array.bit_offset / 64 || !counts(leaf)) continue;
                if (auto why = unaligned(leaf)) {
                    out.memory(*why, gcc_classification);
                    return true;
                }
                add(leaf, out, merged);
            }
        }
        return false;
    }

    // clang passes over unnamed bit-fields; GCC takes them for INTEGER, in a union also those without bits.
    [[nodiscard]] bool counts(const Leaf& leaf) const { return leaf.unnamed ? placement_.is_gcc() : leaf.bit_size != 0; }

    // Each record within is classified and cleaned up by itself, before it is merged with what lies beside it.
    Result<bool> breaks_x87(TypeId type, unsigned depth) const {
        TypeId id = element_type(placement_.types, type);
        const Record* record = placement_.types.record(id);
        if (record == nullptr || depth == most_nested) return false;
        if (depth > 0) {
            ABISCOPE_TRY(std::vector<Leaf> leaves, placement_.values.leaves(id));
            Classified inner;
            inner.count = most_eightbytes;
            std::array<std::string, most_eightbytes> unused{};
            for (const Leaf& leaf : leaves) {
                if (counts(leaf) && leaf.bit_offset < most_eightbytes * 64) add(leaf, inner, unused);
            }
            if (follows_nothing(inner)) return true;
        }
        for (const Base& base : record->bases) {
            ABISCOPE_TRY(bool broken, breaks_x87(base.type, depth + 1));
            if (broken) return true;
        }
        for (const Field& field : record->fields) {
            ABISCOPE_TRY(bool broken, breaks_x87(field.type, depth + 1));
            if (broken) return true;
        }
        return false;
    }

    static bool follows_nothing(const Classified& classified) {
        for (std::size_t i = 0; i < classified.count; ++i) {
            if (classified.classes[i] == Class::x87_up && (i == 0 || classified.classes[i - 1] != Class::x87)) return true;
        }
        return false;
    }

    void clean_up(const Value& value, bool wide_to_memory, Classified& out) const {
        auto begin = out.classes.begin(), end = out.classes.begin() + out.count;
        if (std::find(begin, end, Class::memory) != end) return out.memory("one eightbyte is MEMORY: all of it", post_merger);
        if (follows_nothing(out)) return out.memory("X87UP does not follow X87: MEMORY", post_merger);
        bool one_vector = *begin == Class::sse && std::all_of(begin + 1, end, [](Class c) { return c == Class::sse_up; });
        if (out.count > 2 && !one_vector) {
            return out.memory(fmt::format("{} bytes are more than two eightbytes and no single vector: MEMORY", value.size), post_merger);
        }
        if (out.count > 2 && value.size > widest_vector()) {
            lacks_ = std::max(lacks_, value.size);
            return out.memory(fmt::format("a vector of {} bytes needs instructions that are not enabled: MEMORY", value.size),
                              classification);
        }
        if (out.count > 2 && wide_to_memory)
            return out.memory("a vector of more than 16 bytes for `...`: MEMORY", "SysV AMD64 psABI 1.0, 3.5.7");
        for (auto at = begin; at != end; ++at) {
            if (*at == Class::sse_up && (at == begin || (*(at - 1) != Class::sse && *(at - 1) != Class::sse_up))) *at = Class::sse;
        }
    }

    const CallPlacement& placement_;
    mutable std::uint64_t lacks_ = 0;
};

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
        travels.steps.push_back({fmt::format("{} travels in memory", name(classified.classes[0])), std::string(passing)});
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
    std::uint64_t offset = placement.stack_place(align_up(item.value.size, placement.data.slot), alignment);
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
