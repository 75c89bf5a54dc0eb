// Any bytes as the data of a Go program: finding the build information, following its pointers, reading the module text.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "golang/buildinfo.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace abiscope;
    constexpr std::uint64_t base = 0x4000;
    View bytes(std::as_bytes(std::span(data, size)), 0);
    auto at_address = [&](std::uint64_t address) { return address < base ? View() : bytes.from(address - base); };
    for (bool wide : {true, false}) {
        auto info = golang::read_build_info({{bytes, base}, {bytes.from(size / 2), base + size / 2}}, wide, at_address);
        if (info && info->file_offset >= size) __builtin_trap();
        if (info) static_cast<void>(info->setting("CGO_ENABLED"));
    }
    golang::BuildInfo modules;
    golang::parse_module_text({reinterpret_cast<const char*>(data), size}, modules);
    return 0;
}
