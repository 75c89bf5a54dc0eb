// What lies in the file behind everything the headers speak of: installers and self-extracting archives keep their payload there.
#pragma once

#include <cstdint>
#include <optional>

#include "bytes/view.h"

namespace abiscope::pe {

class Image;

// Bytes behind the headers, sections, COFF symbols with their strings and debug data, the certificate table at the file's end left out.
// Nothing when there are none. (Padding with zeros up to an alignment is overlay too: the headers do not speak of it.)
[[nodiscard]] std::optional<View> find_overlay(const Image& image);

}  // namespace abiscope::pe
