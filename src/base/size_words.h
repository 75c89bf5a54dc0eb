// Sizes for people.
#pragma once

#include <cstdint>
#include <string>

namespace abiscope::text {

[[nodiscard]] std::string size_words(std::uint64_t bytes);   // "8.0 MiB", "1.5 KiB", "40 bytes"

}  // namespace abiscope::text
