// The profiles of data/abi/, by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "abi/profile.h"
#include "base/result.h"

namespace abiscope::abi {

// `sysv-amd64`, `sysv-amd64/gcc-12`, `sysv-amd64/gcc-12/c++20`, `go-arm64/go1.26`. Without a compiler: the one data/abi/ gives as default.
// The standard is C++17 when none is named. Error bad_usage for a name that is not there; `had` holds the name, `wanted` the nearest one.
[[nodiscard]] Result<Profile> find_profile(std::string_view name);

// Sorted: `sysv-amd64`, `win64-msvc`...
[[nodiscard]] std::vector<std::string> abi_names();

// Sorted: `sysv-amd64/clang-19`, `sysv-amd64/gcc-12`... Of one ABI, or of all.
[[nodiscard]] std::vector<std::string> profile_names(std::string_view abi = {});

}  // namespace abiscope::abi
