// C++ and Rust names as their authors wrote them. For people only: JSON and the words of loaders keep the names of the file.
#pragma once

#include <string>
#include <string_view>

namespace abiscope::report {

// The name itself where it is not mangled, or too intricate to be taken apart in bounded time. Safe to print.
[[nodiscard]] std::string demangled(std::string_view name);

}  // namespace abiscope::report
