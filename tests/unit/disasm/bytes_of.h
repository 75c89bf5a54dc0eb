// Machine code written as hexadecimal text.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace abiscope::disasm {

// "48 8b 05" or "488b05"; anything that is no hexadecimal digit separates.
inline std::vector<std::byte> bytes_of(std::string_view text) {
    std::vector<std::byte> bytes;
    int high = -1;
    for (char c : text) {
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) continue;
        if (high < 0) {
            high = digit;
        } else {
            bytes.push_back(static_cast<std::byte>(high * 16 + digit));
            high = -1;
        }
    }
    return bytes;
}

inline void append(std::vector<std::byte>& to, std::string_view text) {
    std::vector<std::byte> bytes = bytes_of(text);
    to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace abiscope::disasm
