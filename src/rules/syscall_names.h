// Names of system calls, as the signal of a refused one numbers them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace abiscope::rules {

// `arch` is an AUDIT_ARCH_* number. Empty when it is not known.
[[nodiscard]] std::string_view syscall_name(std::uint32_t arch, std::int32_t number);
[[nodiscard]] std::string audit_arch_name(std::uint32_t arch);
// By the name it has here ("x86-64", "arm64"); 0 for another.
[[nodiscard]] std::uint32_t audit_arch_of(std::string_view name);

}  // namespace abiscope::rules
