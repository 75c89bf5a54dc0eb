#include "dwarf/decode.h"

#include "dwarf/spec.h"

namespace abiscope::dwarf {

const std::byte* decode_indirect(const Encoding& encoding, const Bytes& bytes, const std::byte* at, Slot slot, Attributes& into) {
    std::uint64_t form = 0;
    if (!read_uleb(at, bytes.end, form)) return nullptr;
    // An indirect form behind an indirect form, or one whose value stands in the abbreviation, says nothing (DWARF 5, section 7.5.3).
    if (form == form::indirect || form == form::implicit_const) return nullptr;
    Storage storage = storage_of(form, encoding);
    if (storage.op == Op::end || bytes.left(at) < storage.width) return nullptr;
    std::uint64_t value = 0;
    auto number = [&](unsigned width) {
        for (unsigned i = 0; i < width; ++i) {
            unsigned shift = 8 * (encoding.order == Endian::little ? i : width - 1 - i);
            value |= std::to_integer<std::uint64_t>(at[i]) << shift;
        }
        at += width;
    };
    auto block = [&]() -> const std::byte* {
        if (bytes.left(at) < value || value > 0xffffffff) return nullptr;
        into.set(slot, bytes.offset_of(at), form_code(form), static_cast<std::uint32_t>(value));
        return at + value;
    };
    switch (storage.op) {
        case Op::fixed16: value = 16; return block();
        case Op::block1:
        case Op::block2:
        case Op::block4: number(storage.width); return block();
        case Op::block:
            if (!read_uleb(at, bytes.end, value)) return nullptr;
            return block();
        case Op::uleb:
            if (!read_uleb(at, bytes.end, value)) return nullptr;
            break;
        case Op::sleb:
            if (!read_sleb(at, bytes.end, value)) return nullptr;
            break;
        case Op::text: {
            const void* nul = std::memchr(at, 0, bytes.left(at));
            if (nul == nullptr) return nullptr;
            value = bytes.offset_of(at);
            at = static_cast<const std::byte*>(nul) + 1;
            break;
        }
        case Op::constant: value = 1; break;   // DW_FORM_flag_present
        default: number(storage.width); break;
    }
    into.set(slot, value, form_code(form));
    return at;
}

}  // namespace abiscope::dwarf
