// The C library's malloc, which the loader itself calls once everything is relocated (elf/dl-minimal.c, __rtld_malloc_init_real).
#pragma once

#include <optional>

#include "loader/glibc_map.h"
#include "loader/glibc_world.h"
#include "loader/outcome.h"
#include "loader/simulate.h"
#include "target/target.h"

namespace abiscope::loader {

// The first of its functions that nobody defines; nothing when all are there, or the loader does not look for them. Not certain when it is
// not known what this glibc does.
[[nodiscard]] std::optional<Problem> missing_malloc(GlibcWorld& world, GlibcNamespace& space, const Program& program,
                                                    const target::Libc& libc);

}  // namespace abiscope::loader
