#include "source/program_typedefs.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace abiscope::source {

namespace {

using abi::Scalar;

struct Meaning {
    std::string_view name;
    std::uint64_t bytes = 0;   // 0: as wide as an address; any: the system chooses
    Scalar scalar = Scalar::int_;
};
constexpr std::uint64_t any = ~std::uint64_t{0};

// C23, 7.22 and 7.21; <bits/types.h> of glibc for those with underscores; POSIX <sys/types.h> for ssize_t.
constexpr Meaning meanings[] = {
    {"int8_t", 1, Scalar::signed_char},
    {"int16_t", 2, Scalar::short_},
    {"int32_t", 4, Scalar::int_},
    {"int64_t", 8, Scalar::long_long},
    {"uint8_t", 1, Scalar::unsigned_char},
    {"uint16_t", 2, Scalar::unsigned_short},
    {"uint32_t", 4, Scalar::unsigned_int},
    {"uint64_t", 8, Scalar::unsigned_long_long},
    {"__int64_t", 8, Scalar::long_long},
    {"__uint64_t", 8, Scalar::unsigned_long_long},
    {"int_least64_t", 8, Scalar::long_long},
    {"uint_least64_t", 8, Scalar::unsigned_long_long},
    {"u_int64_t", 8, Scalar::unsigned_long_long},
    {"intmax_t", 8, Scalar::long_long},
    {"uintmax_t", 8, Scalar::unsigned_long_long},
    {"size_t", 0, Scalar::unsigned_word},
    {"ssize_t", 0, Scalar::word},
    {"ptrdiff_t", 0, Scalar::word},
    {"intptr_t", 0, Scalar::word},
    {"uintptr_t", 0, Scalar::unsigned_word},
    {"wchar_t", any, Scalar::wide_character},
};

}  // namespace

void translate_typedefs(abi::TypeTable& types, std::uint64_t address_size) {
    std::map<std::pair<Scalar, abi::Language>, abi::TypeId> made;
    std::size_t last = types.size();
    for (std::size_t i = 0; i < last; ++i) {
        abi::TypeId id{static_cast<std::uint32_t>(i)};
        const abi::Type alias = types.at(id);
        if (alias.kind != abi::Kind::alias || (alias.language != abi::Language::c && alias.language != abi::Language::cxx)) continue;
        std::string_view name = alias.name;
        if (name.starts_with("std::")) name.remove_prefix(5);
        auto meaning = std::ranges::find(meanings, name, &Meaning::name);
        abi::TypeId meant = types.resolve(alias.target);
        if (meaning == std::end(meanings) || !types.contains(meant) || types.at(meant).kind != abi::Kind::scalar) continue;
        auto size = types.at(meant).observed.size;
        if (!size || (meaning->bytes != any && *size != (meaning->bytes == 0 ? address_size : meaning->bytes))) continue;
        auto [at, fresh] = made.try_emplace({meaning->scalar, alias.language}, abi::TypeId::none);
        if (fresh) {
            at->second = types.add({.kind = abi::Kind::scalar,
                                    .language = alias.language,
                                    .scalar = meaning->scalar,
                                    .name = alias.name,
                                    .observed = {.size = size}});
        }
        types.at(id).target = at->second;
    }
}

}  // namespace abiscope::source
