// Names of types as compilers write them into debug information.
#pragma once

#include <string>
#include <string_view>

namespace abiscope::diff {

// One spelling of what compilers write in several: std::vector<long int>, std::vector<long>; pair<int const, 8UL>, pair<const int, 8>.
[[nodiscard]] std::string one_spelling(std::string_view name);

// Whether two names are one type's. clang leaves template arguments out where it is told to (-gsimple-template-names): then only the rest
// of the names is compared.
[[nodiscard]] bool same_type_name(std::string_view a, std::string_view b);

}  // namespace abiscope::diff
