// UTF-16 in little-endian order, as Windows resources hold their text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bytes/view.h"

namespace abiscope::pe {

// UTF-8. An unpaired surrogate or an odd last byte becomes U+FFFD.
[[nodiscard]] std::string utf16_to_utf8(View bytes);

// Appends one code point (below 0x110000).
void append_utf8(std::string& out, std::uint32_t code);

// Bytes up to the terminating zero unit, which is not part of them; nothing when none follows.
[[nodiscard]] std::optional<View> utf16_until_nul(View bytes);

}  // namespace abiscope::pe
