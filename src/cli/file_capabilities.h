// Capabilities that a file gives to whoever starts it (setcap).
#pragma once

#include <string>

namespace abiscope::cli {

// Whether it permits any. False where the file cannot be asked.
[[nodiscard]] bool permits_capabilities(const std::string& path);

}  // namespace abiscope::cli
