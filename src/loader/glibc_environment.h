// Variables that glibc's loader obeys and this simulation does not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "target/target.h"

namespace abiscope::loader {

// What is taken for granted of each that is set; for a program that believes its environment.
[[nodiscard]] std::vector<std::string> unfollowed_environment(const target::Target& target);

// Whether the loader looks at a name in a list of libraries (LD_PRELOAD, LD_AUDIT) at all.
[[nodiscard]] bool is_loadable_name(std::string_view name, bool secure);

}  // namespace abiscope::loader
