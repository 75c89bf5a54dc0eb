// Composite literals of Go that give the members of a struct by position: `T{1, 2}`. They mean something else when the members are
// reordered.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "source/go_syntax.h"

namespace abiscope::source {

struct GoLiteral {
    std::size_t file = 0;      // in the list of files
    std::uint32_t line = 0;
};

// The first one of each type that the package declares, in all files of the package. Told by tokens: where that leaves a doubt, the type is
// in the answer.
[[nodiscard]] std::map<std::string_view, GoLiteral> positional_literals(const std::vector<GoFile>& files);

}  // namespace abiscope::source
