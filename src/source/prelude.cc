#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "source/c_source.h"

namespace abiscope::source {

namespace {

struct Vector {
    std::string_view name;
    std::string_view element;
    unsigned bytes;
};

// Intel's and Arm's names are known everywhere, so that one line can be laid out under every ABI. As <immintrin.h> and <arm_neon.h> have
// them.
constexpr Vector vectors[] = {
    {"__m64", "long long", 8},
    {"__m128", "float", 16},
    {"__m128d", "double", 16},
    {"__m128i", "long long", 16},
    {"__m256", "float", 32},
    {"__m256d", "double", 32},
    {"__m256i", "long long", 32},
    {"__m512", "float", 64},
    {"__m512d", "double", 64},
    {"__m512i", "long long", 64},
    {"int8x8_t", "signed char", 8},
    {"int8x16_t", "signed char", 16},
    {"uint8x8_t", "unsigned char", 8},
    {"uint8x16_t", "unsigned char", 16},
    {"int16x4_t", "short", 8},
    {"int16x8_t", "short", 16},
    {"uint16x4_t", "unsigned short", 8},
    {"uint16x8_t", "unsigned short", 16},
    {"int32x2_t", "int", 8},
    {"int32x4_t", "int", 16},
    {"uint32x2_t", "unsigned", 8},
    {"uint32x4_t", "unsigned", 16},
    {"int64x2_t", "long long", 16},
    {"uint64x2_t", "unsigned long long", 16},
    {"float32x2_t", "float", 8},
    {"float32x4_t", "float", 16},
    {"float64x2_t", "double", 16},
};

struct Header {
    std::string_view name;
    std::string_view include;
    bool of_c_only;
};

constexpr Header headers[] = {
    {"size_t", "stddef.h", false},   {"ptrdiff_t", "stddef.h", false}, {"max_align_t", "stddef.h", false}, {"offsetof", "stddef.h", false},
    {"NULL", "stddef.h", false},     {"wchar_t", "stddef.h", true},    {"bool", "stdbool.h", true},        {"alignas", "stdalign.h", true},
    {"alignof", "stdalign.h", true}, {"va_list", "stdarg.h", false},
};

std::set<std::string_view> words_of(std::string_view text) {
    std::set<std::string_view> words;
    auto in_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
    for (std::size_t at = 0; at < text.size();) {
        if (!in_word(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && in_word(text[end])) ++end;
        words.insert(text.substr(at, end - at));
        at = end;
    }
    return words;
}

// int8_t, uint_fast16_t, intptr_t, uintmax_t...
bool of_stdint(std::string_view word) {
    if (word.starts_with('u')) word.remove_prefix(1);
    if (!word.starts_with("int") || !word.ends_with("_t") || word.size() < 6) return false;
    return word.find('x') == std::string_view::npos || word == "intmax_t";
}

}  // namespace

std::string prelude_for(std::string_view text, abi::Language language) {
    std::set<std::string_view> words = words_of(text);
    std::set<std::string_view> includes;
    std::string typedefs;
    if (std::ranges::any_of(words, of_stdint)) includes.insert("stdint.h");
    for (const Header& header : headers) {
        if (words.contains(header.name) && (!header.of_c_only || language != abi::Language::cxx)) includes.insert(header.include);
    }
    if (std::ranges::any_of(words, [](std::string_view word) { return word.starts_with("atomic_"); }) && language == abi::Language::c)
        includes.insert("stdatomic.h");
    for (const Vector& vector : vectors) {
        if (words.contains(vector.name) && !words.contains("typedef"))
            typedefs += fmt::format("typedef {} {} __attribute__((__vector_size__({}), __aligned__({})));", vector.element, vector.name,
                                    vector.bytes, vector.bytes);
    }
    std::string lines;
    for (std::string_view include : includes) lines += fmt::format("#include <{}>\n", include);
    return lines + (typedefs.empty() ? "" : typedefs + "\n");
}

}  // namespace abiscope::source
