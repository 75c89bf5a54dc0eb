#include "debuginfo/program_abi.h"

#include <array>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "abi/profile_catalogue.h"
#include "debuginfo/program_marks.h"
#include "dwarf/entry.h"
#include "dwarf/spec.h"
#include "elf/image.h"
#include "macho/fat.h"
#include "macho/image.h"
#include "object/detect.h"
#include "pe/image.h"

namespace abiscope::debuginfo {

namespace {

struct Machine {
    std::string format;
    std::string abi;    // of C and C++; empty: there is no profile
    std::string go;     // GOARCH; empty: there is none
    std::string words;  // for people, of what neither names
    std::string microsoft;  // instead of `abi`, where clang compiled it for Microsoft's ABI; empty: there is no choice
    WindowsAbi windows = WindowsAbi::unknown;
};

// e_flags: "RISC-V ELF psABI", EF_RISCV_FLOAT_ABI.
constexpr std::uint32_t riscv_float_abi = 0x6, riscv_float_abi_double = 0x4;

Machine arm_machine(const elf::Image& image) {
    switch (arm_float_abi(image)) {
        case FloatAbi::hard: return {"ELF", "aapcs32", "arm", {}, {}};
        case FloatAbi::soft: return {"ELF", "aapcs32-base", "arm", {}, {}};
        default: return {"ELF", {}, "arm", "arm, and nothing in the file says where floating-point arguments travel", {}};
    }
}

Machine elf_machine(const elf::Image& image) {
    std::uint16_t machine = image.header().machine;
    std::uint32_t flags = image.header().flags;
    bool wide = image.encoding().wide, little = image.encoding().order == Endian::little;
    Machine out{.format = "ELF", .abi = {}, .go = {}, .words = {}, .microsoft = {}};
    auto is = [&](std::uint16_t which, bool needs_wide, bool needs_little) {
        return machine == which && wide == needs_wide && little == needs_little;
    };
    constexpr std::uint16_t loongarch = 258;
    if (is(elf::em_x86_64, true, true)) out.abi = "sysv-amd64", out.go = "amd64";
    else if (is(elf::em_386, false, true)) out.abi = "sysv-i386", out.go = "386";
    else if (is(elf::em_aarch64, true, true)) out.abi = "aapcs64", out.go = "arm64";
    else if (is(elf::em_arm, false, true)) return arm_machine(image);
    else if (is(elf::em_riscv, true, true))
        out.abi = (flags & riscv_float_abi) == riscv_float_abi_double ? "lp64d-riscv64" : "", out.go = "riscv64",
        out.words = "riscv64 without double-precision floating point";
    else if (is(elf::em_ppc64, true, true)) out.go = "ppc64le";
    else if (is(elf::em_ppc64, true, false)) out.go = "ppc64";
    else if (is(elf::em_s390, true, false)) out.go = "s390x";
    else if (is(loongarch, true, true)) out.go = "loong64";
    else if (machine == elf::em_mips) out.go = fmt::format("mips{}{}", wide ? "64" : "", little ? "le" : "");
    else out.words = fmt::format("ELF machine {}, {}-bit, {}-endian", machine, wide ? 64 : 32, little ? "little" : "big");
    return out;
}

// "PE Format", machine types. MinGW writes DWARF, Microsoft's compiler does not, clang does for either when it is told to.
Machine pe_machine(const pe::Image& image) {
    switch (image.machine()) {
        case 0x8664: return {"PE", "win64-mingw", "amd64", {}, "win64-msvc"};
        case 0x14c: return {"PE", "win32-mingw", "386", {}, "win32-msvc"};
        case 0xaa64: return {"PE", "win-arm64", "arm64", {}, {}};
        default: return {"PE", {}, {}, fmt::format("PE machine {:#x}", image.machine()), {}};
    }
}

// <mach/machine.h>. On x86-64 macOS follows the System V ABI.
Machine macho_machine(std::uint32_t cpu) {
    switch (cpu) {
        case 0x01000007: return {"Mach-O", "sysv-amd64", "amd64", {}, {}};
        case 0x0100000c: return {"Mach-O", "apple-arm64", "arm64", {}, {}};
        default: return {"Mach-O", {}, {}, fmt::format("Mach-O CPU type {:#x}", cpu), {}};
    }
}

Result<Machine> machine_of(const SourcePtr& program, finding::Sink& sink) {
    View bytes = program->view();
    object::FileKind kind = object::detect(bytes).kind;
    if (kind == object::FileKind::elf) {
        ABISCOPE_TRY(auto image, elf::Image::parse(program, bytes));
        return elf_machine(image);
    }
    if (kind == object::FileKind::pe || kind == object::FileKind::coff) {
        ABISCOPE_TRY(auto image, pe::Image::parse(program, bytes, sink));
        Machine out = pe_machine(image);
        if (!out.microsoft.empty()) out.windows = windows_abi(image);
        return out;
    }
    if (kind == object::FileKind::macho_fat) {
        ABISCOPE_TRY(auto fat, macho::read_fat(program, bytes, sink));
        if (!fat.slices.empty()) bytes = fat.slices.front().bytes;
    }
    ABISCOPE_TRY(auto image, macho::Image::parse(program, bytes, sink));
    return macho_machine(image.header().cpu_type);
}

struct Compiled {
    abi::Language language = abi::Language::c;
    std::string producer;   // of the first unit in that language
};

Compiled compiled_by(const dwarf::Debug& debug) {
    auto counts = [](const dwarf::Unit& unit) { return unit.usable && unit.tag == dwarf::tag::compile_unit && unit.language != 0; };
    std::array<std::size_t, 4> units{};
    for (const dwarf::Unit& unit : debug.units()) {
        if (counts(unit)) ++units[static_cast<std::size_t>(dwarf::language_of(unit))];
    }
    Compiled out;
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (units[i] > units[static_cast<std::size_t>(out.language)]) out.language = static_cast<abi::Language>(i);
    }
    dwarf::EntryReader reader(debug, [](std::uint16_t) { return dwarf::mask_of(dwarf::Slot::producer); });
    for (const dwarf::Unit& unit : debug.units()) {
        dwarf::Entry entry;
        if (!counts(unit) || dwarf::language_of(unit) != out.language || !reader.read({&unit, unit.entries}, entry)) continue;
        out.producer = std::string(reader.text(entry, dwarf::Slot::producer));
        if (!out.producer.empty()) break;
    }
    return out;
}

// The catalogue's version of the compiler, or the ABI's usual one.
std::string profile_of(const std::string& abi, std::string_view compiler) {
    for (const std::string& name : abi::profile_names(abi)) {
        if (!compiler.empty() && name.starts_with(abi + "/" + std::string(compiler))) return name;
    }
    return abi;
}

}  // namespace

