// Files a command makes beside its output.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace abiscope::cli {

// Replaces what is there. Error cannot_open, with the system's words.
[[nodiscard]] Result<void> write_file(const std::string& path, const std::vector<std::byte>& bytes);

}  // namespace abiscope::cli
