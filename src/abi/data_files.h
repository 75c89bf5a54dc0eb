// The files of data/abi/ and data/conventions/.
#pragma once

#include <span>

#include "base/data_file.h"

namespace abiscope::abi {

[[nodiscard]] std::span<const DataFile> data_files();  // sorted by folder and name

}  // namespace abiscope::abi
