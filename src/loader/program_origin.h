// $ORIGIN of the program itself: both loaders read /proc/self/exe (glibc, sysdeps/unix/sysv/linux/dl-origin.c; musl, ldso/dynlink.c,
// fixup_rpath).
#pragma once

#include <optional>
#include <string>

#include "target/target.h"

namespace abiscope::loader {

// What is taken for granted where a library was found by way of it: a root folder or a profile does not say whether /proc will be mounted,
// and where it is not, the token has no value. Nothing on a machine that has it.
[[nodiscard]] std::optional<std::string> assumed_proc(const target::Target& target);

}  // namespace abiscope::loader
