// Which release made a program, where its build information does not say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "golang/module_data.h"

namespace abiscope::golang {

// A string of the data that is a version of Go: runtime.buildVersion, or something that looks like it.
struct VersionString {
    std::string text;
    std::uint64_t address = 0;   // of the string's header
};
// In the data of `module`; each text once, in the order of their addresses.
[[nodiscard]] std::vector<VersionString> find_version_strings(const Memory& memory, const Module& module);

// The releases whose numbering of the runtime's special functions (FuncID) is that of the table; `within` when it names none.
[[nodiscard]] ReleaseRange releases_by_function_ids(const PclnTable& table, ReleaseRange within);

}  // namespace abiscope::golang
