// Names of classes as the Itanium C++ ABI mangles them (section 5.1).
#pragma once

#include <string>
#include <string_view>

namespace abiscope::diff {

[[nodiscard]] inline bool is_mangled(std::string_view name) { return name.starts_with("_Z") || name.starts_with("__Z"); }

// What stands between N and E of a nested name: ns::one is 2ns3one, std::one St3one. Of a template nothing.
[[nodiscard]] std::string mangled_parts(std::string_view name);

}  // namespace abiscope::diff
