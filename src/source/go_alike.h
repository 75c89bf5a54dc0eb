// Structs of Go that the code takes for one another: the language lets a value of one struct be converted to another, and assigned to and
// from one without a name, where the members are the same in the same order (Conversions; Assignability).
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "source/go_syntax.h"
#include "source/go_type_names.h"

namespace abiscope::source {

struct GoAlike {
    bool nameless = false;                   // a struct that no declaration of the package names has the same members
    std::vector<std::string_view> names;     // else: the package's structs with the same members, of which one is converted to
    GoPlace place;                           // of that struct, or of the first conversion
};

// Of structs that the package declares, by name; only those with such others. Told by tokens: where that leaves a doubt, they are alike.
[[nodiscard]] std::map<std::string_view, GoAlike> alike_structs(const std::vector<GoFile>& files, const GoTypeNames& names);

}  // namespace abiscope::source
