// Numbers of DWARF. Sources: "DWARF Debugging Information Format", version 5, chapter 7 and appendix F; version 4 for what version 5
// dropped; the GNU extensions of binutils' include/dwarf2.def; Go's cmd/internal/dwarf (DW_AT_go_*).
#pragma once

#include <cstdint>

namespace abiscope::dwarf {

// DW_TAG_*: figure 7.3.
namespace tag {
inline constexpr std::uint16_t string_type = 0x12;
inline constexpr std::uint16_t array_type = 0x01;
inline constexpr std::uint16_t class_type = 0x02;
inline constexpr std::uint16_t enumeration_type = 0x04;
inline constexpr std::uint16_t formal_parameter = 0x05;
inline constexpr std::uint16_t lexical_block = 0x0b;
inline constexpr std::uint16_t member = 0x0d;
inline constexpr std::uint16_t pointer_type = 0x0f;
inline constexpr std::uint16_t reference_type = 0x10;
inline constexpr std::uint16_t compile_unit = 0x11;
inline constexpr std::uint16_t structure_type = 0x13;
inline constexpr std::uint16_t subroutine_type = 0x15;
inline constexpr std::uint16_t typedef_ = 0x16;
inline constexpr std::uint16_t union_type = 0x17;
inline constexpr std::uint16_t unspecified_parameters = 0x18;
inline constexpr std::uint16_t variant = 0x19;
inline constexpr std::uint16_t inheritance = 0x1c;
inline constexpr std::uint16_t inlined_subroutine = 0x1d;
inline constexpr std::uint16_t module = 0x1e;
inline constexpr std::uint16_t ptr_to_member_type = 0x1f;
inline constexpr std::uint16_t subrange_type = 0x21;
inline constexpr std::uint16_t base_type = 0x24;
inline constexpr std::uint16_t const_type = 0x26;
inline constexpr std::uint16_t catch_block = 0x25;
inline constexpr std::uint16_t enumerator = 0x28;
inline constexpr std::uint16_t packed_type = 0x2d;
inline constexpr std::uint16_t subprogram = 0x2e;
inline constexpr std::uint16_t template_type_parameter = 0x2f;
inline constexpr std::uint16_t try_block = 0x32;
inline constexpr std::uint16_t variant_part = 0x33;
inline constexpr std::uint16_t variable = 0x34;
inline constexpr std::uint16_t volatile_type = 0x35;
inline constexpr std::uint16_t restrict_type = 0x37;
inline constexpr std::uint16_t interface_type = 0x38;
inline constexpr std::uint16_t namespace_ = 0x39;
inline constexpr std::uint16_t unspecified_type = 0x3b;
inline constexpr std::uint16_t partial_unit = 0x3c;
inline constexpr std::uint16_t type_unit = 0x41;
inline constexpr std::uint16_t rvalue_reference_type = 0x42;
inline constexpr std::uint16_t template_alias = 0x43;
inline constexpr std::uint16_t atomic_type = 0x47;
inline constexpr std::uint16_t immutable_type = 0x4b;
inline constexpr std::uint16_t skeleton_unit = 0x4a;
inline constexpr std::uint16_t generic_subrange = 0x45;
inline constexpr std::uint16_t call_site = 0x48;
}  // namespace tag

// DW_AT_*: figure 7.5.
namespace at {
inline constexpr std::uint16_t sibling = 0x01;
inline constexpr std::uint16_t location = 0x02;
inline constexpr std::uint16_t name = 0x03;
inline constexpr std::uint16_t byte_size = 0x0b;
inline constexpr std::uint16_t bit_offset = 0x0c;   // version 2 and 3
inline constexpr std::uint16_t bit_size = 0x0d;
inline constexpr std::uint16_t stmt_list = 0x10;
inline constexpr std::uint16_t low_pc = 0x11;
inline constexpr std::uint16_t high_pc = 0x12;
inline constexpr std::uint16_t language = 0x13;
inline constexpr std::uint16_t discr = 0x15;
inline constexpr std::uint16_t discr_value = 0x16;
inline constexpr std::uint16_t comp_dir = 0x1b;
inline constexpr std::uint16_t const_value = 0x1c;
inline constexpr std::uint16_t containing_type = 0x1d;
inline constexpr std::uint16_t lower_bound = 0x22;
inline constexpr std::uint16_t producer = 0x25;
inline constexpr std::uint16_t prototyped = 0x27;
inline constexpr std::uint16_t upper_bound = 0x2f;
inline constexpr std::uint16_t abstract_origin = 0x31;
inline constexpr std::uint16_t accessibility = 0x32;
inline constexpr std::uint16_t artificial = 0x34;
inline constexpr std::uint16_t calling_convention = 0x36;
inline constexpr std::uint16_t count = 0x37;
inline constexpr std::uint16_t data_member_location = 0x38;
inline constexpr std::uint16_t decl_file = 0x3a;
inline constexpr std::uint16_t decl_line = 0x3b;
inline constexpr std::uint16_t declaration = 0x3c;
inline constexpr std::uint16_t encoding = 0x3e;
inline constexpr std::uint16_t external = 0x3f;
inline constexpr std::uint16_t frame_base = 0x40;
inline constexpr std::uint16_t specification = 0x47;
inline constexpr std::uint16_t type = 0x49;
inline constexpr std::uint16_t variable_parameter = 0x4b;
inline constexpr std::uint16_t virtuality = 0x4c;
inline constexpr std::uint16_t vtable_elem_location = 0x4d;
inline constexpr std::uint16_t ranges = 0x55;
inline constexpr std::uint16_t call_column = 0x57;
inline constexpr std::uint16_t call_file = 0x58;
inline constexpr std::uint16_t call_line = 0x59;
inline constexpr std::uint16_t data_bit_offset = 0x6b;
inline constexpr std::uint16_t object_pointer = 0x64;
inline constexpr std::uint16_t endianity = 0x65;
inline constexpr std::uint16_t signature = 0x69;
inline constexpr std::uint16_t enum_class = 0x6d;
inline constexpr std::uint16_t linkage_name = 0x6e;
inline constexpr std::uint16_t str_offsets_base = 0x72;
inline constexpr std::uint16_t addr_base = 0x73;
inline constexpr std::uint16_t rnglists_base = 0x74;
inline constexpr std::uint16_t dwo_name = 0x76;
inline constexpr std::uint16_t reference = 0x77;
inline constexpr std::uint16_t rvalue_reference = 0x78;
inline constexpr std::uint16_t noreturn = 0x87;
inline constexpr std::uint16_t alignment = 0x88;
inline constexpr std::uint16_t export_symbols = 0x89;
inline constexpr std::uint16_t deleted = 0x8a;
inline constexpr std::uint16_t defaulted = 0x8b;
inline constexpr std::uint16_t loclists_base = 0x8c;
inline constexpr std::uint16_t mips_linkage_name = 0x2007;
inline constexpr std::uint16_t gnu_vector = 0x2107;
inline constexpr std::uint16_t gnu_dwo_name = 0x2130;
inline constexpr std::uint16_t gnu_dwo_id = 0x2131;
inline constexpr std::uint16_t gnu_ranges_base = 0x2132;
inline constexpr std::uint16_t gnu_addr_base = 0x2133;
inline constexpr std::uint16_t go_kind = 0x2900;
inline constexpr std::uint16_t go_key = 0x2901;
inline constexpr std::uint16_t go_elem = 0x2902;
inline constexpr std::uint16_t go_embedded_field = 0x2903;
}  // namespace at

// DW_CC_*, those of a class: DWARF 5, 5.7.1. Those of functions are listed where they are used.
namespace cc {
inline constexpr std::uint64_t pass_by_reference = 0x04;
inline constexpr std::uint64_t pass_by_value = 0x05;
}  // namespace cc

// DW_FORM_*: figure 7.6. The GNU forms of split and supplementary files have numbers above 0x1f00.
namespace form {
inline constexpr std::uint16_t addr = 0x01;
inline constexpr std::uint16_t block2 = 0x03;
inline constexpr std::uint16_t block4 = 0x04;
inline constexpr std::uint16_t data2 = 0x05;
inline constexpr std::uint16_t data4 = 0x06;
inline constexpr std::uint16_t data8 = 0x07;
inline constexpr std::uint16_t string = 0x08;
inline constexpr std::uint16_t block = 0x09;
inline constexpr std::uint16_t block1 = 0x0a;
inline constexpr std::uint16_t data1 = 0x0b;
inline constexpr std::uint16_t flag = 0x0c;
inline constexpr std::uint16_t sdata = 0x0d;
inline constexpr std::uint16_t strp = 0x0e;
inline constexpr std::uint16_t udata = 0x0f;
inline constexpr std::uint16_t ref_addr = 0x10;
inline constexpr std::uint16_t ref1 = 0x11;
inline constexpr std::uint16_t ref2 = 0x12;
inline constexpr std::uint16_t ref4 = 0x13;
inline constexpr std::uint16_t ref8 = 0x14;
inline constexpr std::uint16_t ref_udata = 0x15;
inline constexpr std::uint16_t indirect = 0x16;
inline constexpr std::uint16_t sec_offset = 0x17;
inline constexpr std::uint16_t exprloc = 0x18;
inline constexpr std::uint16_t flag_present = 0x19;
inline constexpr std::uint16_t strx = 0x1a;
inline constexpr std::uint16_t addrx = 0x1b;
inline constexpr std::uint16_t ref_sup4 = 0x1c;
inline constexpr std::uint16_t strp_sup = 0x1d;
inline constexpr std::uint16_t data16 = 0x1e;
inline constexpr std::uint16_t line_strp = 0x1f;
inline constexpr std::uint16_t ref_sig8 = 0x20;
inline constexpr std::uint16_t implicit_const = 0x21;
inline constexpr std::uint16_t loclistx = 0x22;
inline constexpr std::uint16_t rnglistx = 0x23;
inline constexpr std::uint16_t ref_sup8 = 0x24;
inline constexpr std::uint16_t strx1 = 0x25;
inline constexpr std::uint16_t strx2 = 0x26;
inline constexpr std::uint16_t strx3 = 0x27;
inline constexpr std::uint16_t strx4 = 0x28;
inline constexpr std::uint16_t addrx1 = 0x29;
inline constexpr std::uint16_t addrx2 = 0x2a;
inline constexpr std::uint16_t addrx3 = 0x2b;
inline constexpr std::uint16_t addrx4 = 0x2c;
inline constexpr std::uint16_t gnu_addr_index = 0x1f01;
inline constexpr std::uint16_t gnu_str_index = 0x1f02;
inline constexpr std::uint16_t gnu_ref_alt = 0x1f20;
inline constexpr std::uint16_t gnu_strp_alt = 0x1f21;
}  // namespace form

// DW_END_*: figure 7.13.
namespace end {
inline constexpr std::uint8_t big = 0x01;
inline constexpr std::uint8_t little = 0x02;
}  // namespace end

// DW_ATE_*: figure 7.12.
namespace ate {
inline constexpr std::uint8_t address = 0x01;
inline constexpr std::uint8_t boolean = 0x02;
inline constexpr std::uint8_t complex_float = 0x03;
inline constexpr std::uint8_t float_ = 0x04;
inline constexpr std::uint8_t signed_ = 0x05;
inline constexpr std::uint8_t signed_char = 0x06;
inline constexpr std::uint8_t unsigned_ = 0x07;
inline constexpr std::uint8_t unsigned_char = 0x08;
inline constexpr std::uint8_t utf = 0x10;
}  // namespace ate

// DW_OP_*: figure 7.9, those that a member's place is written with.
namespace op {
inline constexpr std::uint8_t addr = 0x03;
inline constexpr std::uint8_t deref = 0x06;
inline constexpr std::uint8_t const1u = 0x08;
inline constexpr std::uint8_t const1s = 0x09;
inline constexpr std::uint8_t const2u = 0x0a;
inline constexpr std::uint8_t const2s = 0x0b;
inline constexpr std::uint8_t const4u = 0x0c;
inline constexpr std::uint8_t const4s = 0x0d;
inline constexpr std::uint8_t const8u = 0x0e;
inline constexpr std::uint8_t const8s = 0x0f;
inline constexpr std::uint8_t constu = 0x10;
inline constexpr std::uint8_t consts = 0x11;
inline constexpr std::uint8_t minus = 0x1c;
inline constexpr std::uint8_t plus = 0x22;
inline constexpr std::uint8_t plus_uconst = 0x23;
inline constexpr std::uint8_t lit0 = 0x30;
inline constexpr std::uint8_t lit31 = 0x4f;
inline constexpr std::uint8_t nop = 0x96;
}  // namespace op

// DW_LANG_*: figure 7.13 and the list of assigned numbers at dwarfstd.org/languages.html.
namespace lang {
inline constexpr std::uint16_t ada83 = 0x0003;
inline constexpr std::uint16_t cobol74 = 0x0005;
inline constexpr std::uint16_t cobol85 = 0x0006;
inline constexpr std::uint16_t fortran77 = 0x0007;
inline constexpr std::uint16_t fortran90 = 0x0008;
inline constexpr std::uint16_t pascal83 = 0x0009;
inline constexpr std::uint16_t modula2 = 0x000a;
inline constexpr std::uint16_t ada95 = 0x000d;
inline constexpr std::uint16_t fortran95 = 0x000e;
inline constexpr std::uint16_t pli = 0x000f;
inline constexpr std::uint16_t modula3 = 0x0017;
inline constexpr std::uint16_t julia = 0x001f;
inline constexpr std::uint16_t fortran03 = 0x0022;
inline constexpr std::uint16_t fortran08 = 0x0023;
inline constexpr std::uint16_t fortran18 = 0x002d;
inline constexpr std::uint16_t ada2005 = 0x002e;
inline constexpr std::uint16_t ada2012 = 0x002f;
inline constexpr std::uint16_t pascal_borland = 0xb000;
inline constexpr std::uint16_t cplusplus = 0x0004;
inline constexpr std::uint16_t objc_plus_plus = 0x0011;
inline constexpr std::uint16_t go = 0x0016;
inline constexpr std::uint16_t cplusplus03 = 0x0019;
inline constexpr std::uint16_t cplusplus11 = 0x001a;
inline constexpr std::uint16_t rust = 0x001c;
inline constexpr std::uint16_t cplusplus14 = 0x0021;
inline constexpr std::uint16_t cplusplus17 = 0x002b;
inline constexpr std::uint16_t cplusplus20 = 0x002c;
inline constexpr std::uint16_t cplusplus23 = 0x003a;
inline constexpr std::uint16_t mips_assembler = 0x8001;   // what every assembler calls its own
inline constexpr std::uint16_t rust_old = 0x9000;   // rustc before the number was assigned
}  // namespace lang

// DW_UT_*: section 7.5.1.
namespace ut {
inline constexpr std::uint8_t compile = 0x01;
inline constexpr std::uint8_t type = 0x02;
inline constexpr std::uint8_t partial = 0x03;
inline constexpr std::uint8_t skeleton = 0x04;
inline constexpr std::uint8_t split_compile = 0x05;
inline constexpr std::uint8_t split_type = 0x06;
}  // namespace ut

// DW_SECT_*: figure 7.1 (version 5) and GCC's "DWARF package file format" (version 2).
namespace sect {
inline constexpr std::uint32_t info = 1;
inline constexpr std::uint32_t types = 2;          // version 2
inline constexpr std::uint32_t abbrev = 3;
inline constexpr std::uint32_t line = 4;
inline constexpr std::uint32_t locations = 5;
inline constexpr std::uint32_t str_offsets = 6;
inline constexpr std::uint32_t rnglists = 8;       // version 5
}  // namespace sect

// DW_RLE_*: figure 7.30.
namespace rle {
inline constexpr std::uint8_t end_of_list = 0x00;
inline constexpr std::uint8_t base_addressx = 0x01;
inline constexpr std::uint8_t startx_endx = 0x02;
inline constexpr std::uint8_t startx_length = 0x03;
inline constexpr std::uint8_t offset_pair = 0x04;
inline constexpr std::uint8_t base_address = 0x05;
inline constexpr std::uint8_t start_end = 0x06;
inline constexpr std::uint8_t start_length = 0x07;
}  // namespace rle

// DW_LLE_*: figure 7.10. Those below are the numbers of GNU's version 4 (.debug_loc.dwo).
namespace lle {
inline constexpr std::uint8_t end_of_list = 0x00;
inline constexpr std::uint8_t base_addressx = 0x01;
inline constexpr std::uint8_t startx_endx = 0x02;
inline constexpr std::uint8_t startx_length = 0x03;
inline constexpr std::uint8_t offset_pair = 0x04;
inline constexpr std::uint8_t default_location = 0x05;
inline constexpr std::uint8_t base_address = 0x06;
inline constexpr std::uint8_t start_end = 0x07;
inline constexpr std::uint8_t start_length = 0x08;
}  // namespace lle

// DW_LNS_* and DW_LNE_*: figures 7.25 and 7.26.
namespace lns {
inline constexpr std::uint8_t extended = 0x00;
inline constexpr std::uint8_t copy = 0x01;
inline constexpr std::uint8_t advance_pc = 0x02;
inline constexpr std::uint8_t advance_line = 0x03;
inline constexpr std::uint8_t set_file = 0x04;
inline constexpr std::uint8_t set_column = 0x05;
inline constexpr std::uint8_t negate_statement = 0x06;
inline constexpr std::uint8_t set_basic_block = 0x07;
inline constexpr std::uint8_t const_add_pc = 0x08;
inline constexpr std::uint8_t fixed_advance_pc = 0x09;
}  // namespace lns
namespace lne {
inline constexpr std::uint8_t end_sequence = 0x01;
inline constexpr std::uint8_t set_address = 0x02;
inline constexpr std::uint8_t define_file = 0x03;
}  // namespace lne

// DW_LNCT_*: figure 7.27.
namespace lnct {
inline constexpr std::uint64_t path = 1;
inline constexpr std::uint64_t directory_index = 2;
}  // namespace lnct

// Go's reflect.Kind, the value of DW_AT_go_kind. Source: internal/abi/type.go.
namespace go_kind {
inline constexpr std::uint64_t bool_ = 1;
inline constexpr std::uint64_t int_ = 2;
inline constexpr std::uint64_t int64 = 6;
inline constexpr std::uint64_t uint = 7;
inline constexpr std::uint64_t uint64 = 11;
inline constexpr std::uint64_t uintptr = 12;
inline constexpr std::uint64_t float32 = 13;
inline constexpr std::uint64_t float64 = 14;
inline constexpr std::uint64_t complex64 = 15;
inline constexpr std::uint64_t complex128 = 16;
inline constexpr std::uint64_t array = 17;
inline constexpr std::uint64_t chan = 18;
inline constexpr std::uint64_t func = 19;
inline constexpr std::uint64_t interface = 20;
inline constexpr std::uint64_t map = 21;
inline constexpr std::uint64_t pointer = 22;
inline constexpr std::uint64_t slice = 23;
inline constexpr std::uint64_t string = 24;
inline constexpr std::uint64_t struct_ = 25;
inline constexpr std::uint64_t unsafe_pointer = 26;
}  // namespace go_kind

}  // namespace abiscope::dwarf
