// One file of data/ as it was when the program was built; tools/generate_data_files.py makes each room's table of them.
#pragma once

#include <string_view>

namespace abiscope {

struct DataFile {
    std::string_view folder;  // targets, abi: of data/
    std::string_view name;    // without its extension
    std::string_view text;
};

}  // namespace abiscope