std::string_view go_release(std::string_view producer) {
    constexpr std::string_view mark = "go1.";
    std::size_t at = producer.find(mark);
    if (at == std::string_view::npos) return {};
    return producer.substr(at, producer.find_first_not_of("0123456789", at + mark.size()) - at);
}

Result<ProgramAbi> program_abi(const SourcePtr& program, const dwarf::Debug& debug, finding::Sink& sink) {
    ABISCOPE_TRY(Machine machine, machine_of(program, sink));
    Compiled compiled = compiled_by(debug);
    ProgramAbi out{.format = machine.format, .language = compiled.language, .profile = {}, .machine = {}};
    out.machine = machine.words.empty() ? machine.go : machine.words;
    bool go = compiled.language == abi::Language::go;
    if ((go ? machine.go : machine.abi).empty()) return out;
    if (go) {
        out.profile = "go-" + machine.go + "/" + std::string(go_release(compiled.producer));
        if (!abi::find_profile(out.profile)) out.profile = abi::find_profile("go-" + machine.go) ? "go-" + machine.go : std::string();
    } else {
        bool clang = compiled.producer.find("clang") != std::string::npos;
        bool choice = clang && !machine.microsoft.empty();
        if (choice && machine.windows == WindowsAbi::unknown) {
            out.machine = "Windows, and nothing in the file tells Microsoft's ABI from MinGW's";
            return out;
        }
        const std::string& abi = choice && machine.windows == WindowsAbi::microsoft ? machine.microsoft : machine.abi;
        out.profile = profile_of(abi, clang ? "clang" : compiled.producer.starts_with("GNU ") ? "gcc" : "");
    }
    return out;
}

}  // namespace abiscope::debuginfo
