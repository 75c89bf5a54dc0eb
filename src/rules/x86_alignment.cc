// Intel SDM: volume 1, 4.1.1 and 14.9 (alignment); volume 2, the exceptions of each instruction (types 1, 1E, 2, 4); volume 3, 5.9
// (privileged instructions).
#include "rules/x86_alignment.h"

#include <algorithm>
#include <string_view>

namespace abiscope::rules {

namespace {

// Exception type 1 and 1E: the operand is a multiple of its own size.
constexpr std::string_view aligned[] = {
    "movaps",  "movapd",  "movdqa",    "movntps",   "movntpd",  "movntdq",  "movntdqa", "vmovaps",
    "vmovapd", "vmovdqa", "vmovdqa32", "vmovdqa64", "vmovntps", "vmovntpd", "vmovntdq", "vmovntdqa",
};

// Legacy SSE with a 16-byte operand that any address will do for.
constexpr std::string_view unaligned[] = {"movups", "movupd", "movdqu", "lddqu",  "pcmpestri", "pcmpestrm", "pcmpistri", "pcmpistrm",
                                          "movsd",  "movss",  "movlps", "movhps", "movlpd",    "movhpd",    "maskmovdqu"};

struct Fixed {
    std::string_view name;
    std::uint32_t alignment;
};
constexpr Fixed fixed[] = {
    {"fxsave", 16}, {"fxsave64", 16}, {"fxrstor", 16},  {"fxrstor64", 16},  {"cmpxchg16b", 16}, {"xsave", 64},    {"xsave64", 64},
    {"xsavec", 64}, {"xsavec64", 64}, {"xsaveopt", 64}, {"xsaveopt64", 64}, {"xrstor", 64},     {"xrstor64", 64}, {"movdir64b", 64},
};

constexpr std::string_view privileged[] = {
    "hlt",    "cli",   "sti",    "in",     "out",     "insb",  "insw",   "insd",    "outsb",    "outsw",
    "outsd",  "rdmsr", "wrmsr",  "lgdt",   "lidt",    "lldt",  "ltr",    "lmsw",    "invd",     "wbinvd",
    "invlpg", "clts",  "swapgs", "sysret", "sysexit", "rdpmc", "xsetbv", "invpcid", "wbnoinvd",
    "int",    // a gate the kernel does not let user code through (int 0x80 and int3 are not refused)
};

}  // namespace

std::uint32_t required_alignment(const disasm::Instruction& instruction, std::size_t operand) {
    if (operand >= instruction.operands.size()) return 0;
    const disasm::Operand& memory = instruction.operands[operand];
    if (memory.kind != disasm::Operand::Kind::memory || !memory.memory.access) return 0;
    std::string_view name = instruction.mnemonic;
    auto found = std::ranges::find(fixed, name, &Fixed::name);
    if (found != std::end(fixed)) return found->alignment;
    if (std::ranges::find(aligned, name) != std::end(aligned)) return memory.size;
    // Every other legacy SSE instruction with a whole XMM register in memory (type 2 and 4).
    bool legacy = !name.starts_with('v') && memory.size == 16 && std::ranges::any_of(instruction.operands, [](const disasm::Operand& one) {
        return one.kind == disasm::Operand::Kind::reg && one.reg.starts_with("xmm");
    });
    return legacy && std::ranges::find(unaligned, name) == std::end(unaligned) ? 16 : 0;
}

bool is_refused_by_state(const disasm::Instruction& instruction) {
    constexpr std::string_view names[] = {"rdtsc", "rdtscp", "xgetbv", "rdpid", "iret", "iretd", "iretq"};
    constexpr std::string_view selectors[] = {"ds", "es", "fs", "gs", "ss"};
    return std::ranges::find(names, std::string_view(instruction.mnemonic)) != std::end(names) ||
        std::ranges::any_of(instruction.operands, [&](const disasm::Operand& one) {
               return one.kind == disasm::Operand::Kind::reg && one.write &&
                   std::ranges::find(selectors, std::string_view(one.reg)) != std::end(selectors);
           });
}

bool is_privileged(const disasm::Instruction& instruction) {
    if (std::ranges::find(privileged, std::string_view(instruction.mnemonic)) != std::end(privileged)) return true;
    return instruction.mnemonic == "mov" && std::ranges::any_of(instruction.operands, [](const disasm::Operand& one) {
               return one.kind == disasm::Operand::Kind::reg && (one.reg.starts_with("cr") || one.reg.starts_with("dr"));
           });
}

}  // namespace abiscope::rules
