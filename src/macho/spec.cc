#include "macho/spec.h"

#include <fmt/format.h>

namespace abiscope::macho {

namespace {

constexpr Name cpu_type_list[] = {
    {1, "CPU_TYPE_VAX"},
    {6, "CPU_TYPE_MC680x0"},
    {cpu_x86, "CPU_TYPE_X86"},
    {cpu_x86_64, "CPU_TYPE_X86_64"},
    {8, "CPU_TYPE_MIPS"},
    {10, "CPU_TYPE_MC98000"},
    {11, "CPU_TYPE_HPPA"},
    {cpu_arm, "CPU_TYPE_ARM"},
    {cpu_arm64, "CPU_TYPE_ARM64"},
    {cpu_arm64_32, "CPU_TYPE_ARM64_32"},
    {13, "CPU_TYPE_MC88000"},
    {14, "CPU_TYPE_SPARC"},
    {15, "CPU_TYPE_I860"},
    {cpu_powerpc, "CPU_TYPE_POWERPC"},
    {cpu_powerpc64, "CPU_TYPE_POWERPC64"},
    {24, "CPU_TYPE_RISCV"},
};

constexpr Name file_type_list[] = {
    {mh_object, "MH_OBJECT"},           {mh_execute, "MH_EXECUTE"},     {mh_fvmlib, "MH_FVMLIB"},           {mh_core, "MH_CORE"},
    {mh_preload, "MH_PRELOAD"},         {mh_dylib, "MH_DYLIB"},         {mh_dylinker, "MH_DYLINKER"},       {mh_bundle, "MH_BUNDLE"},
    {mh_dylib_stub, "MH_DYLIB_STUB"},   {mh_dsym, "MH_DSYM"},           {mh_kext_bundle, "MH_KEXT_BUNDLE"}, {mh_fileset, "MH_FILESET"},
    {mh_gpu_execute, "MH_GPU_EXECUTE"}, {mh_gpu_dylib, "MH_GPU_DYLIB"},
};

constexpr Name header_flag_list[] = {
    {mh_noundefs, "MH_NOUNDEFS"},
    {0x2, "MH_INCRLINK"},
    {mh_dyldlink, "MH_DYLDLINK"},
    {0x8, "MH_BINDATLOAD"},
    {0x10, "MH_PREBOUND"},
    {0x20, "MH_SPLIT_SEGS"},
    {0x40, "MH_LAZY_INIT"},
    {mh_twolevel, "MH_TWOLEVEL"},
    {0x100, "MH_FORCE_FLAT"},
    {0x200, "MH_NOMULTIDEFS"},
    {0x400, "MH_NOFIXPREBINDING"},
    {0x800, "MH_PREBINDABLE"},
    {0x1000, "MH_ALLMODSBOUND"},
    {0x2000, "MH_SUBSECTIONS_VIA_SYMBOLS"},
    {0x4000, "MH_CANONICAL"},
    {mh_weak_defines, "MH_WEAK_DEFINES"},
    {mh_binds_to_weak, "MH_BINDS_TO_WEAK"},
    {mh_allow_stack_execution, "MH_ALLOW_STACK_EXECUTION"},
    {0x40000, "MH_ROOT_SAFE"},
    {0x80000, "MH_SETUID_SAFE"},
    {0x100000, "MH_NO_REEXPORTED_DYLIBS"},
    {mh_pie, "MH_PIE"},
    {0x400000, "MH_DEAD_STRIPPABLE_DYLIB"},
    {0x800000, "MH_HAS_TLV_DESCRIPTORS"},
    {mh_no_heap_execution, "MH_NO_HEAP_EXECUTION"},
    {mh_app_extension_safe, "MH_APP_EXTENSION_SAFE"},
    {0x4000000, "MH_NLIST_OUTOFSYNC_WITH_DYLDINFO"},
    {mh_sim_support, "MH_SIM_SUPPORT"},
    {0x10000000, "MH_IMPLICIT_PAGEZERO"},
    {mh_dylib_in_cache, "MH_DYLIB_IN_CACHE"},
};

constexpr Name load_command_list[] = {
    {lc_segment, "LC_SEGMENT"},
    {lc_symtab, "LC_SYMTAB"},
    {lc_symseg, "LC_SYMSEG"},
    {lc_thread, "LC_THREAD"},
    {lc_unixthread, "LC_UNIXTHREAD"},
    {lc_loadfvmlib, "LC_LOADFVMLIB"},
    {lc_idfvmlib, "LC_IDFVMLIB"},
    {lc_ident, "LC_IDENT"},
    {lc_fvmfile, "LC_FVMFILE"},
    {lc_prepage, "LC_PREPAGE"},
    {lc_dysymtab, "LC_DYSYMTAB"},
    {lc_load_dylib, "LC_LOAD_DYLIB"},
    {lc_id_dylib, "LC_ID_DYLIB"},
    {lc_load_dylinker, "LC_LOAD_DYLINKER"},
    {lc_id_dylinker, "LC_ID_DYLINKER"},
    {lc_prebound_dylib, "LC_PREBOUND_DYLIB"},
    {lc_routines, "LC_ROUTINES"},
    {lc_sub_framework, "LC_SUB_FRAMEWORK"},
    {lc_sub_umbrella, "LC_SUB_UMBRELLA"},
    {lc_sub_client, "LC_SUB_CLIENT"},
    {lc_sub_library, "LC_SUB_LIBRARY"},
    {lc_twolevel_hints, "LC_TWOLEVEL_HINTS"},
    {lc_prebind_cksum, "LC_PREBIND_CKSUM"},
    {lc_load_weak_dylib, "LC_LOAD_WEAK_DYLIB"},
    {lc_segment_64, "LC_SEGMENT_64"},
    {lc_routines_64, "LC_ROUTINES_64"},
    {lc_uuid, "LC_UUID"},
    {lc_rpath, "LC_RPATH"},
    {lc_code_signature, "LC_CODE_SIGNATURE"},
    {lc_segment_split_info, "LC_SEGMENT_SPLIT_INFO"},
    {lc_reexport_dylib, "LC_REEXPORT_DYLIB"},
    {lc_lazy_load_dylib, "LC_LAZY_LOAD_DYLIB"},
    {lc_encryption_info, "LC_ENCRYPTION_INFO"},
    {lc_dyld_info, "LC_DYLD_INFO"},
    {lc_dyld_info_only, "LC_DYLD_INFO_ONLY"},
    {lc_load_upward_dylib, "LC_LOAD_UPWARD_DYLIB"},
    {lc_version_min_macosx, "LC_VERSION_MIN_MACOSX"},
    {lc_version_min_iphoneos, "LC_VERSION_MIN_IPHONEOS"},
    {lc_function_starts, "LC_FUNCTION_STARTS"},
    {lc_dyld_environment, "LC_DYLD_ENVIRONMENT"},
    {lc_main, "LC_MAIN"},
    {lc_data_in_code, "LC_DATA_IN_CODE"},
    {lc_source_version, "LC_SOURCE_VERSION"},
    {lc_dylib_code_sign_drs, "LC_DYLIB_CODE_SIGN_DRS"},
    {lc_encryption_info_64, "LC_ENCRYPTION_INFO_64"},
    {lc_linker_option, "LC_LINKER_OPTION"},
    {lc_linker_optimization_hint, "LC_LINKER_OPTIMIZATION_HINT"},
    {lc_version_min_tvos, "LC_VERSION_MIN_TVOS"},
    {lc_version_min_watchos, "LC_VERSION_MIN_WATCHOS"},
    {lc_note, "LC_NOTE"},
    {lc_build_version, "LC_BUILD_VERSION"},
    {lc_dyld_exports_trie, "LC_DYLD_EXPORTS_TRIE"},
    {lc_dyld_chained_fixups, "LC_DYLD_CHAINED_FIXUPS"},
    {lc_fileset_entry, "LC_FILESET_ENTRY"},
    {lc_atom_info, "LC_ATOM_INFO"},
    {lc_function_variants, "LC_FUNCTION_VARIANTS"},
    {lc_function_variant_fixups, "LC_FUNCTION_VARIANT_FIXUPS"},
    {lc_target_triple, "LC_TARGET_TRIPLE"},
    {lc_lazy_load_dylib_info, "LC_LAZY_LOAD_DYLIB_INFO"},
};

constexpr Name section_type_list[] = {
    {s_regular, "S_REGULAR"},
    {s_zerofill, "S_ZEROFILL"},
    {0x2, "S_CSTRING_LITERALS"},
    {0x3, "S_4BYTE_LITERALS"},
    {0x4, "S_8BYTE_LITERALS"},
    {0x5, "S_LITERAL_POINTERS"},
    {s_non_lazy_symbol_pointers, "S_NON_LAZY_SYMBOL_POINTERS"},
    {s_lazy_symbol_pointers, "S_LAZY_SYMBOL_POINTERS"},
    {s_symbol_stubs, "S_SYMBOL_STUBS"},
    {0x9, "S_MOD_INIT_FUNC_POINTERS"},
    {0xa, "S_MOD_TERM_FUNC_POINTERS"},
    {0xb, "S_COALESCED"},
    {s_gb_zerofill, "S_GB_ZEROFILL"},
    {0xd, "S_INTERPOSING"},
    {0xe, "S_16BYTE_LITERALS"},
    {0xf, "S_DTRACE_DOF"},
    {s_lazy_dylib_symbol_pointers, "S_LAZY_DYLIB_SYMBOL_POINTERS"},
    {0x11, "S_THREAD_LOCAL_REGULAR"},
    {s_thread_local_zerofill, "S_THREAD_LOCAL_ZEROFILL"},
    {0x13, "S_THREAD_LOCAL_VARIABLES"},
    {0x14, "S_THREAD_LOCAL_VARIABLE_POINTERS"},
    {0x15, "S_THREAD_LOCAL_INIT_FUNCTION_POINTERS"},
    {0x16, "S_INIT_FUNC_OFFSETS"},
};

constexpr Name section_attribute_list[] = {
    {s_attr_pure_instructions, "S_ATTR_PURE_INSTRUCTIONS"},
    {0x40000000, "S_ATTR_NO_TOC"},
    {0x20000000, "S_ATTR_STRIP_STATIC_SYMS"},
    {0x10000000, "S_ATTR_NO_DEAD_STRIP"},
    {0x08000000, "S_ATTR_LIVE_SUPPORT"},
    {0x04000000, "S_ATTR_SELF_MODIFYING_CODE"},
    {0x02000000, "S_ATTR_DEBUG"},
    {s_attr_some_instructions, "S_ATTR_SOME_INSTRUCTIONS"},
    {0x200, "S_ATTR_EXT_RELOC"},
    {0x100, "S_ATTR_LOC_RELOC"},
};

constexpr Name segment_flag_list[] = {
    {0x1, "SG_HIGHVM"}, {0x2, "SG_FVMLIB"}, {0x4, "SG_NORELOC"}, {0x8, "SG_PROTECTED_VERSION_1"}, {0x10, "SG_READ_ONLY"},
};

constexpr Name platform_list[] = {
    {1, "PLATFORM_MACOS"},
    {2, "PLATFORM_IOS"},
    {3, "PLATFORM_TVOS"},
    {4, "PLATFORM_WATCHOS"},
    {5, "PLATFORM_BRIDGEOS"},
    {6, "PLATFORM_MACCATALYST"},
    {7, "PLATFORM_IOSSIMULATOR"},
    {8, "PLATFORM_TVOSSIMULATOR"},
    {9, "PLATFORM_WATCHOSSIMULATOR"},
    {10, "PLATFORM_DRIVERKIT"},
    {11, "PLATFORM_VISIONOS"},
    {12, "PLATFORM_VISIONOSSIMULATOR"},
    {13, "PLATFORM_FIRMWARE"},
    {14, "PLATFORM_SEPOS"},
    {15, "PLATFORM_MACOS_EXCLAVECORE"},
    {16, "PLATFORM_MACOS_EXCLAVEKIT"},
    {17, "PLATFORM_IOS_EXCLAVECORE"},
    {18, "PLATFORM_IOS_EXCLAVEKIT"},
    {19, "PLATFORM_TVOS_EXCLAVECORE"},
    {20, "PLATFORM_TVOS_EXCLAVEKIT"},
    {21, "PLATFORM_WATCHOS_EXCLAVECORE"},
    {22, "PLATFORM_WATCHOS_EXCLAVEKIT"},
    {23, "PLATFORM_VISIONOS_EXCLAVECORE"},
    {24, "PLATFORM_VISIONOS_EXCLAVEKIT"},
};

constexpr Name platform_title_list[] = {
    {1, "macOS"},
    {2, "iOS"},
    {3, "tvOS"},
    {4, "watchOS"},
    {5, "bridgeOS"},
    {6, "Mac Catalyst"},
    {7, "iOS Simulator"},
    {8, "tvOS Simulator"},
    {9, "watchOS Simulator"},
    {10, "DriverKit"},
    {11, "visionOS"},
    {12, "visionOS Simulator"},
    {13, "firmware"},
    {14, "sepOS"},
};

constexpr Name tool_list[] = {
    {1, "TOOL_CLANG"},
    {2, "TOOL_SWIFT"},
    {3, "TOOL_LD"},
    {4, "TOOL_LLD"},
    {1024, "TOOL_METAL"},
    {1025, "TOOL_AIRLLD"},
    {1026, "TOOL_AIRNT"},
    {1027, "TOOL_AIRNT_PLUGIN"},
    {1028, "TOOL_AIRPACK"},
    {1031, "TOOL_GPUARCHIVER"},
    {1032, "TOOL_METAL_FRAMEWORK"},
};

// <mach-o/stab.h>
constexpr Name stab_list[] = {
    {0x20, "N_GSYM"},    {0x22, "N_FNAME"},  {0x24, "N_FUN"},   {0x26, "N_STSYM"}, {0x28, "N_LCSYM"}, {0x2a, "N_MAIN"},  {0x2e, "N_BNSYM"},
    {0x30, "N_PC"},      {0x32, "N_AST"},    {0x3c, "N_OPT"},   {0x40, "N_RSYM"},  {0x44, "N_SLINE"}, {0x4e, "N_ENSYM"}, {0x60, "N_SSYM"},
    {0x64, "N_SO"},      {0x66, "N_OSO"},    {0x68, "N_LIB"},   {0x80, "N_LSYM"},  {0x82, "N_BINCL"}, {0x84, "N_SOL"},   {0x86, "N_PARAMS"},
    {0x88, "N_VERSION"}, {0x8a, "N_OLEVEL"}, {0xa0, "N_PSYM"},  {0xa2, "N_EINCL"}, {0xa4, "N_ENTRY"}, {0xc0, "N_LBRAC"}, {0xc2, "N_EXCL"},
    {0xe0, "N_RBRAC"},   {0xe2, "N_BCOMM"},  {0xe4, "N_ECOMM"}, {0xe8, "N_ECOML"}, {0xfe, "N_LENG"},
};

constexpr Name export_flag_list[] = {
    {export_kind_thread_local, "EXPORT_SYMBOL_FLAGS_KIND_THREAD_LOCAL"}, {export_kind_absolute, "EXPORT_SYMBOL_FLAGS_KIND_ABSOLUTE"},
    {export_weak_definition, "EXPORT_SYMBOL_FLAGS_WEAK_DEFINITION"},     {export_reexport, "EXPORT_SYMBOL_FLAGS_REEXPORT"},
    {export_stub_and_resolver, "EXPORT_SYMBOL_FLAGS_STUB_AND_RESOLVER"}, {export_function_variant, "EXPORT_SYMBOL_FLAGS_FUNCTION_VARIANT"},
};

constexpr Name dylib_use_flag_list[] = {
    {dylib_use_weak_link, "DYLIB_USE_WEAK_LINK"},
    {dylib_use_reexport, "DYLIB_USE_REEXPORT"},
    {dylib_use_upward, "DYLIB_USE_UPWARD"},
    {dylib_use_delayed_init, "DYLIB_USE_DELAYED_INIT"},
};

constexpr Name chained_import_format_list[] = {
    {chained_import, "DYLD_CHAINED_IMPORT"},
    {chained_import_addend, "DYLD_CHAINED_IMPORT_ADDEND"},
    {chained_import_addend64, "DYLD_CHAINED_IMPORT_ADDEND64"},
};

constexpr Name chained_pointer_format_list[] = {
    {1, "DYLD_CHAINED_PTR_ARM64E"},
    {2, "DYLD_CHAINED_PTR_64"},
    {3, "DYLD_CHAINED_PTR_32"},
    {4, "DYLD_CHAINED_PTR_32_CACHE"},
    {5, "DYLD_CHAINED_PTR_32_FIRMWARE"},
    {6, "DYLD_CHAINED_PTR_64_OFFSET"},
    {7, "DYLD_CHAINED_PTR_ARM64E_KERNEL"},
    {8, "DYLD_CHAINED_PTR_64_KERNEL_CACHE"},
    {9, "DYLD_CHAINED_PTR_ARM64E_USERLAND"},
    {10, "DYLD_CHAINED_PTR_ARM64E_FIRMWARE"},
    {11, "DYLD_CHAINED_PTR_X86_64_KERNEL_CACHE"},
    {12, "DYLD_CHAINED_PTR_ARM64E_USERLAND24"},
    {13, "DYLD_CHAINED_PTR_ARM64E_SHARED_CACHE"},
    {14, "DYLD_CHAINED_PTR_ARM64E_SEGMENTED"},
};

constexpr Name signature_flag_list[] = {
    {0x1, "CS_VALID"},
    {cs_adhoc, "CS_ADHOC"},
    {0x4, "CS_GET_TASK_ALLOW"},
    {0x8, "CS_INSTALLER"},
    {0x10, "CS_FORCED_LV"},
    {0x20, "CS_INVALID_ALLOWED"},
    {cs_hard, "CS_HARD"},
    {cs_kill, "CS_KILL"},
    {0x400, "CS_CHECK_EXPIRATION"},
    {cs_restrict, "CS_RESTRICT"},
    {0x1000, "CS_ENFORCEMENT"},
    {cs_require_library_validation, "CS_REQUIRE_LV"},
    {0x4000, "CS_ENTITLEMENTS_VALIDATED"},
    {0x8000, "CS_NVRAM_UNRESTRICTED"},
    {cs_runtime, "CS_RUNTIME"},
    {cs_linker_signed, "CS_LINKER_SIGNED"},
};

constexpr Name signature_slot_list[] = {
    {cs_slot_code_directory, "CSSLOT_CODEDIRECTORY"},
    {1, "CSSLOT_INFOSLOT"},
    {cs_slot_requirements, "CSSLOT_REQUIREMENTS"},
    {3, "CSSLOT_RESOURCEDIR"},
    {4, "CSSLOT_APPLICATION"},
    {cs_slot_entitlements, "CSSLOT_ENTITLEMENTS"},
    {cs_slot_entitlements_der, "CSSLOT_DER_ENTITLEMENTS"},
    {8, "CSSLOT_LAUNCH_CONSTRAINT_SELF"},
    {9, "CSSLOT_LAUNCH_CONSTRAINT_PARENT"},
    {10, "CSSLOT_LAUNCH_CONSTRAINT_RESPONSIBLE"},
    {11, "CSSLOT_LIBRARY_CONSTRAINT"},
    {0x1000, "CSSLOT_ALTERNATE_CODEDIRECTORIES"},
    {0x1001, "CSSLOT_ALTERNATE_CODEDIRECTORIES+1"},
    {0x1002, "CSSLOT_ALTERNATE_CODEDIRECTORIES+2"},
    {0x1003, "CSSLOT_ALTERNATE_CODEDIRECTORIES+3"},
    {0x1004, "CSSLOT_ALTERNATE_CODEDIRECTORIES+4"},
    {cs_slot_signature, "CSSLOT_SIGNATURESLOT"},
    {0x10001, "CSSLOT_IDENTIFICATIONSLOT"},
    {0x10002, "CSSLOT_TICKETSLOT"},
};

constexpr Name hash_type_list[] = {{1, "sha1"}, {2, "sha256"}, {3, "sha256-truncated"}, {4, "sha384"}, {5, "sha512"}};

constexpr Name data_in_code_kind_list[] = {
    {1, "DICE_KIND_DATA"},         {2, "DICE_KIND_JUMP_TABLE8"},      {3, "DICE_KIND_JUMP_TABLE16"},
    {4, "DICE_KIND_JUMP_TABLE32"}, {5, "DICE_KIND_ABS_JUMP_TABLE32"},
};

constexpr Name special_ordinal_list[] = {
    {0, "this-image"},
    {0xffffffff, "main-executable"},
    {0xfffffffe, "flat-namespace"},
    {0xfffffffd, "weak"},
};

// <mach-o/x86_64/reloc.h>, <mach-o/arm64/reloc.h>, <mach-o/arm/reloc.h>, <mach-o/reloc.h> (GENERIC), <mach-o/ppc/reloc.h>
constexpr Name x86_64_relocation_list[] = {
    {0, "X86_64_RELOC_UNSIGNED"}, {1, "X86_64_RELOC_SIGNED"},     {2, "X86_64_RELOC_BRANCH"},   {3, "X86_64_RELOC_GOT_LOAD"},
    {4, "X86_64_RELOC_GOT"},      {5, "X86_64_RELOC_SUBTRACTOR"}, {6, "X86_64_RELOC_SIGNED_1"}, {7, "X86_64_RELOC_SIGNED_2"},
    {8, "X86_64_RELOC_SIGNED_4"}, {9, "X86_64_RELOC_TLV"},
};
constexpr Name arm64_relocation_list[] = {
    {0, "ARM64_RELOC_UNSIGNED"},
    {1, "ARM64_RELOC_SUBTRACTOR"},
    {2, "ARM64_RELOC_BRANCH26"},
    {3, "ARM64_RELOC_PAGE21"},
    {4, "ARM64_RELOC_PAGEOFF12"},
    {5, "ARM64_RELOC_GOT_LOAD_PAGE21"},
    {6, "ARM64_RELOC_GOT_LOAD_PAGEOFF12"},
    {7, "ARM64_RELOC_POINTER_TO_GOT"},
    {8, "ARM64_RELOC_TLVP_LOAD_PAGE21"},
    {9, "ARM64_RELOC_TLVP_LOAD_PAGEOFF12"},
    {10, "ARM64_RELOC_ADDEND"},
    {11, "ARM64_RELOC_AUTHENTICATED_POINTER"},
};
constexpr Name arm_relocation_list[] = {
    {0, "ARM_RELOC_VANILLA"},   {1, "ARM_RELOC_PAIR"},          {2, "ARM_RELOC_SECTDIFF"},   {3, "ARM_RELOC_LOCAL_SECTDIFF"},
    {4, "ARM_RELOC_PB_LA_PTR"}, {5, "ARM_RELOC_BR24"},          {6, "ARM_THUMB_RELOC_BR22"}, {7, "ARM_THUMB_32BIT_BRANCH"},
    {8, "ARM_RELOC_HALF"},      {9, "ARM_RELOC_HALF_SECTDIFF"},
};
constexpr Name generic_relocation_list[] = {
    {0, "GENERIC_RELOC_VANILLA"},   {1, "GENERIC_RELOC_PAIR"},           {2, "GENERIC_RELOC_SECTDIFF"},
    {3, "GENERIC_RELOC_PB_LA_PTR"}, {4, "GENERIC_RELOC_LOCAL_SECTDIFF"}, {5, "GENERIC_RELOC_TLV"},
};
constexpr Name powerpc_relocation_list[] = {
    {0, "PPC_RELOC_VANILLA"},        {1, "PPC_RELOC_PAIR"},      {2, "PPC_RELOC_BR14"},           {3, "PPC_RELOC_BR24"},
    {4, "PPC_RELOC_HI16"},           {5, "PPC_RELOC_LO16"},      {6, "PPC_RELOC_HA16"},           {7, "PPC_RELOC_LO14"},
    {8, "PPC_RELOC_SECTDIFF"},       {9, "PPC_RELOC_PB_LA_PTR"}, {10, "PPC_RELOC_HI16_SECTDIFF"}, {11, "PPC_RELOC_LO16_SECTDIFF"},
    {12, "PPC_RELOC_HA16_SECTDIFF"}, {13, "PPC_RELOC_JBSR"},     {14, "PPC_RELOC_LO14_SECTDIFF"}, {15, "PPC_RELOC_LOCAL_SECTDIFF"},
};

// The key is the processor in the high half and the subtype without capability bits in the low half.
constexpr std::uint64_t arch(std::uint32_t cpu_type, std::uint32_t subtype) { return std::uint64_t{cpu_type} << 32 | subtype; }

constexpr Name arch_list[] = {
    {arch(cpu_x86, 3), "i386"},
    {arch(cpu_x86, 4), "i486"},
    {arch(cpu_x86, 0x84), "i486SX"},
    {arch(cpu_x86, 5), "i586"},
    {arch(cpu_x86_64, 3), "x86_64"},
    {arch(cpu_x86_64, cpu_subtype_x86_64_h), "x86_64h"},
    {arch(cpu_arm, 0), "arm"},
    {arch(cpu_arm, 5), "armv4t"},
    {arch(cpu_arm, 6), "armv6"},
    {arch(cpu_arm, 7), "armv5e"},
    {arch(cpu_arm, 8), "xscale"},
    {arch(cpu_arm, 9), "armv7"},
    {arch(cpu_arm, 10), "armv7f"},
    {arch(cpu_arm, 11), "armv7s"},
    {arch(cpu_arm, 12), "armv7k"},
    {arch(cpu_arm, 13), "armv8"},
    {arch(cpu_arm, 14), "armv6m"},
    {arch(cpu_arm, 15), "armv7m"},
    {arch(cpu_arm, 16), "armv7em"},
    {arch(cpu_arm, 17), "armv8m"},
    {arch(cpu_arm64, 0), "arm64"},
    {arch(cpu_arm64, 1), "arm64v8"},
    {arch(cpu_arm64, cpu_subtype_arm64_e), "arm64e"},
    {arch(cpu_arm64_32, 0), "arm64_32"},
    {arch(cpu_arm64_32, 1), "arm64_32"},
    {arch(cpu_powerpc, 0), "ppc"},
    {arch(cpu_powerpc, 1), "ppc601"},
    {arch(cpu_powerpc, 3), "ppc603"},
    {arch(cpu_powerpc, 4), "ppc603e"},
    {arch(cpu_powerpc, 5), "ppc603ev"},
    {arch(cpu_powerpc, 6), "ppc604"},
    {arch(cpu_powerpc, 7), "ppc604e"},
    {arch(cpu_powerpc, 9), "ppc750"},
    {arch(cpu_powerpc, 10), "ppc7400"},
    {arch(cpu_powerpc, 11), "ppc7450"},
    {arch(cpu_powerpc, 100), "ppc970"},
    {arch(cpu_powerpc64, 0), "ppc64"},
    {arch(cpu_powerpc64, 100), "ppc970-64"},
    {arch(24, 0), "riscv"},
};

}  // namespace

namespace names {
const NameTable cpu_types = cpu_type_list;
const NameTable file_types = file_type_list;
const NameTable header_flags = header_flag_list;
const NameTable load_commands = load_command_list;
const NameTable section_types = section_type_list;
const NameTable section_attributes = section_attribute_list;
const NameTable segment_flags = segment_flag_list;
const NameTable platforms = platform_list;
const NameTable platform_titles = platform_title_list;
const NameTable tools = tool_list;
const NameTable stabs = stab_list;
const NameTable export_flags = export_flag_list;
const NameTable dylib_use_flags = dylib_use_flag_list;
const NameTable chained_import_formats = chained_import_format_list;
const NameTable chained_pointer_formats = chained_pointer_format_list;
const NameTable signature_flags = signature_flag_list;
const NameTable signature_slots = signature_slot_list;
const NameTable hash_types = hash_type_list;
const NameTable data_in_code_kinds = data_in_code_kind_list;
const NameTable special_ordinals = special_ordinal_list;
}  // namespace names

NameTable relocation_types(std::uint32_t cpu_type) {
    switch (cpu_type) {
        case cpu_x86_64: return x86_64_relocation_list;
        case cpu_arm64:
        case cpu_arm64_32: return arm64_relocation_list;
        case cpu_arm: return arm_relocation_list;
        case cpu_x86: return generic_relocation_list;
        case cpu_powerpc:
        case cpu_powerpc64: return powerpc_relocation_list;
        default: return {};
    }
}

std::string arch_name(std::uint32_t cpu_type, std::uint32_t cpu_subtype) {
    std::uint32_t subtype = cpu_subtype & cpu_subtype_mask;
    if (auto name = find_name(arch_list, arch(cpu_type, subtype))) return std::string(*name);
    return fmt::format("cputype {} subtype {}", cpu_type, subtype);
}

std::string protection_text(std::uint32_t protection) {
    std::string text = "---";
    if ((protection & vm_prot_read) != 0) text[0] = 'r';
    if ((protection & vm_prot_write) != 0) text[1] = 'w';
    if ((protection & vm_prot_execute) != 0) text[2] = 'x';
    return text;
}

}  // namespace abiscope::macho
