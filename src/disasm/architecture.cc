#include "disasm/architecture.h"

#include <array>
#include <utility>

namespace abiscope::disasm {

namespace {

constexpr std::uint64_t value(Architecture architecture) { return static_cast<std::uint64_t>(architecture); }

constexpr std::array names{
    Name{value(Architecture::x86), "x86"},         Name{value(Architecture::x86_64), "x86-64"},
    Name{value(Architecture::arm), "arm"},         Name{value(Architecture::thumb), "thumb"},
    Name{value(Architecture::arm64), "arm64"},     Name{value(Architecture::riscv32), "riscv32"},
    Name{value(Architecture::riscv64), "riscv64"}, Name{value(Architecture::ppc32), "ppc32"},
    Name{value(Architecture::ppc64), "ppc64"},     Name{value(Architecture::mips32), "mips32"},
    Name{value(Architecture::mips64), "mips64"},   Name{value(Architecture::s390x), "s390x"},
    Name{value(Architecture::sparc), "sparc"},     Name{value(Architecture::sparc64), "sparc64"},
};

}  // namespace

NameTable architecture_names() { return names; }

std::uint32_t instruction_alignment(Architecture architecture) {
    switch (architecture) {
        case Architecture::x86:
        case Architecture::x86_64: return 1;
        case Architecture::thumb:
        case Architecture::riscv32:
        case Architecture::riscv64:
        case Architecture::s390x: return 2;
        case Architecture::arm:
        case Architecture::arm64:
        case Architecture::ppc32:
        case Architecture::ppc64:
        case Architecture::mips32:
        case Architecture::mips64:
        case Architecture::sparc:
        case Architecture::sparc64: return 4;
    }
    std::unreachable();
}

Endian usual_endian(Architecture architecture) {
    switch (architecture) {
        case Architecture::ppc32:
        case Architecture::mips32:
        case Architecture::mips64:
        case Architecture::s390x:
        case Architecture::sparc:
        case Architecture::sparc64: return Endian::big;
        default: return Endian::little;
    }
}

}  // namespace abiscope::disasm
