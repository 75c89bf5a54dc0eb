// Constants of the Mach-O format and their names.
//
// Sources: Apple's <mach-o/loader.h>, <mach-o/fat.h>, <mach-o/nlist.h>, <mach-o/reloc.h>, <mach-o/fixup-chains.h>, <mach/machine.h> and
// <kern/cs_blobs.h>. A file may hold any number where one of these is expected, so records keep the raw integer.
#pragma once

#include <cstdint>
#include <string>

#include "base/names.h"

namespace abiscope::macho {

enum Magic : std::uint32_t {
    mh_magic = 0xfeedface,      // 32 bit; read in the file's own byte order
    mh_magic_64 = 0xfeedfacf,
    fat_magic = 0xcafebabe,     // always big-endian on disk
    fat_magic_64 = 0xcafebabf,
};

enum CpuType : std::uint32_t {
    cpu_abi64 = 0x01000000,
    cpu_abi64_32 = 0x02000000,
    cpu_x86 = 7,
    cpu_arm = 12,
    cpu_powerpc = 18,
    cpu_x86_64 = cpu_x86 | cpu_abi64,
    cpu_arm64 = cpu_arm | cpu_abi64,
    cpu_arm64_32 = cpu_arm | cpu_abi64_32,
    cpu_powerpc64 = cpu_powerpc | cpu_abi64,
};

enum CpuSubtype : std::uint32_t {
    cpu_subtype_mask = 0x00ffffff,          // the rest are capability bits
    cpu_subtype_lib64 = 0x80000000,
    cpu_subtype_x86_64_h = 8,
    cpu_subtype_arm64_e = 2,
    cpu_subtype_ptrauth_versioned = 0x80000000,   // arm64e only
    cpu_subtype_ptrauth_kernel = 0x40000000,
    cpu_subtype_ptrauth_version_mask = 0x0f000000,
};

enum FileType : std::uint32_t {
    mh_object = 1,
    mh_execute = 2,
    mh_fvmlib = 3,
    mh_core = 4,
    mh_preload = 5,
    mh_dylib = 6,
    mh_dylinker = 7,
    mh_bundle = 8,
    mh_dylib_stub = 9,
    mh_dsym = 10,
    mh_kext_bundle = 11,
    mh_fileset = 12,
    mh_gpu_execute = 13,
    mh_gpu_dylib = 14,
};

enum HeaderFlag : std::uint32_t {
    mh_noundefs = 0x1,
    mh_dyldlink = 0x4,
    mh_twolevel = 0x80,
    mh_weak_defines = 0x8000,
    mh_binds_to_weak = 0x10000,
    mh_allow_stack_execution = 0x20000,
    mh_pie = 0x200000,
    mh_no_heap_execution = 0x1000000,
    mh_app_extension_safe = 0x2000000,
    mh_sim_support = 0x8000000,
    mh_dylib_in_cache = 0x80000000,
};

inline constexpr std::uint32_t lc_req_dyld = 0x80000000;   // dyld must refuse the file when it does not know the command

enum LoadCommandType : std::uint32_t {
    lc_segment = 0x1,
    lc_symtab = 0x2,
    lc_symseg = 0x3,
    lc_thread = 0x4,
    lc_unixthread = 0x5,
    lc_loadfvmlib = 0x6,
    lc_idfvmlib = 0x7,
    lc_ident = 0x8,
    lc_fvmfile = 0x9,
    lc_prepage = 0xa,
    lc_dysymtab = 0xb,
    lc_load_dylib = 0xc,
    lc_id_dylib = 0xd,
    lc_load_dylinker = 0xe,
    lc_id_dylinker = 0xf,
    lc_prebound_dylib = 0x10,
    lc_routines = 0x11,
    lc_sub_framework = 0x12,
    lc_sub_umbrella = 0x13,
    lc_sub_client = 0x14,
    lc_sub_library = 0x15,
    lc_twolevel_hints = 0x16,
    lc_prebind_cksum = 0x17,
    lc_load_weak_dylib = 0x18 | lc_req_dyld,
    lc_segment_64 = 0x19,
    lc_routines_64 = 0x1a,
    lc_uuid = 0x1b,
    lc_rpath = 0x1c | lc_req_dyld,
    lc_code_signature = 0x1d,
    lc_segment_split_info = 0x1e,
    lc_reexport_dylib = 0x1f | lc_req_dyld,
    lc_lazy_load_dylib = 0x20,
    lc_encryption_info = 0x21,
    lc_dyld_info = 0x22,
    lc_dyld_info_only = 0x22 | lc_req_dyld,
    lc_load_upward_dylib = 0x23 | lc_req_dyld,
    lc_version_min_macosx = 0x24,
    lc_version_min_iphoneos = 0x25,
    lc_function_starts = 0x26,
    lc_dyld_environment = 0x27,
    lc_main = 0x28 | lc_req_dyld,
    lc_data_in_code = 0x29,
    lc_source_version = 0x2a,
    lc_dylib_code_sign_drs = 0x2b,
    lc_encryption_info_64 = 0x2c,
    lc_linker_option = 0x2d,
    lc_linker_optimization_hint = 0x2e,
    lc_version_min_tvos = 0x2f,
    lc_version_min_watchos = 0x30,
    lc_note = 0x31,
    lc_build_version = 0x32,
    lc_dyld_exports_trie = 0x33 | lc_req_dyld,
    lc_dyld_chained_fixups = 0x34 | lc_req_dyld,
    lc_fileset_entry = 0x35 | lc_req_dyld,
    lc_atom_info = 0x36,
    lc_function_variants = 0x37,
    lc_function_variant_fixups = 0x38,
    lc_target_triple = 0x39,
    lc_lazy_load_dylib_info = 0x3a,
};

enum Protection : std::uint32_t { vm_prot_read = 1, vm_prot_write = 2, vm_prot_execute = 4 };

enum SectionType : std::uint32_t {
    section_type_mask = 0xff,
    s_regular = 0x0,
    s_zerofill = 0x1,
    s_non_lazy_symbol_pointers = 0x6,
    s_lazy_symbol_pointers = 0x7,
    s_symbol_stubs = 0x8,
    s_gb_zerofill = 0xc,
    s_lazy_dylib_symbol_pointers = 0x10,
    s_thread_local_zerofill = 0x12,
};

enum SectionAttribute : std::uint32_t {
    s_attr_pure_instructions = 0x80000000,
    s_attr_some_instructions = 0x400,
};

enum SymbolTypeBits : std::uint8_t {
    n_stab = 0xe0,
    n_pext = 0x10,
    n_type = 0x0e,
    n_ext = 0x01,
    // values of n_type
    n_undf = 0x0,
    n_abs = 0x2,
    n_indr = 0xa,
    n_pbud = 0xc,
    n_sect = 0xe,
};

enum SymbolDescriptionBits : std::uint16_t {
    n_arm_thumb_def = 0x8,
    n_no_dead_strip = 0x20,
    n_weak_ref = 0x40,
    n_weak_def = 0x80,
    n_symbol_resolver = 0x100,
    n_alt_entry = 0x200,
    n_cold_func = 0x400,
};

// Library ordinals that name no library. In nlist they are the unsigned bytes 0, 254 and 255.
enum SpecialOrdinal : std::int32_t {
    ordinal_self = 0,
    ordinal_main_executable = -1,
    ordinal_flat_lookup = -2,
    ordinal_weak_lookup = -3,
};

enum DylibUse : std::uint32_t {
    dylib_use_marker = 0x1a741800,   // in the timestamp field: the command is a dylib_use_command and has flags
    dylib_use_weak_link = 1,
    dylib_use_reexport = 2,
    dylib_use_upward = 4,
    dylib_use_delayed_init = 8,
};

enum ExportFlag : std::uint64_t {
    export_kind_mask = 0x3,
    export_kind_regular = 0,
    export_kind_thread_local = 1,
    export_kind_absolute = 2,
    export_weak_definition = 0x4,
    export_reexport = 0x8,
    export_stub_and_resolver = 0x10,
    export_function_variant = 0x20,
};

enum BindFlag : std::uint8_t { bind_weak_import = 0x1, bind_non_weak_definition = 0x8 };

enum ChainedImportFormat : std::uint32_t { chained_import = 1, chained_import_addend = 2, chained_import_addend64 = 3 };

enum SignatureMagic : std::uint32_t {
    cs_magic_requirements = 0xfade0c01,
    cs_magic_code_directory = 0xfade0c02,
    cs_magic_embedded_signature = 0xfade0cc0,
    cs_magic_entitlements = 0xfade7171,
    cs_magic_entitlements_der = 0xfade7172,
    cs_magic_blob_wrapper = 0xfade0b01,   // the CMS signature
};

enum SignatureSlot : std::uint32_t {
    cs_slot_code_directory = 0,
    cs_slot_requirements = 2,
    cs_slot_entitlements = 5,
    cs_slot_entitlements_der = 7,
    cs_slot_alternate_first = 0x1000,
    cs_slot_alternate_end = 0x1005,
    cs_slot_signature = 0x10000,
};

enum SignatureFlag : std::uint32_t {
    cs_adhoc = 0x2,
    cs_hard = 0x100,
    cs_kill = 0x200,
    cs_restrict = 0x800,
    cs_require_library_validation = 0x2000,
    cs_runtime = 0x10000,
    cs_linker_signed = 0x20000,
};

namespace names {
extern const NameTable cpu_types;              // CPU_TYPE_*
extern const NameTable file_types;             // MH_*
extern const NameTable header_flags;           // MH_*
extern const NameTable load_commands;          // LC_*
extern const NameTable section_types;          // S_*
extern const NameTable section_attributes;     // S_ATTR_*
extern const NameTable segment_flags;          // SG_*
extern const NameTable platforms;              // PLATFORM_*
extern const NameTable platform_titles;        // as people write them: macOS, iOS Simulator
extern const NameTable tools;                  // TOOL_*
extern const NameTable stabs;                  // N_*
extern const NameTable export_flags;           // EXPORT_SYMBOL_FLAGS_*
extern const NameTable dylib_use_flags;        // DYLIB_USE_*
extern const NameTable chained_import_formats; // DYLD_CHAINED_IMPORT*
extern const NameTable chained_pointer_formats;// DYLD_CHAINED_PTR_*
extern const NameTable signature_flags;        // CS_*
extern const NameTable signature_slots;        // CSSLOT_*
extern const NameTable hash_types;             // sha1, sha256, ...
extern const NameTable data_in_code_kinds;     // DICE_KIND_*
extern const NameTable special_ordinals;       // as 32 bit two's complement: 0xffffffff is -1
}  // namespace names

// The names of relocation types of that processor (X86_64_RELOC_* and so on); empty for one without a list.
[[nodiscard]] NameTable relocation_types(std::uint32_t cpu_type);

// "arm64e", "x86_64h", "armv7s": the name lipo and otool use. Capability bits do not take part. "cputype 24 subtype 1" when there is none.
[[nodiscard]] std::string arch_name(std::uint32_t cpu_type, std::uint32_t cpu_subtype);

// "r-x": the VM_PROT_ bits.
[[nodiscard]] std::string protection_text(std::uint32_t protection);

}  // namespace abiscope::macho
