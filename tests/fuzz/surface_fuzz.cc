// A baseline is an input like any other: whatever its bytes say, reading it, writing it again and comparing it must end. An input that is
// no baseline is taken for the payload of one, and packed.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "diff/compare.h"
#include "support/packed_payload.h"
#include "surface/baseline.h"

using namespace abiscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto input = std::as_bytes(std::span(data, size));
    std::vector<std::byte> bytes(input.begin(), input.end());
    if (size < 16 || std::memcmp(data, "abiscope-surface", 16) != 0) bytes = test::packed("abiscope-surface", 3, {data, size});
    Limits limits;
    limits.decompressed_bytes = 1 << 22;
    auto read = surface::read_baseline(Source::from_memory("baseline", std::move(bytes)), limits);
    if (!read) return 0;
    auto written = surface::write_baseline(*read);
    if (!written || !surface::read_baseline(Source::from_memory("again", *std::move(written)), limits)) __builtin_trap();
    // Against itself, and against one in which types grew: then calls are placed.
    (void)diff::compare(*read, *read, {});
    surface::Surface other = *read;
    for (std::uint32_t i = 0; i < other.types.size(); i += 2) {
        auto& observed = other.types.at(static_cast<abi::TypeId>(i)).observed;
        if (observed.size) observed.size = *observed.size / 2 + 1;
    }
    (void)diff::compare(*read, other, {});
    return 0;
}
