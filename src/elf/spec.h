// Constants of the ELF specification and their names. Numbers and spellings follow the System V gABI (draft of 2013-06-10), the
// processor supplements, and glibc's <elf.h> where the two leave something to the operating system.
#pragma once

#include <cstdint>

#include "base/names.h"

namespace abiscope::elf {

// e_ident
inline constexpr std::uint64_t header_size_32 = 52;
inline constexpr std::uint64_t header_size_64 = 64;
inline constexpr std::uint8_t class_32 = 1;
inline constexpr std::uint8_t class_64 = 2;
inline constexpr std::uint8_t data_little = 1;
inline constexpr std::uint8_t data_big = 2;

// e_type
inline constexpr std::uint16_t et_none = 0, et_rel = 1, et_exec = 2, et_dyn = 3, et_core = 4;

// e_machine, those that code asks for by number
inline constexpr std::uint16_t em_sparc = 2, em_386 = 3, em_486 = 6, em_mips = 8, em_ppc = 20, em_ppc64 = 21, em_s390 = 22, em_arm = 40,
                               em_sparcv9 = 43, em_ia64 = 50, em_x86_64 = 62, em_aarch64 = 183, em_riscv = 243, em_bpf = 247,
                               em_loongarch = 258;

// Escapes for counts that do not fit the header
inline constexpr std::uint16_t pn_xnum = 0xffff;

// p_type
inline constexpr std::uint32_t pt_null = 0, pt_load = 1, pt_dynamic = 2, pt_interp = 3, pt_note = 4, pt_shlib = 5, pt_phdr = 6, pt_tls = 7,
                               pt_gnu_eh_frame = 0x6474e550, pt_gnu_stack = 0x6474e551, pt_gnu_relro = 0x6474e552,
                               pt_gnu_property = 0x6474e553;
// p_flags
inline constexpr std::uint32_t pf_x = 1, pf_w = 2, pf_r = 4;

// sh_type
inline constexpr std::uint32_t sht_null = 0, sht_progbits = 1, sht_symtab = 2, sht_strtab = 3, sht_rela = 4, sht_hash = 5, sht_dynamic = 6,
                               sht_note = 7, sht_nobits = 8, sht_rel = 9, sht_dynsym = 11, sht_symtab_shndx = 18, sht_relr = 19,
                               sht_gnu_hash = 0x6ffffff6, sht_gnu_verdef = 0x6ffffffd, sht_gnu_verneed = 0x6ffffffe,
                               sht_gnu_versym = 0x6fffffff;
// sh_flags
inline constexpr std::uint64_t shf_write = 1, shf_alloc = 2, shf_execinstr = 4, shf_tls = 0x400, shf_compressed = 0x800;
// ch_type
inline constexpr std::uint32_t elfcompress_zlib = 1, elfcompress_zstd = 2;
// special section indices
inline constexpr std::uint16_t shn_undef = 0, shn_abs = 0xfff1, shn_common = 0xfff2, shn_xindex = 0xffff, shn_loreserve = 0xff00;

// d_tag
inline constexpr std::uint64_t dt_null = 0, dt_needed = 1, dt_pltrelsz = 2, dt_pltgot = 3, dt_hash = 4, dt_strtab = 5, dt_symtab = 6,
                               dt_rela = 7, dt_relasz = 8, dt_relaent = 9, dt_strsz = 10, dt_syment = 11, dt_init = 12, dt_fini = 13,
                               dt_soname = 14, dt_rpath = 15, dt_symbolic = 16, dt_rel = 17, dt_relsz = 18, dt_relent = 19,
                               dt_pltrel = 20, dt_debug = 21, dt_textrel = 22, dt_jmprel = 23, dt_bind_now = 24, dt_init_array = 25,
                               dt_init_arraysz = 27, dt_runpath = 29,
                               dt_flags = 30, dt_relrsz = 35, dt_relr = 36, dt_android_rel = 0x6000000f, dt_android_rela = 0x60000011, dt_relrent = 37, dt_gnu_hash = 0x6ffffef5,
                               dt_versym = 0x6ffffff0, dt_relacount = 0x6ffffff9, dt_relcount = 0x6ffffffa, dt_flags_1 = 0x6ffffffb,
                               dt_verdef = 0x6ffffffc, dt_verdefnum = 0x6ffffffd, dt_verneed = 0x6ffffffe, dt_verneednum = 0x6fffffff,
                               dt_auxiliary = 0x7ffffffd, dt_filter = 0x7fffffff;
// DT_FLAGS
inline constexpr std::uint64_t df_origin = 1, df_symbolic = 2, df_textrel = 4, df_bind_now = 8, df_static_tls = 16;
// DT_FLAGS_1
inline constexpr std::uint64_t df_1_now = 1, df_1_nodelete = 8, df_1_noopen = 0x40, df_1_origin = 0x80, df_1_nodeflib = 0x800,
                               df_1_pie = 0x08000000;

// st_info
inline constexpr std::uint8_t stb_local = 0, stb_global = 1, stb_weak = 2, stb_gnu_unique = 10;
inline constexpr std::uint8_t stt_notype = 0, stt_object = 1, stt_func = 2, stt_section = 3, stt_file = 4, stt_common = 5, stt_tls = 6,
                              stt_gnu_ifunc = 10;
// st_other
inline constexpr std::uint8_t stv_default = 0, stv_internal = 1, stv_hidden = 2, stv_protected = 3;

// Version indices and flags (LSB core, "Symbol Versioning")
inline constexpr std::uint16_t ver_ndx_local = 0, ver_ndx_global = 1, versym_hidden = 0x8000, versym_index = 0x7fff;
inline constexpr std::uint16_t ver_flg_base = 1, ver_flg_weak = 2;

// Notes of name "GNU"
inline constexpr std::uint32_t nt_gnu_abi_tag = 1, nt_gnu_hwcap = 2, nt_gnu_build_id = 3, nt_gnu_gold_version = 4,
                               nt_gnu_property_type_0 = 5;
inline constexpr std::uint32_t gnu_property_aarch64_feature_1_and = 0xc0000000, gnu_property_x86_feature_1_and = 0xc0000002,
                               gnu_property_x86_isa_1_needed = 0xc0008002, gnu_property_x86_isa_1_used = 0xc0010002;

[[nodiscard]] NameTable object_types();         // ET_*
[[nodiscard]] NameTable machines();             // EM_*
[[nodiscard]] NameTable os_abis();              // ELFOSABI_*
[[nodiscard]] NameTable segment_types();        // PT_*
[[nodiscard]] NameTable segment_flags();        // PF_*
[[nodiscard]] NameTable section_types();        // SHT_*
[[nodiscard]] NameTable section_flags();        // SHF_*
[[nodiscard]] NameTable dynamic_tags();         // DT_*
[[nodiscard]] NameTable dynamic_flags();        // DF_*
[[nodiscard]] NameTable dynamic_flags_1();      // DF_1_*
[[nodiscard]] NameTable symbol_bindings();      // STB_*
[[nodiscard]] NameTable symbol_types();         // STT_*
[[nodiscard]] NameTable symbol_visibilities();  // STV_*
[[nodiscard]] NameTable gnu_note_types();       // NT_GNU_*
[[nodiscard]] NameTable x86_features();         // bits of GNU_PROPERTY_X86_FEATURE_1_AND
[[nodiscard]] NameTable aarch64_features();     // bits of GNU_PROPERTY_AARCH64_FEATURE_1_AND
[[nodiscard]] NameTable x86_isa_levels();       // bits of GNU_PROPERTY_X86_ISA_1_NEEDED and _USED

}  // namespace abiscope::elf
