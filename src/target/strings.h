// Text inside binaries: version banners and built-in paths.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/search.h"
#include "bytes/source.h"
#include "bytes/view.h"

namespace abiscope::target {

// Calls `visit(text)` for each run of printable ASCII that ends with `ending` and a NUL and starts after a byte that is not printable,
// until it returns true. Returns what the last visit returned.
template <typename Visit>
bool for_each_string(View bytes, std::string_view ending, Visit&& visit) {
    std::string_view all = bytes.as_text();
    std::string with_nul(ending);
    with_nul += '\0';
    std::size_t from = 0;   // where the last text ended
    for (std::size_t at = text::find(all, with_nul); at != std::string_view::npos; at = text::find(all, with_nul, from)) {
        std::size_t end = at + ending.size(), start = end;
        while (start > from && all[start - 1] >= 0x20 && all[start - 1] < 0x7f) --start;
        if (start < end && start <= at && visit(all.substr(start, end - start))) return true;
        from = end + 1;
    }
    return false;
}
template <typename Visit>
bool for_each_string(View bytes, Visit&& visit) {
    return for_each_string(bytes, {}, std::forward<Visit>(visit));
}

// What stands between `before` and `after` at the first place where both are, within 200 bytes of each other and on one line.
[[nodiscard]] std::optional<std::string_view> text_between(View bytes, std::string_view before, std::string_view after);

// Where an ELF file keeps its constant texts: the section .rodata, a sixth of a loader; all of the file when there is none.
[[nodiscard]] View texts_of(const SourcePtr& bytes);

}  // namespace abiscope::target
