#include "dwarf/scalars.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

using abi::Language;
using abi::Scalar;

struct Spelling {
    std::string_view name;
    Scalar scalar;
};

// Names that are one word and mean one thing. GCC's and clang's dumps, C++ 6.8.2, C23 H.2.
constexpr std::array spellings{Spelling{"_Bool", Scalar::boolean},
                               Spelling{"bool", Scalar::boolean},
                               Spelling{"wchar_t", Scalar::wide_character},
                               Spelling{"char8_t", Scalar::char8},
                               Spelling{"char16_t", Scalar::char16},
                               Spelling{"char32_t", Scalar::char32},
                               Spelling{"_Float16", Scalar::half},
                               Spelling{"__fp16", Scalar::half},
                               Spelling{"half", Scalar::half},
                               Spelling{"__bf16", Scalar::bfloat16},
                               Spelling{"_Float32", Scalar::float_},
                               Spelling{"_Float64", Scalar::double_},
                               Spelling{"_Float32x", Scalar::double_},
                               Spelling{"_Float128", Scalar::float128},
                               Spelling{"__float128", Scalar::float128},
                               Spelling{"__float80", Scalar::long_double},
                               Spelling{"std::bfloat16_t", Scalar::bfloat16}};

struct Words {
    unsigned longs = 0;
    bool is_short = false;
    bool is_int = false;
    bool is_int128 = false;
    bool is_char = false;
    bool is_float = false;
    bool is_double = false;
    bool is_signed = false;
    bool is_unsigned = false;
    bool is_complex = false;
    bool others = false;
};

Words words_of(std::string_view name) {
    Words words;
    for (std::string_view word : text::split(name, " ")) {
        if (word.empty()) continue;
        if (word == "long") {
            ++words.longs;
        } else if (word == "short") {
            words.is_short = true;
        } else if (word == "int") {
            words.is_int = true;
        } else if (word == "__int128" || word == "__int128_t") {
            words.is_int128 = true;
        } else if (word == "__uint128_t") {
            words.is_int128 = words.is_unsigned = true;
        } else if (word == "char") {
            words.is_char = true;
        } else if (word == "float") {
            words.is_float = true;
        } else if (word == "double") {
            words.is_double = true;
        } else if (word == "signed") {
            words.is_signed = true;
        } else if (word == "unsigned") {
            words.is_unsigned = true;
        } else if (word == "complex" || word == "_Complex") {
            words.is_complex = true;
        } else {
            words.others = true;
        }
    }
    return words;
}

std::optional<Scalar> from_words(const Words& words) {
    if (words.others) return std::nullopt;
    auto either = [&](Scalar with_sign, Scalar without) { return words.is_unsigned ? without : with_sign; };
    if (words.is_double) return words.longs > 0 ? Scalar::long_double : Scalar::double_;
    if (words.is_float) return Scalar::float_;
    if (words.is_char) return words.is_unsigned ? Scalar::unsigned_char : words.is_signed ? Scalar::signed_char : Scalar::character;
    if (words.is_int128) return either(Scalar::int128, Scalar::unsigned_int128);
    if (words.is_short) return either(Scalar::short_, Scalar::unsigned_short);
    if (words.longs > 1) return either(Scalar::long_long, Scalar::unsigned_long_long);
    if (words.longs == 1) return either(Scalar::long_, Scalar::unsigned_long);
    if (words.is_int || words.is_unsigned || words.is_signed) return either(Scalar::int_, Scalar::unsigned_int);
    return std::nullopt;
}

ScalarReading fixed(bool with_sign, std::uint64_t bits) {
    return {.scalar = with_sign ? Scalar::fixed_signed : Scalar::fixed_unsigned,
            .bits = static_cast<std::uint32_t>(std::min<std::uint64_t>(bits, 0xffffffff))};
}

