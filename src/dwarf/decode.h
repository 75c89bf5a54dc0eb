// Runs the program of an abbreviation over the bytes of an entry. This is the innermost loop of everything in this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "bytes/endian.h"
#include "dwarf/abbreviations.h"
#include "dwarf/attributes.h"

namespace abiscope::dwarf {

// The bytes of a section up to the end of the unit: `begin` is offset 0 of the section, so that positions are section offsets.
struct Bytes {
    const std::byte* begin = nullptr;
    const std::byte* end = nullptr;

    [[nodiscard]] std::uint64_t offset_of(const std::byte* at) const { return static_cast<std::uint64_t>(at - begin); }
    [[nodiscard]] std::uint64_t left(const std::byte* at) const { return static_cast<std::uint64_t>(end - at); }
};

// Reads an unsigned LEB128 at `at` and moves on. False when it does not end before `end` or does not fit 64 bits.
[[nodiscard]] inline bool read_uleb(const std::byte*& at, const std::byte* end, std::uint64_t& value) {
    if (at < end && std::to_integer<unsigned>(*at) < 0x80) {
        value = std::to_integer<std::uint64_t>(*at++);
        return true;
    }
    value = 0;
    for (unsigned shift = 0; at < end; shift += 7) {
        auto byte = std::to_integer<std::uint64_t>(*at++);
        // Padding bytes of zero bits are allowed: linkers write them.
        if (shift < 64) value |= (byte & 0x7f) << shift;
        if (shift >= 63 && (byte & 0x7f) > (shift == 63 ? 1U : 0U)) return false;
        if (byte < 0x80) return true;
    }
    return false;
}

[[nodiscard]] inline bool read_sleb(const std::byte*& at, const std::byte* end, std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; at < end; shift += 7) {
        auto byte = std::to_integer<std::uint64_t>(*at++);
        if (shift < 64) value |= (byte & 0x7f) << shift;
        if (byte >= 0x80) continue;
        if ((byte & 0x40) != 0 && shift + 7 < 64) value |= ~std::uint64_t{0} << (shift + 7);
        return true;
    }
    return false;
}

// One attribute whose form stands in the entry itself (DW_FORM_indirect). Null when it does not fit.
[[nodiscard]] const std::byte* decode_indirect(const Encoding& encoding, const Bytes& bytes, const std::byte* at, Slot slot,
                                               Attributes& into);

// Reads the attributes of an entry that start at `at`. Null when they do not fit, else the first byte behind them. Only slots of the
// program are set; `into.present` starts at 0.
[[nodiscard]] inline const std::byte* decode(const AbbreviationTable& table, const Abbreviation& abbreviation, const Encoding& encoding,
                                             const Bytes& bytes, const std::byte* at, Attributes& into) {
    into.present = 0;
    auto block = [&](const Step& step, std::uint64_t size) {
        if (bytes.left(at) < size || size > 0xffffffff) return false;
        into.set(step.slot, bytes.offset_of(at), step.form, static_cast<std::uint32_t>(size));
        at += size;
        return true;
    };
    for (const Step* step = table.program(abbreviation);; ++step) {
        if (bytes.left(at) < std::uint64_t{step->skip} + step->width) return nullptr;
        at += step->skip;
        std::uint64_t value = 0;
        switch (step->op) {
            case Op::end: return at;
            case Op::fixed1:
                value = load<std::uint8_t>(at, encoding.order);
                at += 1;
                break;
            case Op::fixed2:
                value = load<std::uint16_t>(at, encoding.order);
                at += 2;
                break;
            case Op::fixed3: {
                std::uint64_t low = load<std::uint16_t>(at + (encoding.order == Endian::little ? 0 : 1), encoding.order);
                value = low | std::to_integer<std::uint64_t>(at[encoding.order == Endian::little ? 2 : 0]) << 16;
                at += 3;
                break;
            }
            case Op::fixed4:
                value = load<std::uint32_t>(at, encoding.order);
                at += 4;
                break;
            case Op::fixed8:
                value = load<std::uint64_t>(at, encoding.order);
                at += 8;
                break;
            case Op::fixed16:
                if (!block(*step, 16)) return nullptr;
                continue;
            case Op::uleb:
                if (!read_uleb(at, bytes.end, value)) return nullptr;
                break;
            case Op::sleb:
                if (!read_sleb(at, bytes.end, value)) return nullptr;
                break;
            case Op::constant: value = static_cast<std::uint64_t>(table.constant(step->constant)); break;
            case Op::text: {
                const void* nul = std::memchr(at, 0, bytes.left(at));
                if (nul == nullptr) return nullptr;
                value = bytes.offset_of(at);
                at = static_cast<const std::byte*>(nul) + 1;
                break;
            }
            case Op::block1:
                value = load<std::uint8_t>(at, encoding.order);
                at += 1;
                if (!block(*step, value)) return nullptr;
                continue;
            case Op::block2:
                value = load<std::uint16_t>(at, encoding.order);
                at += 2;
                if (!block(*step, value)) return nullptr;
                continue;
            case Op::block4:
                value = load<std::uint32_t>(at, encoding.order);
                at += 4;
                if (!block(*step, value)) return nullptr;
                continue;
            case Op::block:
                if (!read_uleb(at, bytes.end, value) || !block(*step, value)) return nullptr;
                continue;
            case Op::indirect:
                at = decode_indirect(encoding, bytes, at, step->slot, into);
                if (at == nullptr) return nullptr;
                continue;
        }
        into.set(step->slot, value, step->form);
    }
}

}  // namespace abiscope::dwarf
