// The files a command was given: paths, `-` for standard input, `@FILE` for a list of paths.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/source.h"
#include "cli/context.h"

namespace abiscope::cli {

// Expands every `@FILE` (one path a line; blank lines and lines starting with # are left out). A list that cannot be read is an error in
// `output`; the rest goes on.
[[nodiscard]] std::vector<std::string> expand(const std::vector<std::string>& words, Output& output);

// Errors say what to do: a folder, a device, a file that is not there.
[[nodiscard]] Result<SourcePtr> open_subject(const std::string& path);

}  // namespace abiscope::cli