ScalarReading from_encoding(const BaseType& type) {
    std::uint64_t bits = type.bits.value_or(type.bytes > 0x1fffffff ? 0 : type.bytes * 8);
    switch (type.encoding) {
        case ate::boolean: return type.bytes == 1 ? ScalarReading{.scalar = Scalar::boolean} : fixed(false, bits);
        case ate::signed_:
        case ate::signed_char: return fixed(true, bits);
        case ate::unsigned_:
        case ate::unsigned_char:
        case ate::address: return fixed(false, bits);
        case ate::utf: return {.scalar = type.bytes == 1 ? Scalar::char8 : type.bytes == 2 ? Scalar::char16 : Scalar::char32};
        case ate::float_:
            switch (type.bytes) {
                case 2: return {.scalar = Scalar::half};
                case 4: return {.scalar = Scalar::float_};
                case 8: return {.scalar = Scalar::double_};
                case 10:
                case 12: return {.scalar = Scalar::long_double};
                case 16: return {.scalar = Scalar::long_double};
                default: return {.known = false};
            }
        case ate::complex_float:
            switch (type.bytes) {
                case 8: return {.scalar = Scalar::float_, .complex = true};
                case 16: return {.scalar = Scalar::double_, .complex = true};
                case 24:
                case 32: return {.scalar = Scalar::long_double, .complex = true};
                default: return {.known = false};
            }
        default: return {.known = false};
    }
}

// "_BitInt(65)" and "unsigned _BitInt(65)".
std::optional<ScalarReading> bit_int(std::string_view name) {
    auto at = name.find("_BitInt(");
    if (at == std::string_view::npos || !name.ends_with(')')) return std::nullopt;
    auto bits = text::parse_unsigned(name.substr(at + 8, name.size() - at - 9));
    if (!bits || *bits > 0xffffffff) return std::nullopt;
    bool is_unsigned = name.substr(0, at).find("unsigned") != std::string_view::npos;
    return ScalarReading{.scalar = is_unsigned ? Scalar::unsigned_bit_int : Scalar::bit_int, .bits = static_cast<std::uint32_t>(*bits)};
}

ScalarReading read_rust(const BaseType& type) {
    if (type.name == "usize") return {.scalar = Scalar::unsigned_word};
    if (type.name == "isize") return {.scalar = Scalar::word};
    // As C's, which compilers pass in ways of their own.
    if (type.name == "i128") return {.scalar = Scalar::int128};
    if (type.name == "u128") return {.scalar = Scalar::unsigned_int128};
    if (type.name == "()" || type.name == "!") return {.scalar = Scalar::void_};
    return from_encoding(type);
}

ScalarReading read_go(const BaseType& type) {
    switch (type.go_kind.value_or(0)) {
        case go_kind::int_: return {.scalar = Scalar::word};
        case go_kind::uint:
        case go_kind::uintptr: return {.scalar = Scalar::unsigned_word};
        default: return from_encoding(type);
    }
}

}  // namespace

std::string_view float_name(Scalar scalar) {
    switch (scalar) {
        case Scalar::float_: return "float";
        case Scalar::double_: return "double";
        case Scalar::half: return "_Float16";
        case Scalar::bfloat16: return "__bf16";
        case Scalar::float128: return "_Float128";
        default: return "long double";
    }
}

ScalarReading read_scalar(Language language, const BaseType& type) {
    if (language == Language::rust) return read_rust(type);
    if (language == Language::go) return read_go(type);
    const auto* known = std::ranges::find(spellings, type.name, &Spelling::name);
    if (known != spellings.end()) return {.scalar = known->scalar};
    if (auto found = bit_int(type.name)) return *found;
    for (std::string_view word : {std::string_view("complex "), std::string_view("_Complex ")}) {
        if (!type.name.starts_with(word)) continue;
        known = std::ranges::find(spellings, type.name.substr(word.size()), &Spelling::name);
        if (known != spellings.end()) return {.scalar = known->scalar, .complex = true};
    }
    Words words = words_of(type.name);
    bool complex = words.is_complex || type.encoding == ate::complex_float;
    if (auto scalar = from_words(words)) return {.scalar = *scalar, .complex = complex};
    return from_encoding(type);
}

}  // namespace abiscope::dwarf
