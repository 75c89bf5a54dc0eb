// A file of suppressions is an input like any other.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "diff/suppressions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)abiscope::diff::read_suppressions({reinterpret_cast<const char*>(data), size}, "suppressions.yaml");
    return 0;
}
