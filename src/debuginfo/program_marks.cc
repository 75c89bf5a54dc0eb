#include "debuginfo/program_marks.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

#include "base/text.h"
#include "bytes/reader.h"
#include "elf/sections.h"
#include "pe/imports.h"
#include "pe/symbols.h"

namespace abiscope::debuginfo {

namespace {

// "ELF for the Arm Architecture", e_flags: EF_ARM_ABI_FLOAT_SOFT and _HARD, of linked files.
constexpr std::uint32_t arm_float_soft = 0x200, arm_float_hard = 0x400;

// "Addenda to, and Errata in, the ABI for the Arm Architecture", 3.3.5: what has a string for its value.
bool has_string(std::uint64_t tag) {
    constexpr std::uint64_t raw_name = 4, name = 5, first_by_parity = 33;
    return tag == raw_name || tag == name || (tag >= first_by_parity && tag % 2 == 1);
}

// Tag_ABI_VFP_args among the attributes of the whole file; its default where it is not among them. Empty: they cannot be read.
std::optional<std::uint64_t> vfp_args(View attributes, Endian order) {
    constexpr std::uint64_t compatibility = 32, wanted = 28;
    std::uint64_t value = 0;
    Reader reader(attributes, order, "attributes of Arm");
    while (reader.remaining() != 0) {
        std::uint64_t tag = reader.uleb128();
        if (tag == compatibility) {
            static_cast<void>(reader.uleb128());
            static_cast<void>(reader.c_string());
        } else if (has_string(tag)) {
            static_cast<void>(reader.c_string());
        } else {
            std::uint64_t read = reader.uleb128();
            if (tag == wanted) value = read;
        }
        if (!reader.ok()) return std::nullopt;
    }
    return value;
}

// The same, 3.2: 'A', then for each vendor its length, its name, and for the file, a section or a symbol a tag, a length and the
// attributes.
std::optional<std::uint64_t> vfp_args_of_file(View section, Endian order) {
    constexpr std::uint64_t whole_file = 1;
    Reader reader(section, order, ".ARM.attributes");
    if (reader.u8() != 'A') return std::nullopt;
    while (reader.ok() && reader.remaining() > 4) {
        std::uint32_t length = reader.u32();
        if (length < 4) return std::nullopt;
        Reader vendor(reader.bytes(length - 4), order, ".ARM.attributes");
        if (vendor.c_string() != "aeabi") continue;
        while (vendor.ok() && vendor.remaining() != 0) {
            std::uint64_t start = vendor.position();
            std::uint64_t tag = vendor.uleb128();
            std::uint32_t size = vendor.u32();
            std::uint64_t head = vendor.position() - start;
            if (!vendor.ok() || size < head) return std::nullopt;
            View attributes = vendor.bytes(size - head);
            if (vendor.ok() && tag == whole_file) return vfp_args(attributes, order);
        }
    }
    return std::nullopt;
}

bool starts_with_any(std::string_view name, std::span<const std::string_view> list) {
    return std::ranges::any_of(list, [&](std::string_view one) { return name.starts_with(one); });
}

// The libraries of each side's compilers.
constexpr std::string_view microsoft_libraries[] = {"vcruntime", "msvcp", "msvcr", "ucrtbased"};
constexpr std::string_view mingw_libraries[] = {"libgcc_s", "libstdc++", "libwinpthread", "libc++", "libunwind"};
// What MinGW's start code and linker are made of, and names of the Itanium C++ ABI.
constexpr std::string_view mingw_names[] = {"_Z", "__Z", "__main", "___main", "__mingw", "___mingw", ".refptr.", "_pei386_", "__pei386_"};

}  // namespace

FloatAbi arm_float_abi(const elf::Image& image) {
    if ((image.header().flags & arm_float_hard) != 0) return FloatAbi::hard;
    if ((image.header().flags & arm_float_soft) != 0) return FloatAbi::soft;
    finding::Sink unheard;
    auto sections = elf::read_sections(image, unheard);
    const elf::Section* section = elf::find_section(sections, ".ARM.attributes");
    if (section == nullptr) return FloatAbi::unknown;
    // 3 is code without arguments that the two would pass in different places.
    constexpr std::uint64_t base = 0, vfp = 1, both = 3;
    auto value = vfp_args_of_file(elf::section_bytes(image, *section), image.encoding().order);
    if (value == vfp || value == both) return FloatAbi::hard;
    return value == base ? FloatAbi::soft : FloatAbi::unknown;
}

WindowsAbi windows_abi(const pe::Image& image) {
    finding::Sink unheard;
    bool microsoft = false;
    if (auto symbols = pe::read_symbols(image, unheard)) {
        for (const pe::Symbol& symbol : symbols->symbols) {
            if (starts_with_any(symbol.name, mingw_names)) return WindowsAbi::mingw;
            // Decorated names of Microsoft's; and what clang refers to where floating point is used, for no other system.
            if (symbol.name.starts_with('?') || symbol.name == "_fltused" || symbol.name == "__fltused") microsoft = true;
        }
    }
    if (microsoft) return WindowsAbi::microsoft;
    // clang 19, Driver/ToolChains/Clang.cpp, -mincremental-linker-compatible: the time of compiling is in object files for Microsoft's
    // linker alone.
    if (image.is_object()) return image.coff().timestamp != 0 ? WindowsAbi::microsoft : WindowsAbi::mingw;
    if (auto imports = pe::read_imports(image, unheard)) {
        for (const pe::ImportedLibrary& library : imports->libraries) {
            std::string name = text::lower(library.name);
            if (starts_with_any(name, mingw_libraries)) return WindowsAbi::mingw;
            // msvcrt.dll is the system's own, and MinGW's too.
            if (name != "msvcrt.dll" && starts_with_any(name, microsoft_libraries)) microsoft = true;
        }
    }
    return microsoft ? WindowsAbi::microsoft : WindowsAbi::unknown;
}

}  // namespace abiscope::debuginfo
