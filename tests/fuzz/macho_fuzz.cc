#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/macho_read_all.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    abiscope::macho::read_everything(std::as_bytes(std::span(data, size)));
    return 0;
}
