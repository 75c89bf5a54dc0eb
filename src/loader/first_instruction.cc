#include "loader/first_instruction.h"

#include "elf/spec.h"

namespace abiscope::loader {

namespace {

constexpr int sigill = 4, sigtrap = 5, sigsegv = 11;

std::uint8_t at(std::span<const std::byte> bytes, std::size_t index) { return std::to_integer<std::uint8_t>(bytes[index]); }

// `add %r8, mem` (opcode 00) with a base register that is zero and a displacement of a byte at most: what zero bytes mean to an x86. The
// address is in page 0, or one the program cannot have.
bool adds_at_zero(std::span<const std::byte> bytes) {
    if (bytes.size() < 2 || at(bytes, 0) != 0) return false;
    unsigned mode = at(bytes, 1) >> 6, base = at(bytes, 1) & 7;
    if (base == 4) return false;                   // SIB byte, or the stack pointer
    return mode == 1 || (mode == 0 && base != 5);  // mode 0, base 5 is an absolute or rip-relative address
}

std::optional<CertainCrash> x86(std::span<const std::byte> bytes, bool page_zero_mapped) {
    if (bytes.empty()) return std::nullopt;
    if (bytes.size() >= 2 && at(bytes, 0) == 0x0f && at(bytes, 1) == 0x0b) return CertainCrash{sigill, "the first instruction is ud2"};
    if (at(bytes, 0) == 0xf4) return CertainCrash{sigsegv, "the first instruction is hlt, which only a kernel may execute"};
    if (at(bytes, 0) == 0xcc) return CertainCrash{sigtrap, "the first instruction is a breakpoint"};
    if (page_zero_mapped) return std::nullopt;
    if (adds_at_zero(bytes)) return CertainCrash{sigsegv, "the bytes there are zeros: as an instruction they write to address 0"};
    // The magic of an ELF header is `jg .+0x47`; the flags a program starts with make it jump, into the program headers.
    constexpr std::size_t jump_target = 0x47;
    if (at(bytes, 0) == 0x7f && bytes.size() > jump_target && at(bytes, 1) == jump_target - 2 && adds_at_zero(bytes.subspan(jump_target))) {
        return CertainCrash{sigsegv, "the bytes there are an ELF header, not code"};
    }
    return std::nullopt;
}

}  // namespace

std::optional<CertainCrash> certain_crash(std::span<const std::byte> bytes, std::uint16_t machine, bool page_zero_mapped) {
    switch (machine) {
        case elf::em_x86_64:
        case elf::em_386:
        case elf::em_486: return x86(bytes, page_zero_mapped);
        case elf::em_aarch64:
            // udf: the upper half of the word is zero (Arm ARM, C6.2, UDF).
            if (bytes.size() >= 4 && at(bytes, 2) == 0 && at(bytes, 3) == 0) {
                return CertainCrash{sigill, "the first instruction is udf, which is what zeros are"};
            }
            return std::nullopt;
        default: return std::nullopt;
    }
}

}  // namespace abiscope::loader
