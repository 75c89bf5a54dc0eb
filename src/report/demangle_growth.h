// How long a mangled name of C++ gets when it is written out, known before that is done: a substitution repeats what came before it, so a
// hostile name of 100 characters can grow without end.
#pragma once

#include <cstdint>

struct demangle_component;             // of libiberty's demangle.h

namespace abiscope::report {

// At least the bytes libiberty writes for a tree it made, and the parts of it that it visits; the greatest number there is when that cannot
// be said.
[[nodiscard]] std::uint64_t written_size(const demangle_component& tree);

}  // namespace abiscope::report
