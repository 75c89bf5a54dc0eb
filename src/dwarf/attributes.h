// The attributes of one entry, decoded into numbered places: the ones somebody here asks for, and nothing else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace abiscope::dwarf {

// One place for each attribute that is read. The GNU numbers of an attribute share the place of its standard one.
enum class Slot : std::uint8_t {
    sibling,
    name,
    declaration,
    type,
    byte_size,
    specification,
    signature,
    member_location,
    bit_size,
    data_bit_offset,
    bit_offset,
    virtuality,
    external,
    artificial,
    encoding,
    count,
    upper_bound,
    lower_bound,
    const_value,
    containing_type,
    discr,
    discr_value,
    enum_class,
    gnu_vector,
    go_kind,
    linkage_name,
    abstract_origin,
    accessibility,
    alignment,
    defaulted,
    deleted,
    decl_file,
    decl_line,
    export_symbols,
    go_key,
    go_elem,
    go_embedded_field,
    object_pointer,
    prototyped,
    reference,
    rvalue_reference,
    language,
    stmt_list,
    comp_dir,
    producer,
    str_offsets_base,
    addr_base,
    rnglists_base,
    ranges_base,
    dwo_name,
    dwo_id,
    low_pc,
    high_pc,
    ranges,
    vtable_elem_location,
    calling_convention,
    variable_parameter,
    location,
    frame_base,
    call_file,
    call_line,
    call_column,
    loclists_base,
    ignored = 63,
    // In places of attributes that the first entry of a unit alone has, where these never stand.
    endianity = addr_base,
    noreturn = rnglists_base,
};

// A set of slots.
using SlotMask = std::uint64_t;
[[nodiscard]] constexpr SlotMask mask_of(Slot slot) { return SlotMask{1} << static_cast<unsigned>(slot); }
template <typename... S>
[[nodiscard]] constexpr SlotMask mask_of(Slot first, S... rest) {
    return mask_of(first) | mask_of(rest...);
}
inline constexpr SlotMask every_slot = ~SlotMask{0};

// The slot of a DW_AT_* number, or Slot::ignored.
[[nodiscard]] Slot slot_of(std::uint64_t attribute);

// DW_FORM_* in one byte: the numbers up to 0x2c are themselves, the GNU ones 0x1fXX become 0x80 + XX.
using FormCode = std::uint8_t;
[[nodiscard]] constexpr FormCode form_code(std::uint64_t form) {
    return static_cast<FormCode>(form <= 0x2c ? form : form >= 0x1f00 && form <= 0x1f7f ? 0x80 + (form - 0x1f00) : 0);
}

struct Attributes {
    SlotMask present = 0;
    // A number as it stands; for text in place and for blocks the offset of the first byte in the section.
    std::array<std::uint64_t, 64> value;
    std::array<std::uint32_t, 64> length;   // bytes, of a block
    std::array<FormCode, 64> form;

    Attributes() {}   // NOLINT(modernize-use-equals-default): the arrays stay uninitialised, `present` says what is in them

    [[nodiscard]] bool has(Slot slot) const { return (present & mask_of(slot)) != 0; }
    [[nodiscard]] std::uint64_t number(Slot slot, std::uint64_t otherwise = 0) const {
        return has(slot) ? value[static_cast<std::size_t>(slot)] : otherwise;
    }
    [[nodiscard]] FormCode form_of(Slot slot) const { return form[static_cast<std::size_t>(slot)]; }
    [[nodiscard]] std::uint32_t length_of(Slot slot) const { return length[static_cast<std::size_t>(slot)]; }
    // Flags are DW_FORM_flag_present, or DW_FORM_flag with a value.
    [[nodiscard]] bool flag(Slot slot) const { return number(slot) != 0; }

    void set(Slot slot, std::uint64_t number, FormCode code, std::uint32_t size = 0) {
        auto index = static_cast<std::size_t>(slot);
        present |= mask_of(slot);
        value[index] = number;
        form[index] = code;
        length[index] = size;
    }
};

}  // namespace abiscope::dwarf
