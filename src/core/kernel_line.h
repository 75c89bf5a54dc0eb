// What the kernel's log says of a program that died by a fault: one line, and on x86 a second with the bytes of the instruction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace abiscope::core {

enum class LineKind : std::uint8_t {
    x86_page_fault,   // "app[1]: segfault at 18 ip ... sp ... error 4 in app[...]"
    x86_trap,         // "traps: app[1] general protection fault ip:... sp:... error:0 in app[...]"
    arm64,  // "app[1]: unhandled exception: DABT (lower EL), ESR 0x..., level 2 translation fault in app[...]", and the older form
};

struct KernelLine {
    LineKind kind = LineKind::x86_page_fault;
    std::string text;  // of the line, without what the log put before it
    std::string name;  // at most 15 characters (comm)
    std::uint32_t pid = 0;
    std::string what;  // "segfault", "trap divide error", "general protection fault", "level 2 translation fault"
    std::optional<std::uint64_t> address;  // that was accessed
    std::optional<std::uint64_t> pc;
    std::optional<std::uint64_t> sp;
    std::uint64_t error = 0;  // x86: the error code of the exception; arm64: ESR
    std::string module;  // file name of the mapping that holds pc; empty: none does
    std::uint64_t module_start = 0;  // of that mapping
    std::uint64_t module_size = 0;
    std::optional<std::uint64_t> file_offset;  // of pc in the file; older kernels do not say
    std::optional<std::uint32_t> cpu;
    std::vector<std::byte> code;  // the bytes around pc
    std::size_t code_before = 0;  // how many of them lie before it
};

// Those of a log, in its order, with the prefixes that dmesg, syslog and the journal put before a line, or without.
[[nodiscard]] std::vector<KernelLine> read_kernel_lines(std::string_view log);

// The bits of a page fault's error code on x86: arch/x86/include/asm/trap_pf.h.
inline constexpr std::uint64_t pf_protection = 1, pf_write = 2, pf_user = 4, pf_reserved = 8, pf_fetch = 16, pf_key = 32,
                               pf_shadow_stack = 64, pf_sgx = 0x8000;
// "a read of a page that is not there, by the program"
[[nodiscard]] std::string page_fault_words(std::uint64_t error);

}  // namespace abiscope::core
