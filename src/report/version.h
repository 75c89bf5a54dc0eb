// The program's own version, as printed and as written into every report.
#pragma once

#include <string_view>

namespace abiscope::report {

inline constexpr std::string_view program_version = ABISCOPE_VERSION;

}  // namespace abiscope::report
