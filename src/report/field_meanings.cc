// What each field of the identity card means in each format. Sources: System V gABI (ELF), Microsoft PE/COFF specification, Apple's
// <mach-o/loader.h>.
#include "report/rows.h"

namespace abiscope::report {

namespace {

struct Meaning {
    std::string_view key;
    std::string_view elf;
    std::string_view pe;
    std::string_view macho;
};

constexpr Meaning meanings[] = {
    {"format", "7f 45 4c 46; EI_CLASS and EI_DATA say word size and byte order",
     "MZ, and PE\\0\\0 where e_lfanew points; always little-endian", "the magic says word size and byte order"},
    {"kind", "e_type, PT_INTERP, DT_NEEDED and relocations together", "Characteristics (DLL or not) and Subsystem", "filetype"},
    {"arch", "e_machine", "COFF Machine", "cputype and cpusubtype"},
    {"entry", "e_entry: a virtual address; add the load bias when ET_DYN", "ImageBase + AddressOfEntryPoint",
     "LC_MAIN entryoff, a file offset, plus __TEXT; older: the PC of LC_UNIXTHREAD"},
    {"entry_rva", "distance from the lowest PT_LOAD, page-aligned", "AddressOfEntryPoint as stored", "distance from __TEXT's vmaddr"},
    {"entry_offset", "through the PT_LOAD that holds it", "through the section that holds it (PointerToRawData)", "LC_MAIN entryoff"},
    {"entry_place", "section headers name it, program headers map it", "sections are what the loader maps", "a section of a segment"},
    {"linkage", "PT_INTERP names the loader; none means the kernel starts the program itself", "ntdll loads every DLL of the import table",
     "LC_LOAD_DYLINKER: always dyld"},
    {"interpreter", "PT_INTERP, a path on the target", "none: the loader is ntdll.dll", "LC_LOAD_DYLINKER"},
    {"needed", "DT_NEEDED: searched by the loader's rules, symbols not tied to a library", "import table: each symbol tied to its DLL",
     "LC_LOAD_DYLIB: each symbol tied to a library (two-level names)"},
    {"rpath", "DT_RPATH: searched first, inherited by libraries", "none", "LC_RPATH"},
    {"runpath", "DT_RUNPATH: searched after LD_LIBRARY_PATH, for this object only", "none: application folder, then System32",
     "LC_RPATH: what @rpath stands for"},
    {"soname", "DT_SONAME", "name in the export directory", "LC_ID_DYLIB"},
    {"machine", "e_machine", "Machine of the COFF header", "cputype"},
    {"e_type", "e_type", "none", "filetype"},
    {"libc", "the newest GLIBC_x.y of DT_VERNEED", "none", "none"},
    {"versions", "DT_VERNEED: checked before any symbol is bound", "none: a missing function stops the start",
     "compatibility version of each library"},
    {"os_min", "NT_GNU_ABI_TAG: lowest kernel the libc supports", "MajorSubsystemVersion.MinorSubsystemVersion", "LC_BUILD_VERSION minos"},
    {"isa_declared", "GNU_PROPERTY_X86_ISA_1_NEEDED", "none", "cpusubtype"},
    {"build_id", "NT_GNU_BUILD_ID", "GUID and age of the PDB", "LC_UUID"},
    {"pie", "ET_DYN: loaded at a random address", "DYNAMIC_BASE and a relocation table", "MH_PIE"},
    {"nx", "PT_GNU_STACK without PF_X", "NX_COMPAT", "always, unless MH_ALLOW_STACK_EXECUTION"},
    {"relro", "PT_GNU_RELRO, full with immediate binding", "the IAT is read-only after loading", "__DATA_CONST"},
    {"canary", "refers to __stack_chk_fail", "security cookie in the load configuration", "refers to ___stack_chk_fail"},
    {"cet", "GNU_PROPERTY_X86_FEATURE_1_AND: IBT and SHSTK", "EX_DLLCHARACTERISTICS_CET_COMPAT", "none"},
};

}  // namespace

std::string_view meaning(std::string_view key, std::string_view format) {
    for (const Meaning& entry : meanings) {
        if (entry.key != key) continue;
        if (format == "ELF") return entry.elf;
        if (format == "PE") return entry.pe;
        if (format == "Mach-O") return entry.macho;
    }
    return {};
}

}  // namespace abiscope::report
