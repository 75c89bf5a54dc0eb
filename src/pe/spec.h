// Constants of the Microsoft PE/COFF specification and of winnt.h, with their official names.
//
// The named constants are those the code decides by; the tables hold every name. Values without a constant occur in the tables only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/names.h"

namespace abiscope::pe {

// IMAGE_FILE_HEADER.Machine
namespace machine {
inline constexpr std::uint16_t unknown = 0;
inline constexpr std::uint16_t i386 = 0x014c;
inline constexpr std::uint16_t alpha = 0x0184;
inline constexpr std::uint16_t arm = 0x01c0;
inline constexpr std::uint16_t thumb = 0x01c2;
inline constexpr std::uint16_t armnt = 0x01c4;
inline constexpr std::uint16_t ia64 = 0x0200;
inline constexpr std::uint16_t alpha64 = 0x0284;
inline constexpr std::uint16_t chpe_x86 = 0x3a64;
inline constexpr std::uint16_t riscv32 = 0x5032;
inline constexpr std::uint16_t riscv64 = 0x5064;
inline constexpr std::uint16_t riscv128 = 0x5128;
inline constexpr std::uint16_t loongarch32 = 0x6232;
inline constexpr std::uint16_t loongarch64 = 0x6264;
inline constexpr std::uint16_t amd64 = 0x8664;
inline constexpr std::uint16_t arm64ec = 0xa641;
inline constexpr std::uint16_t arm64x = 0xa64e;
inline constexpr std::uint16_t arm64 = 0xaa64;
}  // namespace machine

// IMAGE_FILE_HEADER.Characteristics
namespace characteristic {
inline constexpr std::uint16_t relocs_stripped = 0x0001;
inline constexpr std::uint16_t executable_image = 0x0002;
inline constexpr std::uint16_t large_address_aware = 0x0020;
inline constexpr std::uint16_t dll = 0x2000;
}  // namespace characteristic

// IMAGE_OPTIONAL_HEADER.Magic
inline constexpr std::uint16_t magic_pe32 = 0x10b;
inline constexpr std::uint16_t magic_pe32_plus = 0x20b;
inline constexpr std::uint16_t magic_rom = 0x107;

// IMAGE_OPTIONAL_HEADER.Subsystem
inline constexpr std::uint16_t subsystem_native = 1;
// EFI_APPLICATION to EFI_ROM: started by firmware, never by Windows.
inline constexpr bool is_uefi_subsystem(std::uint16_t subsystem) { return subsystem >= 10 && subsystem <= 13; }

// IMAGE_OPTIONAL_HEADER.DllCharacteristics
namespace dll_characteristic {
inline constexpr std::uint16_t high_entropy_va = 0x0020;
inline constexpr std::uint16_t dynamic_base = 0x0040;
inline constexpr std::uint16_t force_integrity = 0x0080;
inline constexpr std::uint16_t nx_compat = 0x0100;
inline constexpr std::uint16_t no_isolation = 0x0200;
inline constexpr std::uint16_t no_seh = 0x0400;
inline constexpr std::uint16_t no_bind = 0x0800;
inline constexpr std::uint16_t appcontainer = 0x1000;
inline constexpr std::uint16_t guard_cf = 0x4000;
}  // namespace dll_characteristic

// The extended bits, out of an IMAGE_DEBUG_TYPE_EX_DLLCHARACTERISTICS entry.
namespace ex_dll_characteristic {
inline constexpr std::uint32_t cet_compat = 0x01;
inline constexpr std::uint32_t forward_cfi_compat = 0x40;
}  // namespace ex_dll_characteristic

// IMAGE_SECTION_HEADER.Characteristics
namespace section_flag {
inline constexpr std::uint32_t contains_code = 0x0000'0020;
inline constexpr std::uint32_t uninitialized_data = 0x0000'0080;
inline constexpr std::uint32_t extended_relocations = 0x0100'0000;
inline constexpr std::uint32_t execute = 0x2000'0000;
inline constexpr std::uint32_t read = 0x4000'0000;
inline constexpr std::uint32_t write = 0x8000'0000;
}  // namespace section_flag

// Index into IMAGE_OPTIONAL_HEADER.DataDirectory
enum class Directory : std::uint8_t {
    exports = 0,
    imports = 1,
    resources = 2,
    exceptions = 3,
    certificates = 4,   // the only one whose address is a file offset
    base_relocations = 5,
    debug = 6,
    architecture = 7,
    global_pointer = 8,
    tls = 9,
    load_config = 10,
    bound_imports = 11,
    import_addresses = 12,
    delay_imports = 13,
    clr = 14,
    reserved = 15,
};
inline constexpr std::uint32_t directory_count = 16;

// IMAGE_DEBUG_DIRECTORY.Type
namespace debug_type {
inline constexpr std::uint32_t codeview = 2;
inline constexpr std::uint32_t vc_feature = 12;
inline constexpr std::uint32_t pogo = 13;
inline constexpr std::uint32_t repro = 16;
inline constexpr std::uint32_t embedded_pdb = 17;
inline constexpr std::uint32_t pdb_checksum = 19;
inline constexpr std::uint32_t ex_dll_characteristics = 20;
}  // namespace debug_type

// IMAGE_LOAD_CONFIG_DIRECTORY.GuardFlags; the top four bits hold how many bytes follow each RVA in a guard table.
namespace guard_flag {
inline constexpr std::uint32_t cf_instrumented = 0x0000'0100;
inline constexpr std::uint32_t cfw_instrumented = 0x0000'0200;
inline constexpr std::uint32_t cf_function_table_present = 0x0000'0400;
inline constexpr std::uint32_t rf_instrumented = 0x0002'0000;
inline constexpr std::uint32_t eh_continuation_table_present = 0x0040'0000;
inline constexpr std::uint32_t xfg_enabled = 0x0080'0000;
inline constexpr std::uint32_t stride_shift = 28;
}  // namespace guard_flag

// Predefined resource types
inline constexpr std::uint32_t resource_version = 16;
inline constexpr std::uint32_t resource_manifest = 24;

// IMAGE_COR20_HEADER.Flags
namespace clr_flag {
inline constexpr std::uint32_t il_only = 0x0000'0001;
inline constexpr std::uint32_t requires_32_bit = 0x0000'0002;
inline constexpr std::uint32_t strong_name_signed = 0x0000'0008;
inline constexpr std::uint32_t prefers_32_bit = 0x0002'0000;
}  // namespace clr_flag

// IMAGE_SYMBOL.StorageClass and special section numbers
inline constexpr std::uint8_t symbol_class_file = 103;

// IMAGE_BASE_RELOCATION entry type 0: padding
inline constexpr std::uint8_t relocation_absolute = 0;

extern const NameTable machine_names;
extern const NameTable characteristic_names;
extern const NameTable magic_names;
extern const NameTable subsystem_names;
extern const NameTable dll_characteristic_names;
extern const NameTable ex_dll_characteristic_names;
extern const NameTable section_flag_names;       // single bits; the alignment of an object's section is section_alignment()
extern const NameTable directory_names;
extern const NameTable debug_type_names;
extern const NameTable guard_flag_names;
extern const NameTable resource_type_names;
extern const NameTable clr_flag_names;
extern const NameTable certificate_type_names;
extern const NameTable certificate_revision_names;
extern const NameTable symbol_class_names;
extern const NameTable symbol_section_names;

// What an IMAGE_REL_BASED_* number means depends on the machine for 5, 7, 8 and 9.
[[nodiscard]] std::optional<std::string_view> base_relocation_name(std::uint16_t machine, std::uint8_t type);

// Bytes of a page of that machine: what the Windows loader rounds to.
[[nodiscard]] std::uint32_t page_size(std::uint16_t machine);

// Optional header magic that images of this machine carry; nothing when the machine is not one that Windows ran on.
[[nodiscard]] std::optional<std::uint16_t> expected_magic(std::uint16_t machine);

// The IMAGE_SCN_ALIGN_* field of an object's section in bytes; nothing when none is stated.
[[nodiscard]] std::optional<std::uint32_t> section_alignment(std::uint32_t section_characteristics);

// .NET precompiled ("ReadyToRun") images for other systems than Windows carry the machine number XORed with a number of the system
// (dotnet/runtime, clr/src/inc/pedecoder.h, IMAGE_FILE_MACHINE_OS_OVERRIDE).
struct ForeignMachine {
    std::uint16_t machine;
    std::string_view system;   // "linux"
};
[[nodiscard]] std::optional<ForeignMachine> foreign_machine(std::uint16_t value);

}  // namespace abiscope::pe
