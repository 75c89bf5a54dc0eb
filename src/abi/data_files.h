// The files of data/abi/.
#pragma once

#include <span>

#include "base/data_file.h"

namespace abiscope::abi {

[[nodiscard]] std::span<const DataFile> data_files();  // sorted by name

}  // namespace abiscope::abi
