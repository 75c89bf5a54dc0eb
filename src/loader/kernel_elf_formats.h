// The ELF formats a kernel takes: one entry per instance of binfmt_elf it was built with (native, then compat).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "elf/header.h"
#include "target/target.h"

namespace abiscope::loader {

// What elf_check_arch() of an architecture looks at beside e_machine.
enum class MachineRule : std::uint8_t {
    machine_only,
    class_too,        // EI_CLASS must be the format's (riscv, s390, mips, loongarch)
    arm,              // arm_elf_check_arch(): entry aligned for its instruction set
    arm_eabi,         // arm64 compat: e_flags must name an EABI version
};

struct ElfFormat {
    std::string_view name;                     // as a person calls it
    std::array<std::uint16_t, 2> machines;     // e_machine values; the second may repeat the first
    elf::Encoding encoding;                    // the layout the kernel reads, whatever EI_CLASS and EI_DATA say
    MachineRule rule;
    // TASK_SIZE is between these: the size of the address space depends on how the kernel was built and on the processor.
    std::uint64_t task_size_least;
    std::uint64_t task_size_most;
    // From here up lie the stack, the vdso and what mmap() places itself, at random addresses.
    std::uint64_t random_zone;
    // Where a position-independent program with an interpreter is put (ELF_ET_DYN_BASE), before randomisation.
    std::uint64_t dynamic_base;
    bool compat;                               // 32-bit programs on a 64-bit kernel
};

// In the order in which the kernel tries them. Empty for an architecture abiscope does not know.
[[nodiscard]] std::vector<ElfFormat> elf_formats(const target::Target& target);

// elf_check_arch().
[[nodiscard]] bool accepts_machine(const ElfFormat& format, const elf::Header& header);

}  // namespace abiscope::loader
