#include "pe/utf16.h"

#include "bytes/endian.h"

namespace abiscope::pe {

namespace {

constexpr std::uint32_t replacement = 0xfffd;

std::uint32_t unit(View bytes, std::uint64_t at) { return load<std::uint16_t>(bytes.data() + at, Endian::little); }

}  // namespace

void append_utf8(std::string& out, std::uint32_t code) {
    auto push = [&out](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) {
        push(code);
    } else if (code < 0x800) {
        push(0xc0 | code >> 6);
        push(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        push(0xe0 | code >> 12);
        push(0x80 | (code >> 6 & 0x3f));
        push(0x80 | (code & 0x3f));
    } else {
        push(0xf0 | code >> 18);
        push(0x80 | (code >> 12 & 0x3f));
        push(0x80 | (code >> 6 & 0x3f));
        push(0x80 | (code & 0x3f));
    }
}

std::string utf16_to_utf8(View bytes) {
    std::string out;
    std::uint64_t at = 0;
    while (at + 2 <= bytes.size()) {
        std::uint32_t code = unit(bytes, at);
        at += 2;
        bool high = code >= 0xd800 && code < 0xdc00;
        if (high && at + 2 <= bytes.size() && unit(bytes, at) >= 0xdc00 && unit(bytes, at) < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (unit(bytes, at) - 0xdc00);
            at += 2;
        } else if (code >= 0xd800 && code < 0xe000) {
            code = replacement;
        }
        append_utf8(out, code);
    }
    if (at < bytes.size()) append_utf8(out, replacement);
    return out;
}

std::optional<View> utf16_until_nul(View bytes) {
    for (std::uint64_t at = 0; at + 2 <= bytes.size(); at += 2) {
        if (unit(bytes, at) == 0) return bytes.clamped(0, at);
    }
    return std::nullopt;
}

}  // namespace abiscope::pe
