// Processor architectures as targets name them: `debian:12/arm64`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/names.h"

namespace abiscope::target {

enum class Architecture : std::uint8_t {
    unknown,
    amd64,
    i386,
    arm64,
    armhf,
    armel,
    riscv64,
    ppc64el,
    ppc64,
    s390x,
    mips64el,
    mipsel,
    loong64,
    x32,
};

// Names are Debian's and Go's where they agree; parse also takes x86_64, aarch64, 386, armv7l and the like.
[[nodiscard]] std::string_view to_string(Architecture architecture);
[[nodiscard]] std::optional<Architecture> parse_architecture(std::string_view name);

// The ELF identity a kernel of that architecture expects of a native program.
struct ElfIdentity {
    std::uint16_t machine;
    bool wide;
    bool big_endian;
};
[[nodiscard]] ElfIdentity elf_identity(Architecture architecture);

// The architecture of a program with that identity, `unknown` when there is none. armhf and armel differ in e_flags.
[[nodiscard]] Architecture architecture_of(std::uint16_t machine, bool wide, bool big_endian, std::uint32_t flags = 0);

}  // namespace abiscope::target
