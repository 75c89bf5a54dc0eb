// What the library answers when it cannot produce what was asked for.
//
// An Error is one of three things that are never mixed (docs/architecture.md): a bug is an assert, an Error is "no answer", a
// finding::Finding is "an answer, and something about it is strange".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace abiscope {

enum class ErrorCode : std::uint8_t {
    cannot_open,        // the operating system refused; `had` holds its reason
    not_a_file,         // a directory, a device, a socket
    truncated,          // a structure runs past the end of its bytes
    bad_magic,          // the bytes do not start with what the format demands
    bad_value,          // a field holds a value that makes the structure unreadable
    overflow,           // offset plus size does not fit 64 bits
    limit_reached,      // Limits stopped the work before it was finished
    unsupported,        // well-formed, but not a thing this program reads
    not_found,          // a name or address that was asked for is not there
    bad_usage,          // the request itself is wrong
    internal,           // a promise of this program was broken
};

std::string_view to_string(ErrorCode code);

// Offsets count bytes from the start of `file` as it is on disk. `wanted` and `had` are short readings ("64 bytes", "12 bytes left").
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string what;
    std::string file;
    std::uint64_t offset = no_offset;
    std::string wanted;
    std::string had;

    static constexpr std::uint64_t no_offset = ~std::uint64_t{0};

    // One line: `FILE: offset 0x40: WHAT (wanted W, had H)`.
    [[nodiscard]] std::string describe() const;
};

}  // namespace abiscope
