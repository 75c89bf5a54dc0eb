#include "loader/kernel_elf_formats.h"

#include <algorithm>

#include "elf/spec.h"

namespace abiscope::loader {

namespace {

using elf::Encoding;
using target::Architecture;

constexpr Encoding le64{true, Endian::little}, le32{false, Endian::little}, be64{true, Endian::big}, be32{false, Endian::big};

constexpr std::uint16_t em_s390_old = 0xa390;
constexpr std::uint16_t em_mips_rs3_le = 10;

constexpr std::uint64_t bit(unsigned n) { return std::uint64_t{1} << n; }

// x86: arch/x86/include/asm/page_64_types.h and elf.h. The larger size needs five-level paging.
constexpr ElfFormat x86_64{"x86-64",
                           {elf::em_x86_64, elf::em_x86_64},
                           le64,
                           MachineRule::machine_only,
                           bit(47) - 4096,
                           bit(56) - 4096,
                           bit(47) - bit(41),
                           0x555555554000,
                           false};
constexpr ElfFormat i386_on_64{
    "i386", {elf::em_386, elf::em_486}, le32, MachineRule::machine_only, 0xffffe000, 0xffffe000, 0xe0000000, 0x400000, true};
constexpr ElfFormat x32{
    "x32", {elf::em_x86_64, elf::em_x86_64}, le32, MachineRule::machine_only, 0xffffe000, 0xffffe000, 0xe0000000, 0x400000, true};
constexpr ElfFormat i386{"i386", {elf::em_386, elf::em_486}, le32, MachineRule::machine_only, 0x78000000, 0xc0000000, 0x60000000, 0x400000,
                         false};
// arm64: arch/arm64/include/asm/processor.h; 39 to 52 bits of virtual address.
constexpr ElfFormat arm64{
    "arm64", {elf::em_aarch64, elf::em_aarch64}, le64, MachineRule::machine_only, bit(39), bit(52), bit(39) - bit(36), bit(38), false};
constexpr ElfFormat arm_on_64{
    "32-bit Arm", {elf::em_arm, elf::em_arm}, le32, MachineRule::arm_eabi, 0xffff0000, bit(32), 0xe0000000, 0x400000, true};
constexpr ElfFormat arm{"32-bit Arm", {elf::em_arm, elf::em_arm}, le32, MachineRule::arm, 0x3f000000, 0xbf000000, 0x30000000, 0x400000,
                        false};
constexpr ElfFormat riscv64{
    "riscv64", {elf::em_riscv, elf::em_riscv}, le64, MachineRule::class_too, bit(38), bit(56), bit(38) - bit(35), bit(37), false};
constexpr ElfFormat ppc64el{
    "ppc64el", {elf::em_ppc64, elf::em_ppc64}, le64, MachineRule::machine_only, bit(46), bit(52), bit(46) - bit(41), bit(45), false};
constexpr ElfFormat ppc64{
    "ppc64", {elf::em_ppc64, elf::em_ppc64}, be64, MachineRule::machine_only, bit(46), bit(52), bit(46) - bit(41), bit(45), false};
constexpr ElfFormat ppc_on_64{"ppc", {elf::em_ppc, elf::em_ppc}, be32, MachineRule::machine_only, 0xfffff000, bit(32), 0xe0000000, 0x400000,
                              true};
constexpr ElfFormat s390x{"s390x", {elf::em_s390, em_s390_old}, be64, MachineRule::class_too, bit(42), bit(63), bit(42) - bit(39), bit(41),
                          false};
constexpr ElfFormat s390_on_64{"s390", {elf::em_s390, em_s390_old}, be32, MachineRule::class_too, bit(31), bit(31), 0x60000000, 0x400000,
                               true};
constexpr ElfFormat mips64el{
    "mips64el", {elf::em_mips, elf::em_mips}, le64, MachineRule::class_too, bit(40), bit(48), bit(40) - bit(37), bit(38), false};
constexpr ElfFormat mips_on_64{
    "mipsel", {elf::em_mips, elf::em_mips}, le32, MachineRule::class_too, 0x7fff8000, 0x80000000, 0x60000000, 0x400000, true};
constexpr ElfFormat mipsel{
    "mipsel", {elf::em_mips, em_mips_rs3_le}, le32, MachineRule::class_too, 0x7fff8000, 0x80000000, 0x60000000, 0x400000, false};
constexpr ElfFormat loong64{
    "loong64", {elf::em_loongarch, elf::em_loongarch}, le64, MachineRule::class_too, bit(39), bit(48), bit(39) - bit(36), bit(38), false};

}  // namespace

std::vector<ElfFormat> elf_formats(const target::Target& target) {
    const target::Kernel& kernel = target.kernel;
    std::vector<ElfFormat> formats;
    auto with_compat = [&](const ElfFormat& native, const ElfFormat& compat) {
        formats.push_back(native);
        if (kernel.runs_32_bit) formats.push_back(compat);
    };
    switch (target.architecture) {
        case Architecture::amd64:
        case Architecture::x32:
            with_compat(x86_64, i386_on_64);
            if (kernel.x32 || target.architecture == Architecture::x32) formats.push_back(x32);
            break;
        case Architecture::i386: formats = {i386}; break;
        case Architecture::arm64: with_compat(arm64, arm_on_64); break;
        case Architecture::armhf:
        case Architecture::armel: formats = {arm}; break;
        case Architecture::riscv64: formats = {riscv64}; break;
        case Architecture::ppc64el: formats = {ppc64el}; break;
        case Architecture::ppc64: with_compat(ppc64, ppc_on_64); break;
        case Architecture::s390x: with_compat(s390x, s390_on_64); break;
        case Architecture::mips64el: with_compat(mips64el, mips_on_64); break;
        case Architecture::mipsel: formats = {mipsel}; break;
        case Architecture::loong64: formats = {loong64}; break;
        case Architecture::unknown: break;
    }
    // A machine whose processor is known to have no five-level paging has the smaller address space.
    if (target.cpu.exact && std::ranges::find(target.cpu.features, "la57") == target.cpu.features.end()) {
        for (ElfFormat& format : formats) {
            if (format.name == x86_64.name) format.task_size_most = format.task_size_least;
        }
    }
    return formats;
}

bool accepts_machine(const ElfFormat& format, const elf::Header& header) {
    if (std::ranges::find(format.machines, header.machine) == format.machines.end()) return false;
    constexpr std::uint32_t arm_eabi_mask = 0xff000000;
    switch (format.rule) {
        case MachineRule::machine_only: return true;
        case MachineRule::class_too: return header.ident_class() == (format.encoding.wide ? elf::class_64 : elf::class_32);
        case MachineRule::arm_eabi: return (header.flags & arm_eabi_mask) != 0;
        case MachineRule::arm: return (header.entry & 1) != 0 || (header.entry & 3) == 0;
    }
    return false;
}

}  // namespace abiscope::loader
