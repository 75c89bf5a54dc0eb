// A change of a text as `patch` and `git apply` take it.
#pragma once

#include <string>
#include <string_view>

namespace abiscope::report {

// Empty when the texts are equal; `name` stands on both sides (patch -p0).
[[nodiscard]] std::string unified_diff(std::string_view name, std::string_view before, std::string_view after);

}  // namespace abiscope::report
