#include "base/error.h"

#include <fmt/format.h>

namespace abiscope {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::cannot_open: return "cannot_open";
        case ErrorCode::not_a_file: return "not_a_file";
        case ErrorCode::truncated: return "truncated";
        case ErrorCode::bad_magic: return "bad_magic";
        case ErrorCode::bad_value: return "bad_value";
        case ErrorCode::overflow: return "overflow";
        case ErrorCode::limit_reached: return "limit_reached";
        case ErrorCode::unsupported: return "unsupported";
        case ErrorCode::not_found: return "not_found";
        case ErrorCode::bad_usage: return "bad_usage";
        case ErrorCode::internal: return "internal";
    }
    return "internal";
}

std::string Error::describe() const {
    std::string line;
    if (!file.empty()) line += fmt::format("{}: ", file);
    if (offset != no_offset) line += fmt::format("offset {:#x}: ", offset);
    line += what;
    if (!wanted.empty() && !had.empty()) {
        line += fmt::format(" (wanted {}, had {})", wanted, had);
    } else if (!had.empty()) {
        line += fmt::format(" ({})", had);
    } else if (!wanted.empty()) {
        line += fmt::format(" (wanted {})", wanted);
    }
    return line;
}

}  // namespace abiscope
