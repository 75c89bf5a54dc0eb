#include "base/size_words.h"

#include <fmt/format.h>

namespace abiscope::text {

std::string size_words(std::uint64_t bytes) {
    if (bytes >= 1 << 20) return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
    if (bytes >= 1 << 10) return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / (1 << 10));
    return fmt::format("{} bytes", bytes);
}

}  // namespace abiscope::text
