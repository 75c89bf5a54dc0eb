// Call frame information: the first byte says which section the rest is, and how it is found.
#include <cstddef>
#include <cstdint>
#include <span>

#include "dwarf/call_frames.h"
#include "dwarf/expression.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace abiscope;
    if (size < 2) return 0;
    std::uint8_t how = data[0];
    View all(std::span(reinterpret_cast<const std::byte*>(data) + 1, size - 1), 0);
    bool with_header = (how & 2) != 0 && all.size() > 64;
    View header = with_header ? all.clamped(0, 64) : View();
    View section = with_header ? all.from(64) : all;
    auto address_size = static_cast<std::uint8_t>((how & 4) != 0 ? 4 : 8);
    Endian order = (how & 8) != 0 ? Endian::big : Endian::little;
    dwarf::CallFrames frames({section, 0x1000, (how & 1) == 0}, header, 0xf00, address_size, order);
    dwarf::Machine machine{.register_value = [](std::uint64_t number) { return std::optional(number * 16); },
                           .memory = [](std::uint64_t address, std::uint8_t) { return std::optional(address ^ 0x55); },
                           .address_size = address_size,
                           .order = order};
    static_cast<void>(dwarf::evaluate(all, machine, 1));
    for (std::uint64_t address : {0x0ULL, 0x1000ULL, 0x1010ULL, 0x2000ULL, 0x401000ULL, 0xffffffffULL, ~0ULL}) {
        auto entry = frames.find(address);
        if (!entry) continue;
        auto row = frames.row(*entry, address);
        if (!row) continue;
        static_cast<void>(dwarf::evaluate(row->cfa_expression, machine));
        for (const auto& [number, rule] : row->registers) static_cast<void>(dwarf::evaluate(rule.expression, machine, number));
    }
    return 0;
}
