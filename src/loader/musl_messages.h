// The lines musl's loader prints, word for word, and musl's own texts for errno (src/errno/__strerror.h), which differ from glibc's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace abiscope::loader::musl {

[[nodiscard]] std::string_view error_text(int error);
// ENOENT; empty for 0 and for numbers that are not listed here.
[[nodiscard]] std::string_view error_name(int error);

[[nodiscard]] std::string library_line(std::string_view library, int error, std::string_view needed_by);
[[nodiscard]] std::string symbol_line(std::string_view object, std::string_view symbol);
[[nodiscard]] std::string relocation_type_line(std::string_view object, std::uint32_t type);
[[nodiscard]] std::string relro_line(std::string_view object, int error);

}  // namespace abiscope::loader::musl
