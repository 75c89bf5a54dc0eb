// Any bytes as the memory of a Go program: its modules are looked for, their types and itabs read. The first byte says how: pointer size,
// byte order.
#include <cstddef>
#include <cstdint>
#include <span>

#include "golang/program.h"
#include "golang/version.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace abiscope;
    if (size < 16) return 0;
    View bytes(std::as_bytes(std::span(data, size)).subspan(16), 0);
    std::uint64_t half = bytes.size() / 2 / 16 * 16;
    std::vector<golang::MemoryRange> ranges = {
        {.address = 0x600000, .size = half, .bytes = bytes.clamped(0, half), .writable = false, .executable = false},
        {.address = 0x800000, .size = bytes.size() - half, .bytes = bytes.from(half), .writable = true, .executable = false}};
    golang::RangeMemory memory((data[0] & 2) != 0 ? Endian::big : Endian::little, (data[0] & 1) != 0 ? 4 : 8, std::move(ranges));
    Limits limits;
    limits.steps = 10000;
    finding::Sink sink(limits);
    auto program = golang::Program::open(memory, std::nullopt, sink);
    if (!program) return 0;
    for (const golang::FoundModule& module : program->modules()) {
        golang::TypeReader types = program->types(module);
        golang::visit_types(types, [](const golang::Type& type) { static_cast<void>(golang::name_of(type)); }, sink, limits);
        golang::visit_itabs(types, [](const golang::Itab&) {}, sink);
    }
    return 0;
}
