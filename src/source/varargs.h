// What stands for `...` in a call: given as the parameters of a function of a name nobody else uses, behind the one that is asked about.
#pragma once

#include <memory>

#include "source/declarations.h"

namespace abiscope::source {

inline constexpr const char* varargs_function = "abiscope_varargs";

// Appends the parameters of that function to every variadic one, promoted as C's default argument promotions ask (6.5.2.2), and takes it
// out.
[[nodiscard]] std::shared_ptr<const Declarations> with_varargs(const Declarations& declared);

}  // namespace abiscope::source
