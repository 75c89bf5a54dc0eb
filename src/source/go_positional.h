// Composite literals of Go that give the members of a struct by position: `T{1, 2}`. They mean something else when the members are
// reordered.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "source/go_syntax.h"
#include "source/go_type_names.h"

namespace abiscope::source {

// The first one of each type that the package declares, in all files of the package. Told by tokens: where that leaves a doubt, the type is
// in the answer.
[[nodiscard]] std::map<std::string_view, GoPlace> positional_literals(const std::vector<GoFile>& files, const GoTypeNames& names);

}  // namespace abiscope::source
