// Sizes and alignments of everything but records.
#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "abi/layout_engine.h"
#include "base/checked.h"

namespace abiscope::abi {

namespace {

std::unexpected<Error> absent(const Engine& engine, std::string_view what) {
    return fail(ErrorCode::unsupported, fmt::format("{} does not exist under {}", what, engine.profile().name));
}

// Under a cap on members, the type keeps its own alignment and the cap is applied where it is placed.
Extent from_rule(const ScalarRule& rule, const Engine& engine) {
    std::uint32_t alignment = engine.rules().integer_field_alignment_cap != 0 ? rule.alignment : rule.in_record;
    return {.size = rule.size, .alignment = alignment, .natural = alignment};
}

bool holds_floats(Scalar scalar) {
    switch (scalar) {
        case Scalar::half:
        case Scalar::bfloat16:
        case Scalar::float_:
        case Scalar::long_double:
        case Scalar::float128: return true;
        default: return false;
    }
}

Result<Extent> bit_int(std::uint32_t bits, const Engine& engine) {
    if (engine.rules().bit_int_widest == 0) return absent(engine, "_BitInt");
    if (bits == 0 || bits > engine.rules().bit_int_widest) return absent(engine, fmt::format("_BitInt({})", bits));
    std::uint32_t alignment = std::min(std::max(std::bit_ceil(bits), 8U) / 8, engine.rules().bit_int_alignment_cap);
    std::uint64_t size = align_up((std::uint64_t{bits} + 7) / 8, alignment);
    return Extent{.size = size, .alignment = alignment, .natural = alignment, .mode = Mode::integer};
}

// Rust's i32, Go's int64: as wide as the name says, aligned as the C type of that width.
Result<Extent> fixed(std::uint32_t bits, const Engine& engine) {
    const Profile& profile = engine.profile();
    switch (bits) {
        case 8: return Extent{.size = 1, .mode = Mode::integer};
        case 16: return Extent{.size = 2, .alignment = 2, .natural = 2, .mode = Mode::integer};
        case 32: return Extent{.size = 4, .alignment = 4, .natural = 4, .mode = Mode::integer};
        case 64: {
            std::uint32_t alignment = profile.scalar(Scalar::long_long).in_record;
            return Extent{.size = 8, .alignment = alignment, .natural = alignment, .mode = Mode::integer};
        }
        case 128: return Extent{.size = 16, .alignment = 16, .natural = 16, .mode = Mode::integer};
        default: return fail(ErrorCode::bad_value, fmt::format("no machine has an integer of {} bits", bits));
    }
}

Result<Extent> scalar(const Type& type, const Engine& engine) {
    switch (type.scalar) {
        // sizeof(void) and arithmetic on it are GNU's; nothing is laid out by it.
        case Scalar::void_: return fail(ErrorCode::bad_value, "void has no layout");
        case Scalar::bit_int:
        case Scalar::unsigned_bit_int: return bit_int(type.bits, engine);
        case Scalar::fixed_signed:
        case Scalar::fixed_unsigned: return fixed(type.bits, engine);
        default: break;
    }
    const ScalarRule& rule = engine.profile().scalar(type.scalar);
    if (rule.size == 0) return absent(engine, type.name.empty() ? std::string_view("this scalar") : std::string_view(type.name));
    Extent extent = from_rule(rule, engine);
    extent.mode = holds_floats(type.scalar) || type.scalar == Scalar::double_ ? Mode::other : Mode::integer;
    extent.capped = !holds_floats(type.scalar);
    return extent;
}

Result<Extent> vector(const Type& type, Engine& engine) {
    ABISCOPE_TRY(Extent element, engine.extent(type.target));
    auto size = checked_mul<std::uint64_t>(element.size, type.count.value_or(0));
    if (!size || *size == 0 || *size > (1U << 20)) return fail(ErrorCode::bad_value, "a vector has no such number of elements");
    Extent extent{.size = std::bit_ceil(*size), .mode = Mode::other};
    extent.alignment = static_cast<std::uint32_t>(extent.size);
    if (std::uint32_t cap = engine.rules().vector_alignment_cap; cap != 0) extent.alignment = std::min(extent.alignment, cap);
    extent.natural = extent.alignment;
    if (engine.rules().integer_vectors_look_like_integers) {
        bool looks = element.mode == Mode::integer && extent.size <= 8;
        extent.mode = looks ? Mode::integer : Mode::block;
        extent.capped = looks;
    }
    return extent;
}

Result<Extent> array(const Type& type, Engine& engine) {
    ABISCOPE_TRY(Extent extent, engine.extent(type.target));
    if (extent.as_element != 0) extent.alignment = extent.as_element;
    extent.natural = extent.alignment;  // an array of an aligned typedef is aligned by its element, not by an attribute of its own
    if (extent.flexible) return fail(ErrorCode::bad_value, "an array of arrays without a count has no layout");
    extent.flexible = !type.count.has_value();
    if (type.count != 1) {
        bool whole = std::has_single_bit(extent.size * type.count.value_or(0)) &&
            extent.size * type.count.value_or(0) <= std::uint64_t{engine.profile().pointer} * 2;
        extent.mode = whole ? Mode::integer : Mode::block;
    }
    auto size = checked_mul<std::uint64_t>(extent.size, type.count.value_or(0));
    if (!size) return fail(ErrorCode::bad_value, "an array is too large for any machine");
    ABISCOPE_CHECK(check_size(*size));
    extent.size = *size;
    return extent;
}

Result<Extent> atomic(const Type& type, Engine& engine) {
    ABISCOPE_TRY(Extent extent, engine.extent(type.target));
    const LayoutRules& rules = engine.rules();
    extent.capped = false;
    if (rules.atomic == AtomicRule::power_of_two) {
        extent.by_attribute = false;
        if (extent.size == 0) {
            extent.size = 1;
        } else if (extent.size <= rules.atomic_promotion_limit) {
            extent.size = std::bit_ceil(extent.size);
            extent.alignment = static_cast<std::uint32_t>(extent.size);
        }
    } else if (std::has_single_bit(extent.size) && extent.size <= 16) {
        // GCC makes an array of the plain type atomic, not an array of the atomic type: its alignment stays.
        extent.as_element = extent.alignment;
        extent.alignment = std::max(extent.alignment, std::min(static_cast<std::uint32_t>(extent.size), rules.biggest_alignment));
    }
    extent.natural = extent.alignment;
    return extent;
}

Extent words(const Engine& engine, std::uint32_t count) {
    std::uint32_t pointer = engine.profile().pointer;
    return {.size = std::uint64_t{pointer} * count, .alignment = pointer, .natural = pointer, .mode = Mode::integer, .capped = true};
}

}  // namespace

Result<void> check_alignment(std::uint64_t alignment) {
    if (is_power_of_two(alignment) && alignment <= (1U << 28)) return {};
    return fail(ErrorCode::bad_value, fmt::format("{} is no alignment", alignment));
}

Result<void> check_size(std::uint64_t bytes) {
    if (bytes <= largest_object) return {};
    return fail(ErrorCode::bad_value, "an object is too large: its offsets in bits do not fit 63 bits");
}

Result<Extent> Engine::extent_of(const Type& type, TypeId id) {
    switch (type.kind) {
        case Kind::scalar: return scalar(type, *this);
        case Kind::pointer:
        case Kind::reference: return words(*this, 1);
        case Kind::member_data_pointer:
        case Kind::member_function_pointer: return member_pointer_extent(type, *this);
        case Kind::array: return array(type, *this);
        case Kind::vector: return vector(type, *this);
        case Kind::complex: {
            if (!rules().has_complex) return absent(*this, "_Complex");
            ABISCOPE_TRY(Extent extent, this->extent(type.target));
            extent.size *= 2;
            extent.mode = Mode::other;
            return extent;
        }
        case Kind::enumeration: {
            const Enumeration* enumeration = types_.enumeration(id);
            if (enumeration == nullptr) return fail(ErrorCode::bad_value, "an enumeration without its enumerators has no layout");
            return enumeration_extent(*enumeration, type, *this);
        }
        case Kind::record: {
            ABISCOPE_TRY(const RecordInfo* info, record(id));
            return Extent{.size = info->layout.size,
                          .alignment = static_cast<std::uint32_t>(info->layout.alignment),
                          .natural = static_cast<std::uint32_t>(info->layout.alignment),
                          .by_attribute = info->member_by_attribute,
                          .mode = info->mode,
                          .capped = info->capped};
        }
        case Kind::qualified: return this->extent(type.target);
        case Kind::alias: {
            ABISCOPE_TRY(Extent extent, this->extent(type.target));
            if (type.alignment != 0) {
                ABISCOPE_CHECK(check_alignment(type.alignment));
                extent.alignment = type.alignment;
                extent.by_attribute = true;
            }
            return extent;
        }
        case Kind::atomic: return atomic(type, *this);
        case Kind::function: return fail(ErrorCode::bad_value, "a function has no layout");
        case Kind::go_string:
        case Kind::go_interface: return words(*this, 2);
        case Kind::go_slice: return words(*this, 3);
        case Kind::go_map:
        case Kind::go_channel:
        case Kind::go_function: return words(*this, 1);
        case Kind::unknown: break;
    }
    return fail(ErrorCode::bad_value, fmt::format("{} is not declared here, or not modelled", type.name.empty() ? "a type" : type.name));
}

}  // namespace abiscope::abi
