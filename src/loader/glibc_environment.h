// Variables that glibc's loader obeys and this simulation does not.
#pragma once

#include <string>
#include <vector>

#include "target/target.h"

namespace abiscope::loader {

// What is taken for granted of each that is set; for a program that believes its environment.
[[nodiscard]] std::vector<std::string> unfollowed_environment(const target::Target& target);

}  // namespace abiscope::loader
