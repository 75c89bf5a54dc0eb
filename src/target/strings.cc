#include "target/strings.h"

namespace abiscope::target {

std::optional<std::string_view> text_between(View bytes, std::string_view before, std::string_view after) {
    constexpr std::size_t most = 200;
    std::string_view all = bytes.as_text();
    for (std::size_t at = all.find(before); at != std::string_view::npos; at = all.find(before, at + 1)) {
        std::string_view rest = all.substr(at + before.size(), most);
        rest = rest.substr(0, rest.find_first_of(std::string_view("\0\n", 2)));
        std::size_t end = rest.find(after);
        if (end != std::string_view::npos) return rest.substr(0, end);
    }
    return std::nullopt;
}

}  // namespace abiscope::target
