#include "bytes/reader.h"

#include <fmt/format.h>

namespace abiscope {

std::uint8_t Reader::stop(std::uint64_t wanted, ErrorCode code) {
    if (!failed_) {
        failed_ = true;
        wanted_ = wanted;
        code_ = code;
    }
    return 0;
}

// DWARF 5 section 7.6. Bits beyond the 64th must be zero, else the value does not fit.
std::uint64_t Reader::long_uleb128() {
    std::uint64_t value = 0;
    std::uint64_t start = position_;
    for (unsigned shift = 0;; shift += 7) {
        if (failed_ || position_ == view_.size()) {
            stop(1);
            position_ = start;
            return 0;
        }
        auto byte = static_cast<std::uint64_t>(view_.data()[position_++]);
        std::uint64_t bits = byte & 0x7f;
        if (shift >= 64 ? bits != 0 : (shift == 63 && bits > 1)) {
            position_ = start;
            return stop(0, ErrorCode::overflow);
        }
        if (shift < 64) value |= bits << shift;
        if ((byte & 0x80) == 0) break;
    }
    previous_ = start;
    return value;
}

std::int64_t Reader::sleb128() {
    std::uint64_t value = 0;
    std::uint64_t start = position_;
    unsigned shift = 0;
    std::uint64_t byte = 0;
    do {
        if (failed_ || position_ == view_.size()) {
            stop(1);
            position_ = start;
            return 0;
        }
        byte = static_cast<std::uint64_t>(view_.data()[position_++]);
        if (shift < 64) value |= (byte & 0x7f) << shift;
        shift += 7;
    } while ((byte & 0x80) != 0);
    if (shift < 64 && (byte & 0x40) != 0) value |= ~std::uint64_t{0} << shift;
    previous_ = start;
    return static_cast<std::int64_t>(value);
}

std::string_view Reader::c_string() {
    if (failed_) return {};
    auto text = view_.c_string(position_);
    if (!text) {
        stop(remaining() + 1);
        return {};
    }
    previous_ = position_;
    position_ += text->size() + 1;
    return *text;
}

View Reader::bytes(std::uint64_t size) {
    auto part = failed_ ? std::nullopt : view_.try_slice(position_, size);
    if (!part) {
        stop(size);
        return {};
    }
    previous_ = position_;
    position_ += size;
    return *part;
}

void Reader::skip(std::uint64_t size) { static_cast<void>(bytes(size)); }

void Reader::seek(std::uint64_t position) {
    if (failed_) return;
    if (position > view_.size()) {
        position_ = view_.size();
        stop(position - view_.size());
        return;
    }
    position_ = position;
}

Error Reader::error() const {
    if (code_ == ErrorCode::overflow) {
        return {.code = code_,
                .what = fmt::format("a number in {} does not fit 64 bits", what_),
                .file = {},
                .offset = file_offset(),
                .wanted = {},
                .had = {}};
    }
    return {.code = code_,
            .what = fmt::format("{} runs past the end", what_),
            .file = {},
            .offset = file_offset(),
            .wanted = fmt::format("{} bytes", wanted_),
            .had = fmt::format("{} bytes", remaining())};
}

Error Reader::bad_value(std::string_view field, std::string wanted, std::string had) const {
    return {.code = ErrorCode::bad_value,
            .what = fmt::format("{} of {}", field, what_),
            .file = {},
            .offset = previous_file_offset(),
            .wanted = std::move(wanted),
            .had = std::move(had)};
}

}  // namespace abiscope
