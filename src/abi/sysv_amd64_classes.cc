#include "abi/sysv_amd64_classes.h"

#include <bit>
#include <optional>

#include "abi/element_type.h"

namespace abiscope::abi::sysv_amd64 {

namespace {

constexpr std::string_view clang_classification = "clang 19, CodeGen/Targets/X86.cpp, X86_64ABIInfo::classify";
constexpr std::string_view clang_torn = "clang 19, CodeGen/Targets/X86.cpp, GetX86_64ByValArgumentPair";
constexpr std::string_view flexible_array = "a struct with a flexible array member: MEMORY";
constexpr std::string_view gcc_classification = "GCC 12, config/i386/i386.cc, classify_argument";
constexpr std::string_view post_merger = "SysV AMD64 psABI 1.0, 3.2.3, Classification 5 (post merger cleanup)";

constexpr unsigned most_nested = 64;

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

class OneValue {
public:
    OneValue(const CallPlacement& placement, const Classifier& classifier)
        : placement_(placement), widest_vector_(classifier.widest_vector()) {}

    [[nodiscard]] std::uint64_t lacks() const { return lacks_; }

    Result<Classified> classify(const Value& value, bool variadic, bool is_result) const {
        Classified out;
        if (value.size == 0) {
            if (placement_.is_flexible_to_clang(value)) out.memory(std::string(flexible_array), clang_classification);
            return out;
        }
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
        if (placement_.is_clang() && is_torn_quad(out, leaves)) {
            out.classes[0] = Class::integer;
            out.steps.push_back(
                {"a union kept as a __float128 of which two SSE eightbytes are made: INTEGER for the first", std::string(clang_torn)});
        }
        return out;
    }

private:
    static Leaf built_in(const Value& value) {
        return {.kind = value.shape == Shape::floating ? LeafKind::floating : LeafKind::integer,
                .scalar = value.scalar,
                .bit_size = value.size * 8,
                .alignment = static_cast<std::uint32_t>(value.alignment)};
    }

    // No half of the __float128 that clang keeps such a union as is a type: it falls back on an integer of 8 bytes.
    static bool is_torn_quad(const Classified& classified, const std::vector<Leaf>& leaves) {
        if (classified.count != 2 || classified.classes[0] != Class::sse || classified.classes[1] != Class::sse) return false;
        auto kept_as = std::ranges::find_if(leaves, [](const Leaf& leaf) { return leaf.bit_offset == 0 && leaf.bit_size == 128; });
        return kept_as != leaves.end() && kept_as->kind == LeafKind::floating && kept_as->scalar == Scalar::float128;
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
            out.memory(std::string(flexible_array), placement_.is_clang() ? clang_classification : gcc_classification);
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
        if (out.count > 2 && value.size > widest_vector_) {
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
    std::uint64_t widest_vector_ = 0;
    mutable std::uint64_t lacks_ = 0;
};

}  // namespace

Result<Classified> Classifier::classify(const Value& value, bool variadic, bool is_result) const {
    OneValue one(placement_, *this);
    auto out = one.classify(value, variadic, is_result);
    lacks_ = std::max(lacks_, one.lacks());
    return out;
}

}  // namespace abiscope::abi::sysv_amd64
