#include "dwarf/places.h"

#include <array>

#include "bytes/reader.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

// The value an expression adds to the address of the object, which lies on the stack as 0. Nothing for one that reads memory.
std::optional<std::uint64_t> evaluate(View expression, const Encoding& encoding) {
    Reader reader(expression, encoding.order, "location expression");
    std::array<std::uint64_t, 16> stack{0};
    std::size_t size = 1;
    auto push = [&](std::uint64_t value) {
        if (size == stack.size()) return false;
        stack[size++] = value;
        return true;
    };
    while (reader.ok() && reader.remaining() > 0) {
        std::uint8_t operation = reader.u8();
        bool fits = true;
        switch (operation) {
            case op::plus_uconst:
                if (size == 0) return std::nullopt;
                stack[size - 1] += reader.uleb128();
                break;
            case op::plus:
            case op::minus:
                if (size < 2) return std::nullopt;
                --size;
                stack[size - 1] = operation == op::plus ? stack[size - 1] + stack[size] : stack[size - 1] - stack[size];
                break;
            case op::constu: fits = push(reader.uleb128()); break;
            case op::consts: fits = push(static_cast<std::uint64_t>(reader.sleb128())); break;
            case op::const1u: fits = push(reader.u8()); break;
            case op::const1s: fits = push(static_cast<std::uint64_t>(reader.i8())); break;
            case op::const2u: fits = push(reader.u16()); break;
            case op::const2s: fits = push(static_cast<std::uint64_t>(reader.i16())); break;
            case op::const4u: fits = push(reader.u32()); break;
            case op::const4s: fits = push(static_cast<std::uint64_t>(reader.i32())); break;
            case op::const8u:
            case op::const8s: fits = push(reader.u64()); break;
            case op::nop: break;
            default:
                if (operation < op::lit0 || operation > op::lit31) return std::nullopt;
                fits = push(operation - op::lit0);
                break;
        }
        if (!fits) return std::nullopt;
    }
    if (!reader.ok() || size == 0) return std::nullopt;
    return stack[size - 1];
}

bool is_block(FormCode form) {
    return form == form::block1 || form == form::block2 || form == form::block4 || form == form::block || form == form::exprloc;
}

}  // namespace

std::optional<std::uint64_t> vtable_slot(const Debug& debug, const Entry& function) {
    if (!function.has(Slot::vtable_elem_location)) return std::nullopt;
    const Attributes& attributes = function.attributes;
    if (!is_block(attributes.form_of(Slot::vtable_elem_location))) return constant(function, Slot::vtable_elem_location);
    View section = debug.sections(function.unit()).at(function.unit().section);
    return evaluate(section.clamped(attributes.number(Slot::vtable_elem_location), attributes.length_of(Slot::vtable_elem_location)),
                    function.unit().encoding);
}

std::optional<std::uint64_t> byte_place(const Debug& debug, const Entry& member) {
    if (!member.has(Slot::member_location)) return 0;
    const Attributes& attributes = member.attributes;
    FormCode form = attributes.form_of(Slot::member_location);
    if (is_block(form)) {
        View section = debug.sections(member.unit()).at(member.unit().section);
        return evaluate(section.clamped(attributes.number(Slot::member_location), attributes.length_of(Slot::member_location)),
                        member.unit().encoding);
    }
    // Version 2 and 3 wrote location lists as data4 and data8; from version 4 on these are constants. Nobody gave a member a location list.
    if (form == form::sec_offset || form == form::loclistx) return std::nullopt;
    return attributes.number(Slot::member_location);
}

std::optional<std::uint64_t> bit_place(const Debug& debug, const Entry& member, std::optional<std::uint64_t> storage) {
    constexpr std::uint64_t most = std::uint64_t{1} << 60;
    auto bytes = byte_place(debug, member);
    if (!bytes || *bytes >= most) return std::nullopt;
    std::uint64_t start = *bytes * 8;
    if (member.has(Slot::data_bit_offset)) return start + member.number(Slot::data_bit_offset);
    auto width = constant(member, Slot::bit_size);
    if (!width || !member.has(Slot::bit_offset)) return start;
    // DW_AT_bit_offset counts from the most significant bit of the storage unit (DWARF 3, section 5.6.6), on every machine; clang writes
    // negative ones where a field ends behind its unit.
    auto offset = static_cast<std::uint64_t>(signed_number(member, Slot::bit_offset));
    if (member.unit().encoding.order == Endian::big) return start + offset;
    auto unit = member.has(Slot::byte_size) ? constant(member, Slot::byte_size) : storage;
    if (!unit || *unit >= most) return std::nullopt;
    return start + *unit * 8 - offset - *width;
}

std::int64_t signed_number(const Entry& entry, Slot slot) {
    std::uint64_t value = entry.number(slot);
    switch (entry.attributes.form_of(slot)) {
        case form::data1: return static_cast<std::int8_t>(value);
        case form::data2: return static_cast<std::int16_t>(value);
        case form::data4: return static_cast<std::int32_t>(value);
        default: return static_cast<std::int64_t>(value);
    }
}

std::optional<std::uint64_t> constant(const Entry& entry, Slot slot) {
    if (!entry.has(slot)) return std::nullopt;
    switch (entry.attributes.form_of(slot)) {
        case form::data1:
        case form::data2:
        case form::data4:
        case form::data8:
        case form::udata:
        case form::sdata:
        case form::implicit_const: return entry.number(slot);
        default: return std::nullopt;
    }
}

}  // namespace abiscope::dwarf
