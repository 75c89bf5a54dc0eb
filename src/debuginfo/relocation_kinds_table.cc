// Numbers of the relocations that compilers and assemblers write into debug sections. Sources: the processor supplements of the System V
// ABI (x86-64 table 4.9, i386 table 4.9, AArch64 section 5.7, RISC-V section 8.4, ARM section 5.6, PowerPC64, s390x, MIPS, SPARC) as in glibc's <elf.h>.
#include <array>

#include "debuginfo/elf_relocations.h"
#include "elf/spec.h"

namespace abiscope::debuginfo {

namespace {

constexpr std::array x86_64{RelocationKind{0, Patch::none, 8},  RelocationKind{1, Patch::set, 64},  RelocationKind{2, Patch::relative, 32},
                            RelocationKind{10, Patch::set, 32}, RelocationKind{11, Patch::set, 32}, RelocationKind{17, Patch::set, 64},
                            RelocationKind{21, Patch::set, 32}, RelocationKind{24, Patch::relative, 64}};
constexpr std::array i386{RelocationKind{0, Patch::none, 8}, RelocationKind{1, Patch::set, 32}, RelocationKind{2, Patch::relative, 32}, RelocationKind{32, Patch::set, 32}};
constexpr std::array aarch64{RelocationKind{0, Patch::none, 8},    RelocationKind{257, Patch::set, 64},      RelocationKind{258, Patch::set, 32},
                             RelocationKind{259, Patch::set, 16},  RelocationKind{260, Patch::relative, 64}, RelocationKind{261, Patch::relative, 32}};
constexpr std::array riscv{RelocationKind{0, Patch::none, 8},       RelocationKind{1, Patch::set, 32},        RelocationKind{2, Patch::set, 64},
                           RelocationKind{33, Patch::add, 8},       RelocationKind{34, Patch::add, 16},       RelocationKind{35, Patch::add, 32},
                           RelocationKind{36, Patch::add, 64},      RelocationKind{37, Patch::subtract, 8},   RelocationKind{38, Patch::subtract, 16},
                           RelocationKind{39, Patch::subtract, 32}, RelocationKind{40, Patch::subtract, 64},  RelocationKind{52, Patch::subtract, 6},
                           RelocationKind{53, Patch::set, 6},       RelocationKind{54, Patch::set, 8},        RelocationKind{55, Patch::set, 16},
                           RelocationKind{56, Patch::set, 32},      RelocationKind{57, Patch::relative, 32},  RelocationKind{60, Patch::set_leb, 8},
                           RelocationKind{61, Patch::subtract_leb, 8}};
constexpr std::array arm{RelocationKind{0, Patch::none, 8}, RelocationKind{2, Patch::set, 32}, RelocationKind{3, Patch::relative, 32}, RelocationKind{106, Patch::set, 32}};
constexpr std::array ppc64{RelocationKind{0, Patch::none, 8}, RelocationKind{1, Patch::set, 32}, RelocationKind{38, Patch::set, 64}, RelocationKind{78, Patch::set, 64}};
constexpr std::array s390{RelocationKind{0, Patch::none, 8}, RelocationKind{4, Patch::set, 32}, RelocationKind{22, Patch::set, 64}, RelocationKind{53, Patch::set, 64}};
constexpr std::array mips{RelocationKind{0, Patch::none, 8}, RelocationKind{2, Patch::set, 32}, RelocationKind{18, Patch::set, 64},
                          RelocationKind{39, Patch::set, 32}, RelocationKind{41, Patch::set, 64}};
constexpr std::array sparc{RelocationKind{0, Patch::none, 8}, RelocationKind{3, Patch::set, 32}, RelocationKind{23, Patch::set, 32}, RelocationKind{32, Patch::set, 64},
                           RelocationKind{54, Patch::set, 64}};

std::span<const RelocationKind> kinds_of(std::uint16_t machine) {
    switch (machine) {
        case elf::em_x86_64: return x86_64;
        case elf::em_386: return i386;
        case elf::em_aarch64: return aarch64;
        case elf::em_riscv: return riscv;
        case elf::em_arm: return arm;
        case elf::em_ppc64: return ppc64;
        case elf::em_s390: return s390;
        case elf::em_mips: return mips;
        case elf::em_sparc:
        case elf::em_sparcv9: return sparc;
        default: return {};
    }
}

}  // namespace

std::optional<RelocationKind> relocation_kind(std::uint16_t machine, std::uint32_t type) {
    for (const RelocationKind& kind : kinds_of(machine)) {
        if (kind.type == type) return kind;
    }
    return std::nullopt;
}

}  // namespace abiscope::debuginfo
