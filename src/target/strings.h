// Text inside binaries: version banners and built-in paths.
#pragma once

#include <optional>
#include <string_view>

#include "bytes/view.h"

namespace abiscope::target {

// Calls `visit(text)` for each run of printable ASCII that ends with a NUL and starts after a byte that is not printable, until it
// returns true. Returns what the last visit returned.
template <typename Visit>
bool for_each_string(View bytes, Visit&& visit) {
    std::string_view all = bytes.as_text();
    std::size_t start = 0;
    for (std::size_t at = 0; at < all.size(); ++at) {
        auto c = static_cast<unsigned char>(all[at]);
        if (c >= 0x20 && c < 0x7f) continue;
        if (c == 0 && at > start && visit(all.substr(start, at - start))) return true;
        start = at + 1;
    }
    return false;
}

// What stands between `before` and `after` at the first place where both are, within 200 bytes of each other and on one line.
[[nodiscard]] std::optional<std::string_view> text_between(View bytes, std::string_view before, std::string_view after);

}  // namespace abiscope::target
