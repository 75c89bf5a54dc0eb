// The files of data/go/.
#pragma once

#include <span>

#include "base/data_file.h"

namespace abiscope::golang {

[[nodiscard]] std::span<const DataFile> data_files();   // sorted by folder and name

}  // namespace abiscope::golang
