// What the relocation types of each machine mean to a loader, from the processor supplements.
#include "elf/relocations.h"

#include <span>

#include "elf/spec.h"

namespace abiscope::elf {

namespace {

struct Role {
    std::uint32_t type;
    RelocationRole role;
};

constexpr Role em_386_roles[] = {
    {0, RelocationRole::none},  // R_386_NONE
    {8, RelocationRole::relative},  // R_386_RELATIVE
    {42, RelocationRole::irelative},  // R_386_IRELATIVE
    {1, RelocationRole::symbolic},  // R_386_32
    {2, RelocationRole::symbolic},  // R_386_PC32
    {6, RelocationRole::glob_dat},  // R_386_GLOB_DAT
    {7, RelocationRole::jump_slot},  // R_386_JUMP_SLOT
    {5, RelocationRole::copy},  // R_386_COPY
    {35, RelocationRole::tls_module},  // R_386_TLS_DTPMOD32
    {36, RelocationRole::tls_offset},  // R_386_TLS_DTPOFF32
    {14, RelocationRole::tls_tpoff},  // R_386_TLS_TPOFF
    {37, RelocationRole::tls_tpoff},  // R_386_TLS_TPOFF32
    {41, RelocationRole::tls_descriptor},  // R_386_TLS_DESC
    {38, RelocationRole::size},  // R_386_SIZE32
};

constexpr Role em_x86_64_roles[] = {
    {0, RelocationRole::none},  // R_X86_64_NONE
    {8, RelocationRole::relative},  // R_X86_64_RELATIVE
    {38, RelocationRole::relative},  // R_X86_64_RELATIVE64
    {37, RelocationRole::irelative},  // R_X86_64_IRELATIVE
    {1, RelocationRole::symbolic},  // R_X86_64_64
    {10, RelocationRole::symbolic},  // R_X86_64_32
    {2, RelocationRole::symbolic},  // R_X86_64_PC32
    {24, RelocationRole::symbolic},  // R_X86_64_PC64
    {6, RelocationRole::glob_dat},  // R_X86_64_GLOB_DAT
    {7, RelocationRole::jump_slot},  // R_X86_64_JUMP_SLOT
    {5, RelocationRole::copy},  // R_X86_64_COPY
    {16, RelocationRole::tls_module},  // R_X86_64_DTPMOD64
    {17, RelocationRole::tls_offset},  // R_X86_64_DTPOFF64
    {18, RelocationRole::tls_tpoff},  // R_X86_64_TPOFF64
    {36, RelocationRole::tls_descriptor},  // R_X86_64_TLSDESC
    {32, RelocationRole::size},  // R_X86_64_SIZE32
    {33, RelocationRole::size},  // R_X86_64_SIZE64
};

constexpr Role em_aarch64_roles[] = {
    {0, RelocationRole::none},  // R_AARCH64_NONE
    {1027, RelocationRole::relative},  // R_AARCH64_RELATIVE
    {1032, RelocationRole::irelative},  // R_AARCH64_IRELATIVE
    {257, RelocationRole::symbolic},  // R_AARCH64_ABS64
    {1025, RelocationRole::glob_dat},  // R_AARCH64_GLOB_DAT
    {1026, RelocationRole::jump_slot},  // R_AARCH64_JUMP_SLOT
    {1024, RelocationRole::copy},  // R_AARCH64_COPY
    {1028, RelocationRole::tls_module},  // R_AARCH64_TLS_DTPMOD
    {1029, RelocationRole::tls_offset},  // R_AARCH64_TLS_DTPREL
    {1030, RelocationRole::tls_tpoff},  // R_AARCH64_TLS_TPREL
    {1031, RelocationRole::tls_descriptor},  // R_AARCH64_TLSDESC
};

constexpr Role em_arm_roles[] = {
    {13, RelocationRole::tls_descriptor},  // R_ARM_TLS_DESC
    {0, RelocationRole::none},  // R_ARM_NONE
    {23, RelocationRole::relative},  // R_ARM_RELATIVE
    {160, RelocationRole::irelative},  // R_ARM_IRELATIVE
    {2, RelocationRole::symbolic},  // R_ARM_ABS32
    {1, RelocationRole::symbolic},  // R_ARM_PC24
    {3, RelocationRole::symbolic},  // R_ARM_REL32
    {21, RelocationRole::glob_dat},  // R_ARM_GLOB_DAT
    {22, RelocationRole::jump_slot},  // R_ARM_JUMP_SLOT
    {20, RelocationRole::copy},  // R_ARM_COPY
    {17, RelocationRole::tls_module},  // R_ARM_TLS_DTPMOD32
    {18, RelocationRole::tls_offset},  // R_ARM_TLS_DTPOFF32
    {19, RelocationRole::tls_tpoff},  // R_ARM_TLS_TPOFF32
};

constexpr Role em_riscv_roles[] = {
    {0, RelocationRole::none},  // R_RISCV_NONE
    {3, RelocationRole::relative},  // R_RISCV_RELATIVE
    {58, RelocationRole::irelative},  // R_RISCV_IRELATIVE
    {1, RelocationRole::symbolic},  // R_RISCV_32
    {2, RelocationRole::symbolic},  // R_RISCV_64
    {5, RelocationRole::jump_slot},  // R_RISCV_JUMP_SLOT
    {4, RelocationRole::copy},  // R_RISCV_COPY
    {6, RelocationRole::tls_module},  // R_RISCV_TLS_DTPMOD32
    {7, RelocationRole::tls_module},  // R_RISCV_TLS_DTPMOD64
    {8, RelocationRole::tls_offset},  // R_RISCV_TLS_DTPREL32
    {9, RelocationRole::tls_offset},  // R_RISCV_TLS_DTPREL64
    {10, RelocationRole::tls_tpoff},  // R_RISCV_TLS_TPREL32
    {11, RelocationRole::tls_tpoff},  // R_RISCV_TLS_TPREL64
};

constexpr Role em_ppc64_roles[] = {
    {0, RelocationRole::none},  // R_PPC64_NONE
    {22, RelocationRole::relative},  // R_PPC64_RELATIVE
    {248, RelocationRole::irelative},  // R_PPC64_IRELATIVE
    {38, RelocationRole::symbolic},  // R_PPC64_ADDR64
    {1, RelocationRole::symbolic},  // R_PPC64_ADDR32
    {20, RelocationRole::glob_dat},  // R_PPC64_GLOB_DAT
    {21, RelocationRole::jump_slot},  // R_PPC64_JMP_SLOT
    {19, RelocationRole::copy},  // R_PPC64_COPY
    {68, RelocationRole::tls_module},  // R_PPC64_DTPMOD64
    {78, RelocationRole::tls_offset},  // R_PPC64_DTPREL64
    {73, RelocationRole::tls_tpoff},  // R_PPC64_TPREL64
};

constexpr Role em_s390_roles[] = {
    {0, RelocationRole::none},  // R_390_NONE
    {12, RelocationRole::relative},  // R_390_RELATIVE
    {61, RelocationRole::irelative},  // R_390_IRELATIVE
    {22, RelocationRole::symbolic},  // R_390_64
    {4, RelocationRole::symbolic},  // R_390_32
    {10, RelocationRole::glob_dat},  // R_390_GLOB_DAT
    {11, RelocationRole::jump_slot},  // R_390_JMP_SLOT
    {9, RelocationRole::copy},  // R_390_COPY
    {54, RelocationRole::tls_module},  // R_390_TLS_DTPMOD
    {55, RelocationRole::tls_offset},  // R_390_TLS_DTPOFF
    {56, RelocationRole::tls_tpoff},  // R_390_TLS_TPOFF
};

std::span<const Role> roles(std::uint16_t machine) {
    switch (machine) {
        case em_386: case em_486: return em_386_roles;
        case em_x86_64: return em_x86_64_roles;
        case em_aarch64: return em_aarch64_roles;
        case em_arm: return em_arm_roles;
        case em_riscv: return em_riscv_roles;
        case em_ppc64: return em_ppc64_roles;
        case em_s390: return em_s390_roles;
        default: return {};
    }
}

}  // namespace

RelocationRole role_of(std::uint16_t machine, std::uint32_t type) {
    for (const Role& entry : roles(machine)) {
        if (entry.type == type) return entry.role;
    }
    return RelocationRole::unknown;
}

}  // namespace abiscope::elf
