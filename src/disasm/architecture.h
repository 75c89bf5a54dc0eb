// The instruction sets this room can name. Whether one can be decoded depends on the libraries: see Decoder::create.
#pragma once

#include <cstdint>

#include "base/names.h"
#include "bytes/endian.h"

namespace abiscope::disasm {

enum class Architecture : std::uint8_t {
    x86,
    x86_64,
    arm,
    thumb,
    arm64,
    riscv32,
    riscv64,
    ppc32,
    ppc64,
    mips32,
    mips64,
    s390x,
    sparc,
    sparc64,
};

// "x86-64", "arm64", ...
[[nodiscard]] NameTable architecture_names();

// Where an instruction may start: a multiple of this many bytes. Also how far a sweep moves on from bytes that do not decode.
[[nodiscard]] std::uint32_t instruction_alignment(Architecture architecture);

// The byte order of code where a file does not say: arm64 code is little-endian even in big-endian programs, for instance.
[[nodiscard]] Endian usual_endian(Architecture architecture);

[[nodiscard]] inline bool is_x86(Architecture architecture) {
    return architecture == Architecture::x86 || architecture == Architecture::x86_64;
}

}  // namespace abiscope::disasm
