// A cursor over a View. Every operation is total: a read that does not fit returns zero, does not move, and makes the reader fail
// for good, so that a run of fields is read first and checked once with ok() or error().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "bytes/endian.h"
#include "bytes/view.h"

namespace abiscope {

class Reader {
public:
    // `what` names the structure being read, for the error; it must outlive the reader (a literal).
    Reader(View view, Endian order, std::string_view what) : view_(view), what_(what), order_(order) {}

    [[nodiscard]] std::uint8_t u8() { return read<std::uint8_t>(); }
    [[nodiscard]] std::uint16_t u16() { return read<std::uint16_t>(); }
    [[nodiscard]] std::uint32_t u32() { return read<std::uint32_t>(); }
    [[nodiscard]] std::uint64_t u64() { return read<std::uint64_t>(); }
    [[nodiscard]] std::int8_t i8() { return read<std::int8_t>(); }
    [[nodiscard]] std::int16_t i16() { return read<std::int16_t>(); }
    [[nodiscard]] std::int32_t i32() { return read<std::int32_t>(); }
    [[nodiscard]] std::int64_t i64() { return read<std::int64_t>(); }

    // A field whose width is the file's word: 8 bytes when `wide`, else 4, zero-extended.
    [[nodiscard]] std::uint64_t word(bool wide) { return wide ? u64() : u32(); }

    [[nodiscard]] std::uint64_t uleb128() {
        // Most are one byte.
        if (failed_ || position_ == view_.size() || view_.data()[position_] >= std::byte{0x80}) return long_uleb128();
        previous_ = position_;
        return std::to_integer<std::uint64_t>(view_.data()[position_++]);
    }
    [[nodiscard]] std::int64_t sleb128();
    [[nodiscard]] std::string_view c_string();
    [[nodiscard]] View bytes(std::uint64_t size);

    void skip(std::uint64_t size);
    void seek(std::uint64_t position);

    [[nodiscard]] bool ok() const { return !failed_; }
    [[nodiscard]] std::uint64_t position() const { return position_; }
    [[nodiscard]] std::uint64_t remaining() const { return view_.size() - position_; }

    // Offsets in the file on disk: of the next byte, and of the value read last (a check made after reading names the right place).
    [[nodiscard]] std::uint64_t file_offset() const { return view_.file_offset(position_); }
    [[nodiscard]] std::uint64_t previous_file_offset() const { return view_.file_offset(previous_); }

    [[nodiscard]] Endian order() const { return order_; }

    // The Error of the first read that failed. Only to be called when !ok().
    [[nodiscard]] Error error() const;

    // An Error about the value read last.
    [[nodiscard]] Error bad_value(std::string_view field, std::string wanted, std::string had) const;

private:
    template <std::integral T>
    T read() {
        if (failed_ || view_.size() - position_ < sizeof(T)) return static_cast<T>(stop(sizeof(T)));
        T value = load<T>(view_.data() + position_, order_);
        previous_ = position_;
        position_ += sizeof(T);
        return value;
    }

    std::uint64_t long_uleb128();
    std::uint8_t stop(std::uint64_t wanted, ErrorCode code = ErrorCode::truncated);

    View view_;
    std::string_view what_;
    std::uint64_t position_ = 0;
    std::uint64_t previous_ = 0;
    std::uint64_t wanted_ = 0;
    ErrorCode code_ = ErrorCode::truncated;
    Endian order_;
    bool failed_ = false;
};

}  // namespace abiscope
