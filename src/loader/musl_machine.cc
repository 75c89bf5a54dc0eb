// Source: arch/*/reloc.h and src/internal/dynlink.h of musl 1.2.2 to 1.2.5; the numbers are those of the processor supplements.
#include "loader/musl_machine.h"

#include "elf/spec.h"

namespace abiscope::loader::musl {

namespace {

using enum Action;

constexpr TypeAction x86_64_types[] = {
    {1, symbolic}, {2, offset_32},   {5, copy},        {6, global_data}, {7, jump_slot},
    {8, relative}, {16, tls_module}, {17, tls_offset}, {18, tls_static}, {36, tls_descriptor},
};
constexpr TypeAction x32_types[] = {
    {10, symbolic}, {2, offset},      {5, copy},        {6, global_data}, {7, jump_slot},
    {8, relative},  {16, tls_module}, {17, tls_offset}, {18, tls_static},
};
constexpr TypeAction i386_types[] = {
    {1, symbolic},    {2, offset},      {5, copy},        {6, global_data}, {7, jump_slot},       {8, relative},
    {14, tls_static}, {35, tls_module}, {36, tls_offset}, {37, tls_static}, {41, tls_descriptor},
};
constexpr TypeAction aarch64_types[] = {
    {257, symbolic},    {1024, copy},       {1025, global_data}, {1026, jump_slot},      {1027, relative},
    {1028, tls_module}, {1029, tls_offset}, {1030, tls_static},  {1031, tls_descriptor},
};
constexpr TypeAction arm_types[] = {
    {2, symbolic}, {13, tls_descriptor}, {17, tls_module}, {18, tls_offset}, {19, tls_static},
    {20, copy},    {21, global_data},    {22, jump_slot},  {23, relative},
};
constexpr TypeAction riscv64_types[] = {
    {2, symbolic}, {3, relative}, {4, copy}, {5, jump_slot}, {7, tls_module}, {9, tls_offset}, {11, tls_static}, {12, tls_descriptor, 5},
};
constexpr TypeAction powerpc64_types[] = {
    {38, symbolic}, {43, symbolic},   {19, copy},       {20, global_data}, {21, jump_slot},
    {22, relative}, {68, tls_module}, {78, tls_offset}, {73, tls_static},
};
constexpr TypeAction s390x_types[] = {
    {22, symbolic}, {9, copy}, {10, global_data}, {11, jump_slot}, {12, relative}, {54, tls_module}, {55, tls_offset}, {56, tls_static},
};
constexpr TypeAction loongarch64_types[] = {
    {2, symbolic}, {3, relative}, {4, copy}, {5, jump_slot}, {7, tls_module}, {9, tls_offset}, {11, tls_static},
};

constexpr elf::Encoding wide_little{true, Endian::little}, narrow_little{false, Endian::little}, wide_big{true, Endian::big};

using target::Architecture;
constexpr Machine machines[] = {
    {Architecture::amd64, "x86_64", elf::em_x86_64, wide_little, x86_64_types},
    {Architecture::x32, "x32", elf::em_x86_64, narrow_little, x32_types},
    {Architecture::i386, "i386", elf::em_386, narrow_little, i386_types},
    {Architecture::arm64, "aarch64", elf::em_aarch64, wide_little, aarch64_types},
    {Architecture::armhf, "armhf", elf::em_arm, narrow_little, arm_types},
    {Architecture::armel, "arm", elf::em_arm, narrow_little, arm_types},
    {Architecture::riscv64, "riscv64", elf::em_riscv, wide_little, riscv64_types},
    {Architecture::ppc64el, "powerpc64le", elf::em_ppc64, wide_little, powerpc64_types},
    {Architecture::s390x, "s390x", elf::em_s390, wide_big, s390x_types},
    {Architecture::loong64, "loongarch64", elf::em_loongarch, wide_little, loongarch64_types},
};

}  // namespace

Action Machine::action_of(std::uint32_t type, const Version& libc) const {
    if (type == 0) return none;
    for (const TypeAction& entry : types) {
        if (entry.type == type) return libc < Version{1, 2, entry.since_patch} && entry.since_patch != 0 ? unsupported : entry.action;
    }
    return unsupported;
}

const Machine* machine_of(target::Architecture architecture) {
    for (const Machine& machine : machines) {
        if (machine.architecture == architecture) return &machine;
    }
    return nullptr;
}

}  // namespace abiscope::loader::musl
