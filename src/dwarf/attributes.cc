#include "dwarf/attributes.h"

#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

constexpr Slot slot_by_number(std::uint64_t attribute) {
    switch (attribute) {
        case at::sibling: return Slot::sibling;
        case at::location: return Slot::location;
        case at::name: return Slot::name;
        case at::byte_size: return Slot::byte_size;
        case at::bit_offset: return Slot::bit_offset;
        case at::bit_size: return Slot::bit_size;
        case at::stmt_list: return Slot::stmt_list;
        case at::low_pc: return Slot::low_pc;
        case at::high_pc: return Slot::high_pc;
        case at::language: return Slot::language;
        case at::discr: return Slot::discr;
        case at::discr_value: return Slot::discr_value;
        case at::comp_dir: return Slot::comp_dir;
        case at::const_value: return Slot::const_value;
        case at::containing_type: return Slot::containing_type;
        case at::lower_bound: return Slot::lower_bound;
        case at::producer: return Slot::producer;
        case at::prototyped: return Slot::prototyped;
        case at::upper_bound: return Slot::upper_bound;
        case at::abstract_origin: return Slot::abstract_origin;
        case at::accessibility: return Slot::accessibility;
        case at::artificial: return Slot::artificial;
        case at::calling_convention: return Slot::calling_convention;
        case at::variable_parameter: return Slot::variable_parameter;
        case at::count: return Slot::count;
        case at::data_member_location: return Slot::member_location;
        case at::decl_file: return Slot::decl_file;
        case at::decl_line: return Slot::decl_line;
        case at::declaration: return Slot::declaration;
        case at::encoding: return Slot::encoding;
        case at::external: return Slot::external;
        case at::frame_base: return Slot::frame_base;
        case at::specification: return Slot::specification;
        case at::type: return Slot::type;
        case at::virtuality: return Slot::virtuality;
        case at::vtable_elem_location: return Slot::vtable_elem_location;
        case at::ranges: return Slot::ranges;
        case at::call_column: return Slot::call_column;
        case at::call_file: return Slot::call_file;
        case at::call_line: return Slot::call_line;
        case at::data_bit_offset: return Slot::data_bit_offset;
        case at::object_pointer: return Slot::object_pointer;
        case at::endianity: return Slot::endianity;
        case at::signature: return Slot::signature;
        case at::enum_class: return Slot::enum_class;
        case at::linkage_name:
        case at::mips_linkage_name: return Slot::linkage_name;
        case at::str_offsets_base: return Slot::str_offsets_base;
        case at::addr_base:
        case at::gnu_addr_base: return Slot::addr_base;
        case at::rnglists_base: return Slot::rnglists_base;
        case at::gnu_ranges_base: return Slot::ranges_base;
        case at::dwo_name:
        case at::gnu_dwo_name: return Slot::dwo_name;
        case at::gnu_dwo_id: return Slot::dwo_id;
        case at::reference: return Slot::reference;
        case at::rvalue_reference: return Slot::rvalue_reference;
        case at::noreturn: return Slot::noreturn;
        case at::alignment: return Slot::alignment;
        case at::export_symbols: return Slot::export_symbols;
        case at::deleted: return Slot::deleted;
        case at::loclists_base: return Slot::loclists_base;
        case at::defaulted: return Slot::defaulted;
        case at::gnu_vector: return Slot::gnu_vector;
        case at::go_kind: return Slot::go_kind;
        case at::go_key: return Slot::go_key;
        case at::go_elem: return Slot::go_elem;
        case at::go_embedded_field: return Slot::go_embedded_field;
        default: return Slot::ignored;
    }
}

constexpr std::size_t standard_attributes = 0x90;   // one behind the last of version 5

constexpr std::array<Slot, standard_attributes> slots = [] {
    std::array<Slot, standard_attributes> made{};
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = slot_by_number(i);
    return made;
}();

}  // namespace

Slot slot_of(std::uint64_t attribute) { return attribute < slots.size() ? slots[attribute] : slot_by_number(attribute); }

}  // namespace abiscope::dwarf
