#include "disasm/x86_fast.h"

namespace abiscope::disasm::x86 {

namespace {

constexpr std::size_t longest_instruction = 15;

bool contains(std::size_t set, unsigned byte) { return ((modrm_sets[set][byte >> 6] >> (byte & 63)) & 1) != 0; }

}  // namespace

// `opcode` is the offset of the opcode byte. Length 0 where the entry does not vouch for the bytes.
Measure FastDecoder::finish(const KnownEntry& entry, const std::byte* bytes, std::size_t size, std::size_t opcode) const {
    auto at = [bytes](std::size_t i) { return static_cast<unsigned>(bytes[i]); };
    bool has_byte = opcode + 1 < size;
    unsigned byte = has_byte ? at(opcode + 1) : 0;
    if (!contains(entry.modrm_set, byte)) return {};
    std::size_t tail = tail_lengths[entry.tail & 7][byte];
    std::size_t length = opcode + entry.length + (tail & 0x7f);
    if ((tail & sib_base_bit) != 0 && opcode + 2 < size && (at(opcode + 2) & 7) == 5) length += 4;
    if (length > size || length > longest_instruction) return {};
    return {.length = static_cast<std::uint8_t>(length),
            .code = (entry.tail & 7) != no_modrm && byte < 0xc0 ? entry.needs_memory : entry.needs_register,
            .landmark = Landmark::none};
}

Measure FastDecoder::measure_vex(const std::byte* bytes, std::size_t size, std::size_t start) const {
    auto at = [bytes](std::size_t i) { return static_cast<unsigned>(bytes[i]); };
    bool three = at(start) == 0xc4;
    std::size_t opcode = start + (three ? 3 : 2);
    if (opcode + 1 >= size) return {};
    // In 32-bit mode these bytes are LES and LDS unless the next one, read as ModRM, names a register.
    if (!wide() && at(start + 1) < 0xc0) return {};
    unsigned map = three ? at(start + 1) & 0x1f : 1;
    unsigned last = at(opcode - 1);
    unsigned w = three ? last >> 7 : 0;
    if (map < 1 || map > 3) return {};
    std::size_t context = ((map - 1) * 4 + (last & 3)) * 4 + w * 2 + ((last >> 2) & 1);
    const KnownEntry& entry = vex_entries[wide()][context][at(opcode)];
    if ((entry.tail & vvvv_must_be_ones) != 0 && (last & 0x78) != 0x78) return {};
    return finish(entry, bytes, size, opcode);
}

Measure FastDecoder::measure_known(const std::byte* bytes, std::size_t size) const {
    auto at = [bytes](std::size_t i) { return static_cast<unsigned>(bytes[i]); };
    std::size_t next = 0;
    unsigned prefix_class = no_prefix;
    for (; next < size; ++next) {
        unsigned prefix = detail::prefix_bytes[wide()][at(next)];
        if ((prefix & 8) == 0) break;
        unsigned found = prefix & 7;
        if (found == no_prefix || found == prefix_class) continue;
        if (prefix_class != no_prefix) return {};
        prefix_class = found;
    }
    if (next + 1 >= size) return {};
    if (next == 0 && (at(0) == 0xc5 || at(0) == 0xc4)) return measure_vex(bytes, size, 0);
    std::size_t context = std::size_t{prefix_class} * 2;
    if (wide() && (at(next) & 0xf0) == 0x40) {
        context += (at(next) >> 3) & 1;
        ++next;
    }
    std::size_t map = 0;
    if (at(next) == 0x0f && next + 1 < size) {
        map = 1;
        ++next;
        if ((at(next) == 0x38 || at(next) == 0x3a) && next + 1 < size) {
            map = at(next) == 0x38 ? 2 : 3;
            ++next;
        }
    }
    if (next >= size) return {};
    return finish(known_entries[wide()][context][map][at(next)], bytes, size, next);
}

Measure FastDecoder::measure(const std::byte* bytes, std::size_t size) const {
    if (size >= fast_read_ahead) {
        Step step = wide() ? plain_step<true>(bytes) : plain_step<false>(bytes);
        if (step.plain) return {.length = static_cast<std::uint8_t>(step.length), .code = 0, .landmark = Landmark::none};
    }
    if (Measure known = measure_known(bytes, size); known.length != 0) return known;
    return plain_.measure(bytes, size);
}

}  // namespace abiscope::disasm::x86
