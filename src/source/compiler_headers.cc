#include "source/compiler_headers.h"

#include <string_view>

namespace abiscope::source {

namespace {

// GCC 7 and later, ginclude/stddef.h: on i386 __float128 is aligned to more than anything else. What clang's <stddef.h> includes.
constexpr std::string_view max_align = R"(#ifndef __CLANG_MAX_ALIGN_T_DEFINED
#define __CLANG_MAX_ALIGN_T_DEFINED
typedef struct {
  long long __max_align_ll __attribute__((__aligned__(__alignof__(long long))));
  long double __max_align_ld __attribute__((__aligned__(__alignof__(long double))));
  __float128 __max_align_f128 __attribute__((__aligned__(__alignof(__float128))));
} max_align_t;
#endif
)";

// glibc, stdint.h, and GCC's config/glibc-stdint.h: as wide as a register. clang's own has the narrowest that will do.
constexpr std::string_view fast_integers = R"(#pragma once
#define int_fast16_t __narrow_int_fast16_t
#define int_fast32_t __narrow_int_fast32_t
#define uint_fast16_t __narrow_uint_fast16_t
#define uint_fast32_t __narrow_uint_fast32_t
#include_next <stdint.h>
#undef int_fast16_t
#undef int_fast32_t
#undef uint_fast16_t
#undef uint_fast32_t
typedef __INTPTR_TYPE__ int_fast16_t;
typedef __INTPTR_TYPE__ int_fast32_t;
typedef __UINTPTR_TYPE__ uint_fast16_t;
typedef __UINTPTR_TYPE__ uint_fast32_t;
)";

}  // namespace

std::vector<CompilerHeader> compiler_headers(const abi::Profile& profile, bool freestanding) {
    std::vector<CompilerHeader> out;
    std::string_view triple = profile.triple;
    bool linux_gnu = triple.find("-linux-gnu") != std::string_view::npos;
    bool i386 = triple.size() > 4 && triple[0] == 'i' && triple.substr(2, 3) == "86-";
    if (linux_gnu && i386 && profile.compiler == abi::Compiler::gcc) out.push_back({"__stddef_max_align_t.h", std::string(max_align)});
    if (linux_gnu && freestanding) out.push_back({"stdint.h", std::string(fast_integers)});
    return out;
}

}  // namespace abiscope::source
