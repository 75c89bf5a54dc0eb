// The files of data/ that say what machines are.
#pragma once

#include <span>

#include "base/data_file.h"

namespace abiscope::target {

[[nodiscard]] std::span<const DataFile> data_files();  // sorted by folder and name

}  // namespace abiscope::target
