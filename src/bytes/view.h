// A range of bytes that knows where it lies in the file on disk. Does not own the bytes: the Source it came from does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/checked.h"
#include "base/result.h"

namespace abiscope {

class View {
public:
    View() = default;

    // `derived`: the bytes were made from the file (decompressed), so that every one of them has the same offset on disk.
    View(std::span<const std::byte> bytes, std::uint64_t file_offset, bool derived = false)
        : bytes_(bytes), file_offset_(file_offset), derived_(derived) {}

    [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }
    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    [[nodiscard]] const std::byte* data() const { return bytes_.data(); }
    [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
    [[nodiscard]] bool derived() const { return derived_; }

    // Offset in the file on disk of byte `local` of this view.
    [[nodiscard]] std::uint64_t file_offset(std::uint64_t local = 0) const { return derived_ ? file_offset_ : file_offset_ + local; }

    // [offset, offset + size) of this view, or a located error. `what` names the structure for the message.
    [[nodiscard]] Result<View> slice(std::uint64_t offset, std::uint64_t size, std::string_view what) const;

    // The same without a message, for probing.
    [[nodiscard]] std::optional<View> try_slice(std::uint64_t offset, std::uint64_t size) const {
        if (!range_fits(offset, size, bytes_.size())) return std::nullopt;
        return View(bytes_.subspan(offset, size), file_offset(offset), derived_);
    }

    // What is left from `offset` on; empty when it lies beyond the end.
    [[nodiscard]] View from(std::uint64_t offset) const {
        if (offset >= bytes_.size()) return View({}, file_offset(bytes_.size()), derived_);
        return View(bytes_.subspan(offset), file_offset(offset), derived_);
    }

    // At most `size` bytes from `offset`: a table that claims more than the file holds is read as far as it goes.
    [[nodiscard]] View clamped(std::uint64_t offset, std::uint64_t size) const {
        View rest = from(offset);
        if (size < rest.size()) rest.bytes_ = rest.bytes_.first(size);
        return rest;
    }

    // The NUL-terminated text at `offset`; nothing when it starts outside or no NUL follows within the view.
    [[nodiscard]] std::optional<std::string_view> c_string(std::uint64_t offset) const;

    [[nodiscard]] bool starts_with(std::string_view magic, std::uint64_t offset = 0) const;

    [[nodiscard]] std::string_view as_text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

private:
    std::span<const std::byte> bytes_;
    std::uint64_t file_offset_ = 0;
    bool derived_ = false;
};

}  // namespace abiscope
