// The figures of data/abi/ by name, and where each goes in a Profile.
#pragma once

#include <string>
#include <string_view>

#include <yaml-cpp/yaml.h>

#include "abi/profile.h"
#include "base/result.h"

namespace abiscope::abi {

// Puts every figure of one group `{source: ..., NAME: VALUE...}` into the profile. The data is the house's own, but a mistake in it is an
// Error that names it, not a crash.
[[nodiscard]] Result<void> apply_figures(const YAML::Node& group, Profile& profile);

}  // namespace abiscope::abi
