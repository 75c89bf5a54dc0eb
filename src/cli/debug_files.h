// Opens the files that hold a program's debug information.
#pragma once

#include <string>

#include "bytes/mapped_file.h"
#include "debuginfo/open_debug.h"

namespace abiscope::cli {

class DebugFiles final : public debuginfo::FileFinder {
public:
    [[nodiscard]] Result<SourcePtr> open(const std::string& path) override { return open_file(path); }
};

}  // namespace abiscope::cli
