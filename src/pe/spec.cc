#include "pe/spec.h"

#include <array>

namespace abiscope::pe {

namespace {

constexpr std::array machines = std::to_array<Name>({
    {machine::unknown, "IMAGE_FILE_MACHINE_UNKNOWN"},
    {machine::i386, "IMAGE_FILE_MACHINE_I386"},
    {0x0160, "IMAGE_FILE_MACHINE_R3000BE"},
    {0x0162, "IMAGE_FILE_MACHINE_R3000"},
    {0x0166, "IMAGE_FILE_MACHINE_R4000"},
    {0x0168, "IMAGE_FILE_MACHINE_R10000"},
    {0x0169, "IMAGE_FILE_MACHINE_WCEMIPSV2"},
    {machine::alpha, "IMAGE_FILE_MACHINE_ALPHA"},
    {0x01a2, "IMAGE_FILE_MACHINE_SH3"},
    {0x01a3, "IMAGE_FILE_MACHINE_SH3DSP"},
    {0x01a4, "IMAGE_FILE_MACHINE_SH3E"},
    {0x01a6, "IMAGE_FILE_MACHINE_SH4"},
    {0x01a8, "IMAGE_FILE_MACHINE_SH5"},
    {machine::arm, "IMAGE_FILE_MACHINE_ARM"},
    {machine::thumb, "IMAGE_FILE_MACHINE_THUMB"},
    {machine::armnt, "IMAGE_FILE_MACHINE_ARMNT"},
    {0x01d3, "IMAGE_FILE_MACHINE_AM33"},
    {0x01f0, "IMAGE_FILE_MACHINE_POWERPC"},
    {0x01f1, "IMAGE_FILE_MACHINE_POWERPCFP"},
    {0x01f2, "IMAGE_FILE_MACHINE_POWERPCBE"},
    {machine::ia64, "IMAGE_FILE_MACHINE_IA64"},
    {0x0266, "IMAGE_FILE_MACHINE_MIPS16"},
    {machine::alpha64, "IMAGE_FILE_MACHINE_ALPHA64"},
    {0x0366, "IMAGE_FILE_MACHINE_MIPSFPU"},
    {0x0466, "IMAGE_FILE_MACHINE_MIPSFPU16"},
    {0x0520, "IMAGE_FILE_MACHINE_TRICORE"},
    {0x0cef, "IMAGE_FILE_MACHINE_CEF"},
    {0x0ebc, "IMAGE_FILE_MACHINE_EBC"},
    {machine::chpe_x86, "IMAGE_FILE_MACHINE_CHPE_X86"},
    {machine::riscv32, "IMAGE_FILE_MACHINE_RISCV32"},
    {machine::riscv64, "IMAGE_FILE_MACHINE_RISCV64"},
    {machine::riscv128, "IMAGE_FILE_MACHINE_RISCV128"},
    {machine::loongarch32, "IMAGE_FILE_MACHINE_LOONGARCH32"},
    {machine::loongarch64, "IMAGE_FILE_MACHINE_LOONGARCH64"},
    {machine::amd64, "IMAGE_FILE_MACHINE_AMD64"},
    {0x9041, "IMAGE_FILE_MACHINE_M32R"},
    {machine::arm64ec, "IMAGE_FILE_MACHINE_ARM64EC"},
    {machine::arm64x, "IMAGE_FILE_MACHINE_ARM64X"},
    {machine::arm64, "IMAGE_FILE_MACHINE_ARM64"},
    {0xc0ee, "IMAGE_FILE_MACHINE_CEE"},
});

constexpr std::array characteristics = std::to_array<Name>({
    {characteristic::relocs_stripped, "IMAGE_FILE_RELOCS_STRIPPED"},
    {characteristic::executable_image, "IMAGE_FILE_EXECUTABLE_IMAGE"},
    {0x0004, "IMAGE_FILE_LINE_NUMS_STRIPPED"},
    {0x0008, "IMAGE_FILE_LOCAL_SYMS_STRIPPED"},
    {0x0010, "IMAGE_FILE_AGGRESSIVE_WS_TRIM"},
    {characteristic::large_address_aware, "IMAGE_FILE_LARGE_ADDRESS_AWARE"},
    {0x0080, "IMAGE_FILE_BYTES_REVERSED_LO"},
    {0x0100, "IMAGE_FILE_32BIT_MACHINE"},
    {0x0200, "IMAGE_FILE_DEBUG_STRIPPED"},
    {0x0400, "IMAGE_FILE_REMOVABLE_RUN_FROM_SWAP"},
    {0x0800, "IMAGE_FILE_NET_RUN_FROM_SWAP"},
    {0x1000, "IMAGE_FILE_SYSTEM"},
    {characteristic::dll, "IMAGE_FILE_DLL"},
    {0x4000, "IMAGE_FILE_UP_SYSTEM_ONLY"},
    {0x8000, "IMAGE_FILE_BYTES_REVERSED_HI"},
});

constexpr std::array magics = std::to_array<Name>({
    {magic_pe32, "IMAGE_NT_OPTIONAL_HDR32_MAGIC"},
    {magic_pe32_plus, "IMAGE_NT_OPTIONAL_HDR64_MAGIC"},
    {magic_rom, "IMAGE_ROM_OPTIONAL_HDR_MAGIC"},
});

constexpr std::array subsystems = std::to_array<Name>({
    {0, "IMAGE_SUBSYSTEM_UNKNOWN"},
    {subsystem_native, "IMAGE_SUBSYSTEM_NATIVE"},
    {2, "IMAGE_SUBSYSTEM_WINDOWS_GUI"},
    {3, "IMAGE_SUBSYSTEM_WINDOWS_CUI"},
    {5, "IMAGE_SUBSYSTEM_OS2_CUI"},
    {7, "IMAGE_SUBSYSTEM_POSIX_CUI"},
    {8, "IMAGE_SUBSYSTEM_NATIVE_WINDOWS"},
    {9, "IMAGE_SUBSYSTEM_WINDOWS_CE_GUI"},
    {10, "IMAGE_SUBSYSTEM_EFI_APPLICATION"},
    {11, "IMAGE_SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER"},
    {12, "IMAGE_SUBSYSTEM_EFI_RUNTIME_DRIVER"},
    {13, "IMAGE_SUBSYSTEM_EFI_ROM"},
    {14, "IMAGE_SUBSYSTEM_XBOX"},
    {16, "IMAGE_SUBSYSTEM_WINDOWS_BOOT_APPLICATION"},
    {17, "IMAGE_SUBSYSTEM_XBOX_CODE_CATALOG"},
});

constexpr std::array dll_characteristics = std::to_array<Name>({
    {dll_characteristic::high_entropy_va, "IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA"},
    {dll_characteristic::dynamic_base, "IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE"},
    {dll_characteristic::force_integrity, "IMAGE_DLLCHARACTERISTICS_FORCE_INTEGRITY"},
    {dll_characteristic::nx_compat, "IMAGE_DLLCHARACTERISTICS_NX_COMPAT"},
    {dll_characteristic::no_isolation, "IMAGE_DLLCHARACTERISTICS_NO_ISOLATION"},
    {dll_characteristic::no_seh, "IMAGE_DLLCHARACTERISTICS_NO_SEH"},
    {dll_characteristic::no_bind, "IMAGE_DLLCHARACTERISTICS_NO_BIND"},
    {dll_characteristic::appcontainer, "IMAGE_DLLCHARACTERISTICS_APPCONTAINER"},
    {0x2000, "IMAGE_DLLCHARACTERISTICS_WDM_DRIVER"},
    {dll_characteristic::guard_cf, "IMAGE_DLLCHARACTERISTICS_GUARD_CF"},
    {0x8000, "IMAGE_DLLCHARACTERISTICS_TERMINAL_SERVER_AWARE"},
});

constexpr std::array ex_dll_characteristics = std::to_array<Name>({
    {ex_dll_characteristic::cet_compat, "IMAGE_DLLCHARACTERISTICS_EX_CET_COMPAT"},
    {0x02, "IMAGE_DLLCHARACTERISTICS_EX_CET_COMPAT_STRICT_MODE"},
    {0x04, "IMAGE_DLLCHARACTERISTICS_EX_CET_SET_CONTEXT_IP_VALIDATION_RELAXED_MODE"},
    {0x08, "IMAGE_DLLCHARACTERISTICS_EX_CET_DYNAMIC_APIS_ALLOW_IN_PROC"},
    {0x10, "IMAGE_DLLCHARACTERISTICS_EX_CET_RESERVED_1"},
    {0x20, "IMAGE_DLLCHARACTERISTICS_EX_CET_RESERVED_2"},
    {ex_dll_characteristic::forward_cfi_compat, "IMAGE_DLLCHARACTERISTICS_EX_FORWARD_CFI_COMPAT"},
    {0x80, "IMAGE_DLLCHARACTERISTICS_EX_HOTPATCH_COMPATIBLE"},
});

constexpr std::array section_flags = std::to_array<Name>({
    {0x0000'0008, "IMAGE_SCN_TYPE_NO_PAD"},
    {section_flag::contains_code, "IMAGE_SCN_CNT_CODE"},
    {0x0000'0040, "IMAGE_SCN_CNT_INITIALIZED_DATA"},
    {section_flag::uninitialized_data, "IMAGE_SCN_CNT_UNINITIALIZED_DATA"},
    {0x0000'0100, "IMAGE_SCN_LNK_OTHER"},
    {0x0000'0200, "IMAGE_SCN_LNK_INFO"},
    {0x0000'0800, "IMAGE_SCN_LNK_REMOVE"},
    {0x0000'1000, "IMAGE_SCN_LNK_COMDAT"},
    {0x0000'8000, "IMAGE_SCN_GPREL"},
    {0x0002'0000, "IMAGE_SCN_MEM_PURGEABLE"},
    {0x0004'0000, "IMAGE_SCN_MEM_LOCKED"},
    {0x0008'0000, "IMAGE_SCN_MEM_PRELOAD"},
    {section_flag::extended_relocations, "IMAGE_SCN_LNK_NRELOC_OVFL"},
    {0x0200'0000, "IMAGE_SCN_MEM_DISCARDABLE"},
    {0x0400'0000, "IMAGE_SCN_MEM_NOT_CACHED"},
    {0x0800'0000, "IMAGE_SCN_MEM_NOT_PAGED"},
    {0x1000'0000, "IMAGE_SCN_MEM_SHARED"},
    {section_flag::execute, "IMAGE_SCN_MEM_EXECUTE"},
    {section_flag::read, "IMAGE_SCN_MEM_READ"},
    {section_flag::write, "IMAGE_SCN_MEM_WRITE"},
});

constexpr std::array directories = std::to_array<Name>({
    {0, "IMAGE_DIRECTORY_ENTRY_EXPORT"},
    {1, "IMAGE_DIRECTORY_ENTRY_IMPORT"},
    {2, "IMAGE_DIRECTORY_ENTRY_RESOURCE"},
    {3, "IMAGE_DIRECTORY_ENTRY_EXCEPTION"},
    {4, "IMAGE_DIRECTORY_ENTRY_SECURITY"},
    {5, "IMAGE_DIRECTORY_ENTRY_BASERELOC"},
    {6, "IMAGE_DIRECTORY_ENTRY_DEBUG"},
    {7, "IMAGE_DIRECTORY_ENTRY_ARCHITECTURE"},
    {8, "IMAGE_DIRECTORY_ENTRY_GLOBALPTR"},
    {9, "IMAGE_DIRECTORY_ENTRY_TLS"},
    {10, "IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG"},
    {11, "IMAGE_DIRECTORY_ENTRY_BOUND_IMPORT"},
    {12, "IMAGE_DIRECTORY_ENTRY_IAT"},
    {13, "IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT"},
    {14, "IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR"},
    {15, "reserved"},
});

constexpr std::array debug_types = std::to_array<Name>({
    {0, "IMAGE_DEBUG_TYPE_UNKNOWN"},
    {1, "IMAGE_DEBUG_TYPE_COFF"},
    {debug_type::codeview, "IMAGE_DEBUG_TYPE_CODEVIEW"},
    {3, "IMAGE_DEBUG_TYPE_FPO"},
    {4, "IMAGE_DEBUG_TYPE_MISC"},
    {5, "IMAGE_DEBUG_TYPE_EXCEPTION"},
    {6, "IMAGE_DEBUG_TYPE_FIXUP"},
    {7, "IMAGE_DEBUG_TYPE_OMAP_TO_SRC"},
    {8, "IMAGE_DEBUG_TYPE_OMAP_FROM_SRC"},
    {9, "IMAGE_DEBUG_TYPE_BORLAND"},
    {10, "IMAGE_DEBUG_TYPE_RESERVED10"},
    {11, "IMAGE_DEBUG_TYPE_CLSID"},
    {debug_type::vc_feature, "IMAGE_DEBUG_TYPE_VC_FEATURE"},
    {debug_type::pogo, "IMAGE_DEBUG_TYPE_POGO"},
    {14, "IMAGE_DEBUG_TYPE_ILTCG"},
    {15, "IMAGE_DEBUG_TYPE_MPX"},
    {debug_type::repro, "IMAGE_DEBUG_TYPE_REPRO"},
    {debug_type::embedded_pdb, "IMAGE_DEBUG_TYPE_EMBEDDED_PORTABLE_PDB"},
    {18, "IMAGE_DEBUG_TYPE_SPGO"},
    {debug_type::pdb_checksum, "IMAGE_DEBUG_TYPE_PDBCHECKSUM"},
    {debug_type::ex_dll_characteristics, "IMAGE_DEBUG_TYPE_EX_DLLCHARACTERISTICS"},
});

constexpr std::array guard_flags = std::to_array<Name>({
    {guard_flag::cf_instrumented, "IMAGE_GUARD_CF_INSTRUMENTED"},
    {guard_flag::cfw_instrumented, "IMAGE_GUARD_CFW_INSTRUMENTED"},
    {guard_flag::cf_function_table_present, "IMAGE_GUARD_CF_FUNCTION_TABLE_PRESENT"},
    {0x0000'0800, "IMAGE_GUARD_SECURITY_COOKIE_UNUSED"},
    {0x0000'1000, "IMAGE_GUARD_PROTECT_DELAYLOAD_IAT"},
    {0x0000'2000, "IMAGE_GUARD_DELAYLOAD_IAT_IN_ITS_OWN_SECTION"},
    {0x0000'4000, "IMAGE_GUARD_CF_EXPORT_SUPPRESSION_INFO_PRESENT"},
    {0x0000'8000, "IMAGE_GUARD_CF_ENABLE_EXPORT_SUPPRESSION"},
    {0x0001'0000, "IMAGE_GUARD_CF_LONGJUMP_TABLE_PRESENT"},
    {guard_flag::rf_instrumented, "IMAGE_GUARD_RF_INSTRUMENTED"},
    {0x0004'0000, "IMAGE_GUARD_RF_ENABLE"},
    {0x0008'0000, "IMAGE_GUARD_RF_STRICT"},
    {0x0010'0000, "IMAGE_GUARD_RETPOLINE_PRESENT"},
    {guard_flag::eh_continuation_table_present, "IMAGE_GUARD_EH_CONTINUATION_TABLE_PRESENT"},
    {guard_flag::xfg_enabled, "IMAGE_GUARD_XFG_ENABLED"},
    {0x0100'0000, "IMAGE_GUARD_CASTGUARD_PRESENT"},
    {0x0200'0000, "IMAGE_GUARD_MEMCPY_PRESENT"},
});

constexpr std::array resource_types = std::to_array<Name>({
    {1, "RT_CURSOR"},
    {2, "RT_BITMAP"},
    {3, "RT_ICON"},
    {4, "RT_MENU"},
    {5, "RT_DIALOG"},
    {6, "RT_STRING"},
    {7, "RT_FONTDIR"},
    {8, "RT_FONT"},
    {9, "RT_ACCELERATOR"},
    {10, "RT_RCDATA"},
    {11, "RT_MESSAGETABLE"},
    {12, "RT_GROUP_CURSOR"},
    {14, "RT_GROUP_ICON"},
    {resource_version, "RT_VERSION"},
    {17, "RT_DLGINCLUDE"},
    {19, "RT_PLUGPLAY"},
    {20, "RT_VXD"},
    {21, "RT_ANICURSOR"},
    {22, "RT_ANIICON"},
    {23, "RT_HTML"},
    {resource_manifest, "RT_MANIFEST"},
});

constexpr std::array clr_flags = std::to_array<Name>({
    {clr_flag::il_only, "COMIMAGE_FLAGS_ILONLY"},
    {clr_flag::requires_32_bit, "COMIMAGE_FLAGS_32BITREQUIRED"},
    {0x0000'0004, "COMIMAGE_FLAGS_IL_LIBRARY"},
    {clr_flag::strong_name_signed, "COMIMAGE_FLAGS_STRONGNAMESIGNED"},
    {0x0000'0010, "COMIMAGE_FLAGS_NATIVE_ENTRYPOINT"},
    {0x0001'0000, "COMIMAGE_FLAGS_TRACKDEBUGDATA"},
    {clr_flag::prefers_32_bit, "COMIMAGE_FLAGS_32BITPREFERRED"},
});

constexpr std::array certificate_types = std::to_array<Name>({
    {0x0001, "WIN_CERT_TYPE_X509"},
    {0x0002, "WIN_CERT_TYPE_PKCS_SIGNED_DATA"},
    {0x0003, "WIN_CERT_TYPE_RESERVED_1"},
    {0x0004, "WIN_CERT_TYPE_TS_STACK_SIGNED"},
    {0x0009, "WIN_CERT_TYPE_PKCS1_SIGN"},
    {0x0ef0, "WIN_CERT_TYPE_EFI_PKCS115"},
    {0x0ef1, "WIN_CERT_TYPE_EFI_GUID"},
});

constexpr std::array certificate_revisions = std::to_array<Name>({
    {0x0100, "WIN_CERT_REVISION_1_0"},
    {0x0200, "WIN_CERT_REVISION_2_0"},
});

constexpr std::array symbol_classes = std::to_array<Name>({
    {0, "IMAGE_SYM_CLASS_NULL"},
    {1, "IMAGE_SYM_CLASS_AUTOMATIC"},
    {2, "IMAGE_SYM_CLASS_EXTERNAL"},
    {3, "IMAGE_SYM_CLASS_STATIC"},
    {4, "IMAGE_SYM_CLASS_REGISTER"},
    {5, "IMAGE_SYM_CLASS_EXTERNAL_DEF"},
    {6, "IMAGE_SYM_CLASS_LABEL"},
    {7, "IMAGE_SYM_CLASS_UNDEFINED_LABEL"},
    {8, "IMAGE_SYM_CLASS_MEMBER_OF_STRUCT"},
    {9, "IMAGE_SYM_CLASS_ARGUMENT"},
    {10, "IMAGE_SYM_CLASS_STRUCT_TAG"},
    {11, "IMAGE_SYM_CLASS_MEMBER_OF_UNION"},
    {12, "IMAGE_SYM_CLASS_UNION_TAG"},
    {13, "IMAGE_SYM_CLASS_TYPE_DEFINITION"},
    {14, "IMAGE_SYM_CLASS_UNDEFINED_STATIC"},
    {15, "IMAGE_SYM_CLASS_ENUM_TAG"},
    {16, "IMAGE_SYM_CLASS_MEMBER_OF_ENUM"},
    {17, "IMAGE_SYM_CLASS_REGISTER_PARAM"},
    {18, "IMAGE_SYM_CLASS_BIT_FIELD"},
    {68, "IMAGE_SYM_CLASS_FAR_EXTERNAL"},
    {100, "IMAGE_SYM_CLASS_BLOCK"},
    {101, "IMAGE_SYM_CLASS_FUNCTION"},
    {102, "IMAGE_SYM_CLASS_END_OF_STRUCT"},
    {symbol_class_file, "IMAGE_SYM_CLASS_FILE"},
    {104, "IMAGE_SYM_CLASS_SECTION"},
    {105, "IMAGE_SYM_CLASS_WEAK_EXTERNAL"},
    {107, "IMAGE_SYM_CLASS_CLR_TOKEN"},
    {255, "IMAGE_SYM_CLASS_END_OF_FUNCTION"},
});

constexpr std::array symbol_sections = std::to_array<Name>({
    {0, "IMAGE_SYM_UNDEFINED"},
    {0xffff'ffff, "IMAGE_SYM_ABSOLUTE"},
    {0xffff'fffe, "IMAGE_SYM_DEBUG"},
});

constexpr std::array base_relocations = std::to_array<Name>({
    {relocation_absolute, "IMAGE_REL_BASED_ABSOLUTE"},
    {1, "IMAGE_REL_BASED_HIGH"},
    {2, "IMAGE_REL_BASED_LOW"},
    {3, "IMAGE_REL_BASED_HIGHLOW"},
    {4, "IMAGE_REL_BASED_HIGHADJ"},
    {10, "IMAGE_REL_BASED_DIR64"},
});
constexpr std::array base_relocations_arm = std::to_array<Name>({{5, "IMAGE_REL_BASED_ARM_MOV32"}, {7, "IMAGE_REL_BASED_THUMB_MOV32"}});
constexpr std::array base_relocations_riscv =
    std::to_array<Name>({{5, "IMAGE_REL_BASED_RISCV_HIGH20"}, {7, "IMAGE_REL_BASED_RISCV_LOW12I"}, {8, "IMAGE_REL_BASED_RISCV_LOW12S"}});
constexpr std::array base_relocations_loongarch = std::to_array<Name>({{8, "IMAGE_REL_BASED_LOONGARCH_MARK_LA"}});
constexpr std::array base_relocations_ia64 = std::to_array<Name>({{9, "IMAGE_REL_BASED_IA64_IMM64"}});
constexpr std::array base_relocations_mips =
    std::to_array<Name>({{5, "IMAGE_REL_BASED_MIPS_JMPADDR"}, {9, "IMAGE_REL_BASED_MIPS_JMPADDR16"}});

NameTable own_base_relocations(std::uint16_t machine) {
    switch (machine) {
        case machine::arm:
        case machine::thumb:
        case machine::armnt: return base_relocations_arm;
        case machine::riscv32:
        case machine::riscv64:
        case machine::riscv128: return base_relocations_riscv;
        case machine::loongarch32:
        case machine::loongarch64: return base_relocations_loongarch;
        case machine::ia64: return base_relocations_ia64;
        case 0x0160:
        case 0x0162:
        case 0x0166:
        case 0x0168:
        case 0x0169:
        case 0x0266:
        case 0x0366:
        case 0x0466: return base_relocations_mips;
        default: return {};
    }
}

struct ForeignSystem {
    std::uint16_t mask;
    std::string_view name;
};
constexpr std::array foreign_systems = std::to_array<ForeignSystem>({
    {0x7b79, "linux"},
    {0x4644, "macos"},
    {0xadc4, "freebsd"},
    {0x1993, "netbsd"},
    {0x1992, "sunos"},
});

}  // namespace

constinit const NameTable machine_names = machines;
constinit const NameTable characteristic_names = characteristics;
constinit const NameTable magic_names = magics;
constinit const NameTable subsystem_names = subsystems;
constinit const NameTable dll_characteristic_names = dll_characteristics;
constinit const NameTable ex_dll_characteristic_names = ex_dll_characteristics;
constinit const NameTable section_flag_names = section_flags;
constinit const NameTable directory_names = directories;
constinit const NameTable debug_type_names = debug_types;
constinit const NameTable guard_flag_names = guard_flags;
constinit const NameTable resource_type_names = resource_types;
constinit const NameTable clr_flag_names = clr_flags;
constinit const NameTable certificate_type_names = certificate_types;
constinit const NameTable certificate_revision_names = certificate_revisions;
constinit const NameTable symbol_class_names = symbol_classes;
constinit const NameTable symbol_section_names = symbol_sections;

std::optional<std::string_view> base_relocation_name(std::uint16_t machine, std::uint8_t type) {
    if (auto name = find_name(own_base_relocations(machine), type)) return name;
    return find_name(base_relocations, type);
}

std::uint32_t page_size(std::uint16_t machine) {
    switch (machine) {
        case machine::ia64:
        case machine::alpha:
        case machine::alpha64: return 8192;
        default: return 4096;
    }
}

std::optional<std::uint16_t> expected_magic(std::uint16_t machine) {
    switch (machine) {
        case machine::i386:
        case machine::arm:
        case machine::thumb:
        case machine::armnt: return magic_pe32;
        case machine::amd64:
        case machine::arm64:
        case machine::ia64: return magic_pe32_plus;
        default: return std::nullopt;
    }
}

std::optional<std::uint32_t> section_alignment(std::uint32_t section_characteristics) {
    std::uint32_t field = (section_characteristics >> 20) & 0xf;
    if (field == 0 || field == 15) return std::nullopt;
    return std::uint32_t{1} << (field - 1);
}

std::optional<ForeignMachine> foreign_machine(std::uint16_t value) {
    if (find_name(machine_names, value)) return std::nullopt;
    for (const ForeignSystem& system : foreign_systems) {
        auto plain = static_cast<std::uint16_t>(value ^ system.mask);
        if (expected_magic(plain) || plain == machine::riscv64 || plain == machine::loongarch64) return ForeignMachine{plain, system.name};
    }
    return std::nullopt;
}

}  // namespace abiscope::pe
