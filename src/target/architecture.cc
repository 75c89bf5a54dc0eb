#include "target/architecture.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "elf/spec.h"

namespace abiscope::target {

namespace {

// e_flags of ARM (ELF for the Arm Architecture, "e_flags"): EF_ARM_ABI_FLOAT_HARD.
constexpr std::uint32_t arm_hard_float = 0x400;

struct Row {
    Architecture architecture;
    std::string_view name;
    ElfIdentity identity;
};

// One row per enumerator, in its order.
constexpr Row rows[] = {
    {Architecture::unknown, "unknown", {0, false, false}},
    {Architecture::amd64, "amd64", {elf::em_x86_64, true, false}},
    {Architecture::i386, "i386", {elf::em_386, false, false}},
    {Architecture::arm64, "arm64", {elf::em_aarch64, true, false}},
    {Architecture::armhf, "armhf", {elf::em_arm, false, false}},
    {Architecture::armel, "armel", {elf::em_arm, false, false}},
    {Architecture::riscv64, "riscv64", {elf::em_riscv, true, false}},
    {Architecture::ppc64el, "ppc64el", {elf::em_ppc64, true, false}},
    {Architecture::ppc64, "ppc64", {elf::em_ppc64, true, true}},
    {Architecture::s390x, "s390x", {elf::em_s390, true, true}},
    {Architecture::mips64el, "mips64el", {elf::em_mips, true, false}},
    {Architecture::mipsel, "mipsel", {elf::em_mips, false, false}},
    {Architecture::loong64, "loong64", {elf::em_loongarch, true, false}},
    {Architecture::x32, "x32", {elf::em_x86_64, false, false}},
};

// What `uname -m`, Go, rpm, Docker and Windows say for the same thing.
struct Alias {
    std::string_view name;
    Architecture architecture;
};
constexpr Alias aliases[] = {
    {"x86_64", Architecture::amd64},      {"x86-64", Architecture::amd64},    {"x64", Architecture::amd64},
    {"386", Architecture::i386},          {"i486", Architecture::i386},       {"i586", Architecture::i386},
    {"i686", Architecture::i386},         {"x86", Architecture::i386},        {"aarch64", Architecture::arm64},
    {"arm64v8", Architecture::arm64},     {"arm", Architecture::armhf},       {"armv7", Architecture::armhf},
    {"armv7l", Architecture::armhf},      {"armv7hl", Architecture::armhf},   {"armv6", Architecture::armhf},
    {"armv6l", Architecture::armhf},      {"ppc64le", Architecture::ppc64el}, {"powerpc64le", Architecture::ppc64el},
    {"mips64le", Architecture::mips64el}, {"mipsle", Architecture::mipsel},   {"loongarch64", Architecture::loong64},
};

}  // namespace

std::string_view to_string(Architecture architecture) {
    auto index = static_cast<std::size_t>(architecture);
    return index < std::size(rows) ? rows[index].name : rows[0].name;
}

std::optional<Architecture> parse_architecture(std::string_view name) {
    std::string word = text::lower(name);
    for (const Row& row : rows) {
        if (row.name == word && row.architecture != Architecture::unknown) return row.architecture;
    }
    for (const Alias& alias : aliases) {
        if (alias.name == word) return alias.architecture;
    }
    return std::nullopt;
}

ElfIdentity elf_identity(Architecture architecture) {
    auto index = static_cast<std::size_t>(architecture);
    return index < std::size(rows) ? rows[index].identity : rows[0].identity;
}

Architecture architecture_of(std::uint16_t machine, bool wide, bool big_endian, std::uint32_t flags) {
    if (machine == elf::em_arm && !wide && !big_endian) return (flags & arm_hard_float) != 0 ? Architecture::armhf : Architecture::armel;
    for (const Row& row : rows) {
        if (row.identity.machine == machine && row.identity.wide == wide && row.identity.big_endian == big_endian) return row.architecture;
    }
    return Architecture::unknown;
}

}  // namespace abiscope::target
