// Layouts of struct elf_prstatus and elf_gregset_t: Linux, include/linux/elfcore.h and arch/*/include/{asm,uapi/asm}/{elf,ptrace,user}.h.
// DWARF register numbers: the psABI of each machine (x86-64 figure 3.36, i386 table 2.14, AADWARF64, AADWARF32, riscv-elf "DWARF").
#include "core/registers.h"
#include "elf/spec.h"

namespace abiscope::core {

namespace {

constexpr RegisterPlace x86_64_registers[] = {
    {"r15", 15}, {"r14", 14}, {"r13", 13}, {"r12", 12}, {"rbp", 6}, {"rbx", 3}, {"r11", 11}, {"r10", 10}, {"r9", 9},
    {"r8", 8},   {"rax", 0},  {"rcx", 2},  {"rdx", 1},  {"rsi", 4}, {"rdi", 5}, {"orig_rax"}, {"rip", 16}, {"cs"},
    {"eflags"},  {"rsp", 7},  {"ss"},      {"fs_base"}, {"gs_base"}, {"ds"},    {"es"},       {"fs"},      {"gs"},
};

constexpr RegisterPlace i386_registers[] = {
    {"ebx", 3}, {"ecx", 1}, {"edx", 2}, {"esi", 6}, {"edi", 7},   {"ebp", 5}, {"eax", 0}, {"ds"},     {"es"},
    {"fs"},     {"gs"},     {"orig_eax"}, {"eip", 8}, {"cs"},     {"eflags"}, {"esp", 4}, {"ss"},
};

constexpr RegisterPlace arm64_registers[] = {
    {"x0", 0},   {"x1", 1},   {"x2", 2},   {"x3", 3},   {"x4", 4},   {"x5", 5},   {"x6", 6},   {"x7", 7},   {"x8", 8},
    {"x9", 9},   {"x10", 10}, {"x11", 11}, {"x12", 12}, {"x13", 13}, {"x14", 14}, {"x15", 15}, {"x16", 16}, {"x17", 17},
    {"x18", 18}, {"x19", 19}, {"x20", 20}, {"x21", 21}, {"x22", 22}, {"x23", 23}, {"x24", 24}, {"x25", 25}, {"x26", 26},
    {"x27", 27}, {"x28", 28}, {"x29", 29}, {"x30", 30}, {"sp", 31},  {"pc", 32},  {"pstate"},
};

constexpr RegisterPlace arm_registers[] = {
    {"r0", 0}, {"r1", 1}, {"r2", 2},   {"r3", 3},   {"r4", 4},   {"r5", 5},   {"r6", 6},   {"r7", 7}, {"r8", 8},
    {"r9", 9}, {"r10", 10}, {"r11", 11}, {"r12", 12}, {"sp", 13}, {"lr", 14}, {"pc", 15}, {"cpsr"},  {"orig_r0"},
};

constexpr RegisterPlace riscv_registers[] = {
    {"pc", 32}, {"ra", 1},  {"sp", 2},   {"gp", 3},   {"tp", 4},   {"t0", 5},   {"t1", 6},   {"t2", 7},
    {"s0", 8},  {"s1", 9},  {"a0", 10},  {"a1", 11},  {"a2", 12},  {"a3", 13},  {"a4", 14},  {"a5", 15},
    {"a6", 16}, {"a7", 17}, {"s2", 18},  {"s3", 19},  {"s4", 20},  {"s5", 21},  {"s6", 22},  {"s7", 23},
    {"s8", 24}, {"s9", 25}, {"s10", 26}, {"s11", 27}, {"t3", 28},  {"t4", 29},  {"t5", 30},  {"t6", 31},
};

using disasm::Architecture;

constexpr MachineLayout layouts[] = {
    {elf::em_x86_64, true, "x86-64", Architecture::x86_64, 336, 112, x86_64_registers, "rip", "rsp", "rbp", ""},
    {elf::em_386, false, "i386", Architecture::x86, 144, 72, i386_registers, "eip", "esp", "ebp", "", true},
    // Linux, arch/x86/kernel/ptrace.c (task_user_regset_view): the first thread's code segment decides for all, and for the machine in the header.
    {elf::em_386, true, "i386 in x86-64", Architecture::x86, 336, 112, i386_registers, "eip", "esp", "ebp", "", false, true},
    {elf::em_aarch64, true, "arm64", Architecture::arm64, 392, 112, arm64_registers, "pc", "sp", "x29", "x30"},
    {elf::em_arm, false, "arm", Architecture::arm, 148, 72, arm_registers, "pc", "sp", "r11", "lr", true},
    {elf::em_riscv, true, "riscv64", Architecture::riscv64, 376, 112, riscv_registers, "pc", "sp", "s0", "ra"},
};

}  // namespace

const MachineLayout* find_layout(std::uint16_t machine, bool wide) {
    for (const MachineLayout& layout : layouts) {
        if (layout.machine == machine && layout.wide == wide) return &layout;
    }
    return nullptr;
}

}  // namespace abiscope::core
