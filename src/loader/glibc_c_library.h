// What the loader itself takes from the C library once everything is relocated: its malloc (elf/dl-minimal.c, __rtld_malloc_init_real), its
// mutexes (sysdeps/nptl/dl-mutex.c) and its own start (elf/dl-call-libc-early-init.c).
#pragma once

#include <optional>
#include <string>

#include "loader/glibc_map.h"
#include "loader/glibc_world.h"
#include "loader/outcome.h"
#include "loader/simulate.h"
#include "target/target.h"

namespace abiscope::loader {

struct MissingPart {
    Problem problem;  // certain: the start ends here. Otherwise it is not known what this glibc does.
    std::string line;  // what is printed; empty when its words are not known
    std::string assumption;  // and why not
};

// The first of its functions that is not where the loader looks for it; nothing when all are there, or it does not look for them.
[[nodiscard]] std::optional<MissingPart> missing_part(GlibcWorld& world, GlibcNamespace& space, const Program& program,
                                                      const target::Libc& libc);

}  // namespace abiscope::loader
