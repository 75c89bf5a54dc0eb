#include "base/search.h"

#include <cstring>

namespace abiscope::text {

std::size_t find(std::string_view text, std::string_view wanted, std::size_t from) {
    if (from > text.size()) return std::string_view::npos;
    if (wanted.empty()) return from;
    if (from == text.size()) return std::string_view::npos;   // and memmem takes no null pointer
    // memmem() prepares a search of many letters each time.
    const void* hit = wanted.size() == 1 ? std::memchr(text.data() + from, wanted.front(), text.size() - from)
                                         : ::memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
    return hit == nullptr ? std::string_view::npos : static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

}  // namespace abiscope::text
