// Version needs of every object against the definitions of its providers (elf/dl-version.c).
#pragma once

#include <string>
#include <vector>

#include "loader/glibc_map.h"
#include "loader/outcome.h"

namespace abiscope::loader {

struct VersionReport {
    std::vector<Problem> problems;
    std::vector<std::string> lines;        // what is printed, in order
    bool failed = false;                   // the program does not start
    bool unknown = false;                  // a description leaves open whether a version is there
    int exit_code = 1;                     // 127 when the loader stops at once
    std::vector<std::string> assumptions;
};

[[nodiscard]] VersionReport check_versions(GlibcNamespace& space, const Program& program, const target::Libc& libc,
                                           const GlibcRules& rules);

}  // namespace abiscope::loader
