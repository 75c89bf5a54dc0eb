// Copies of libraries for newer processors, where of the target's processor only the least it can have is known.
#pragma once

#include <optional>
#include <span>

#include "loader/glibc_machine.h"
#include "loader/outcome.h"
#include "target/target.h"

namespace abiscope::loader {

// The first library, there or missing (of `problems`), of which a glibc-hwcaps folder beside it, or beside a place where it was looked for,
// holds a copy for a level that the processor may have: evidence that is missing. x86-64 only; entries of ld.so.cache are not looked
// through.
[[nodiscard]] std::optional<Problem> faster_copy(std::span<const LoadedLibrary> libraries, std::span<const Problem> problems,
                                                 const GlibcMachine& machine, const target::Target& target);

}  // namespace abiscope::loader
