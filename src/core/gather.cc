#include "core/gather.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "bytes/reader.h"

namespace abiscope::core {

namespace {

using Vector = std::array<std::byte, 32>;

// Intel SDM volume 1, 13.4: the XSAVE area in its standard format, as the kernel writes the note.
constexpr std::uint64_t xmm_offset = 160, xstate_bv_offset = 512, ymm_high_offset = 576;
constexpr std::uint64_t sse_bit = 1 << 1, avx_bit = 1 << 2;

std::optional<Vector> vector_of(View extended, std::string_view name) {
    unsigned number = 0;
    constexpr unsigned with_vex = 16;
    if (name.size() < 4 || (!name.starts_with("xmm") && !name.starts_with("ymm"))) return std::nullopt;
    auto [end, error] = std::from_chars(name.data() + 3, name.data() + name.size(), number);
    if (error != std::errc() || end != name.data() + name.size() || number >= with_vex) return std::nullopt;
    Reader reader(extended, Endian::little, "NT_X86_XSTATE");
    reader.seek(xstate_bv_offset);
    std::uint64_t present = reader.u64();
    Vector out{};
    auto take = [&](std::uint64_t offset, std::size_t place) {
        reader.seek(offset + std::uint64_t{16} * number);
        for (std::size_t i = 0; i < 16; ++i) out[place + i] = std::byte{reader.u8()};
    };
    // What has its initial value is not stored: 0.
    if ((present & sse_bit) != 0) take(xmm_offset, 0);
    if ((present & avx_bit) != 0) take(ymm_high_offset, 16);
    return reader.ok() ? std::optional(out) : std::nullopt;
}

std::int64_t element(const Vector& vector, std::size_t index, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value |= std::to_integer<std::uint64_t>(vector[index * size + i]) << 8 * i;
    unsigned unused = 64 - 8 * static_cast<unsigned>(size);
    return static_cast<std::int64_t>(value << unused) >> unused;
}

}  // namespace

std::optional<std::vector<Access>> gather_accesses(const Registers& registers, View extended, const disasm::Instruction& instruction,
                                                   std::size_t operand) {
    constexpr std::string_view name = "gather";
    std::size_t place = instruction.mnemonic.find(name);
    if (place == std::string::npos || place + name.size() >= instruction.mnemonic.size() || operand != 1 || instruction.operands.size() < 3)
        return std::nullopt;
    const disasm::Operand& source = instruction.operands[1];
    const disasm::MemoryOperand& memory = source.memory;
    auto indices = vector_of(extended, memory.index);
    auto mask = vector_of(extended, instruction.operands[2].reg);
    auto base = memory.base.empty() ? std::optional<std::uint64_t>(0) : registers.get(memory.base);
    if (!indices || !mask || !base || !memory.segment.empty() || registers.whole(memory.base) != memory.base) return std::nullopt;
    std::size_t size = source.size;
    std::size_t index_size = instruction.mnemonic[place + name.size()] == 'd' ? 4 : 8;
    std::size_t index_bytes = memory.index.starts_with('x') ? 16 : 32;
    if (size != 4 && size != 8) return std::nullopt;
    std::size_t count = std::min<std::size_t>(instruction.operands[0].size / size, index_bytes / index_size);
    std::vector<Access> out;
    for (std::size_t i = 0; i < std::min(count, sizeof(Vector) / size); ++i) {
        // The highest bit of an element of the mask asks for the element, and is cleared when that is loaded.
        if (element(*mask, i, size) >= 0) continue;
        auto index = static_cast<std::uint64_t>(element(*indices, i, index_size));
        Access access;
        access.operand = operand;
        access.size = source.size;
        access.read = true;
        if (!memory.base.empty()) access.base = *base;
        access.index = index;
        access.address = *base + index * memory.scale + static_cast<std::uint64_t>(memory.displacement);
        out.push_back(access);
    }
    return out;
}

}  // namespace abiscope::core
