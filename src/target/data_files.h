// The files of data/ as they were when the program was built.
#pragma once

#include <span>
#include <string_view>

namespace abiscope::target {

struct DataFile {
    std::string_view folder;   // targets, libraries, cpus
    std::string_view name;     // without .yaml
    std::string_view text;
};

[[nodiscard]] std::span<const DataFile> data_files();   // sorted by folder and name

}  // namespace abiscope::target
