// Which vector registers a unit's code may use and whether it has a red zone, of the switches its compiler wrote into DW_AT_producer. GCC
// writes all of them (-grecord-gcc-switches is its default); clang none, unless -grecord-command-line was given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace abiscope::source {

// As abi::Profile::flags: -mavx, -mavx512f, -mno-red-zone, -mpreferred-stack-boundary=N. Empty: none is on, or nothing is recorded.
[[nodiscard]] std::vector<std::string> call_switches(std::string_view producer);

}  // namespace abiscope::source
