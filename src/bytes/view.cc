#include "bytes/view.h"

#include <cstring>

#include <fmt/format.h>

namespace abiscope {

Result<View> View::slice(std::uint64_t offset, std::uint64_t size, std::string_view what) const {
    if (auto part = try_slice(offset, size)) return *part;
    std::uint64_t left = offset < bytes_.size() ? bytes_.size() - offset : 0;
    Error error{.code = ErrorCode::truncated,
                .what = fmt::format("{} runs past the end", what),
                .file = {},
                .offset = file_offset(offset < bytes_.size() ? offset : bytes_.size()),
                .wanted = fmt::format("{} bytes at {:#x}", size, offset),
                .had = fmt::format("{} bytes", left)};
    return std::unexpected(std::move(error));
}

std::optional<std::string_view> View::c_string(std::uint64_t offset) const {
    if (offset >= bytes_.size()) return std::nullopt;
    const auto* start = reinterpret_cast<const char*>(bytes_.data()) + offset;
    const void* nul = std::memchr(start, 0, bytes_.size() - offset);
    if (nul == nullptr) return std::nullopt;
    return std::string_view(start, static_cast<const char*>(nul) - start);
}

bool View::starts_with(std::string_view magic, std::uint64_t offset) const {
    return range_fits(offset, magic.size(), bytes_.size()) && std::memcmp(bytes_.data() + offset, magic.data(), magic.size()) == 0;
}

}  // namespace abiscope
