// Numbers of Linux core dumps and signals. Sources: Linux, include/uapi/linux/elf.h (NT_*), include/uapi/asm-generic/{signal,siginfo}.h,
// include/uapi/linux/auxvec.h (AT_*); glibc, elf/elf.h.
#pragma once

#include <cstdint>

#include "base/names.h"

namespace abiscope::core {

inline constexpr std::uint32_t nt_prstatus = 1;
inline constexpr std::uint32_t nt_fpregset = 2;
inline constexpr std::uint32_t nt_prpsinfo = 3;
inline constexpr std::uint32_t nt_auxv = 6;
inline constexpr std::uint32_t nt_siginfo = 0x53494749;
inline constexpr std::uint32_t nt_file = 0x46494c45;
inline constexpr std::uint32_t nt_x86_xstate = 0x202;
inline constexpr std::uint32_t nt_x86_shstk = 0x204;
inline constexpr std::uint32_t nt_arm_pac_mask = 0x406;

// Selectors of code segments: Linux, arch/x86/include/asm/segment.h (__USER32_CS, __USER_CS), and for a guest of Xen xen/interface/xen.h
// (FLAT_USER_CS32, FLAT_USER_CS64).
[[nodiscard]] constexpr bool is_code_segment_32(std::uint64_t selector) { return selector == 0x23 || selector == 0xe023; }
[[nodiscard]] constexpr bool is_code_segment_64(std::uint64_t selector) { return selector == 0x33 || selector == 0xe033; }

inline constexpr std::uint64_t at_phdr = 3;
inline constexpr std::uint64_t at_pagesz = 6;
inline constexpr std::uint64_t at_base = 7;
inline constexpr std::uint64_t at_entry = 9;
inline constexpr std::uint64_t at_hwcap = 16;
inline constexpr std::uint64_t at_random = 25;
inline constexpr std::uint64_t at_execfn = 31;
inline constexpr std::uint64_t at_sysinfo_ehdr = 33;

inline constexpr std::int32_t sigquit = 3;
inline constexpr std::int32_t sigill = 4;
inline constexpr std::int32_t sigtrap = 5;
inline constexpr std::int32_t sigabrt = 6;
inline constexpr std::int32_t sigbus = 7;
inline constexpr std::int32_t sigfpe = 8;
inline constexpr std::int32_t sigsegv = 11;
inline constexpr std::int32_t sigpipe = 13;
inline constexpr std::int32_t sigurg = 23;   // Go preempts goroutines with it
inline constexpr std::int32_t sigstop = 19;
inline constexpr std::int32_t sigxcpu = 24;
inline constexpr std::int32_t sigxfsz = 25;
inline constexpr std::int32_t sigsys = 31;

// si_code, for every signal.
inline constexpr std::int32_t si_user = 0;
inline constexpr std::int32_t si_kernel = 0x80;
inline constexpr std::int32_t si_queue = -1;
inline constexpr std::int32_t si_timer = -2;
inline constexpr std::int32_t si_tkill = -6;

inline constexpr std::int32_t segv_maperr = 1;
inline constexpr std::int32_t segv_accerr = 2;
inline constexpr std::int32_t bus_adraln = 1;
inline constexpr std::int32_t bus_adrerr = 2;
inline constexpr std::int32_t ill_illopn = 2;
inline constexpr std::int32_t fpe_intdiv = 1;
inline constexpr std::int32_t sys_seccomp = 1;

[[nodiscard]] NameTable note_names();
[[nodiscard]] std::string_view signal_name(std::int32_t number);                        // "SIGSEGV"; "signal 40" has no name: empty
[[nodiscard]] std::string_view code_name(std::int32_t signal, std::int32_t code);       // "SEGV_MAPERR"; empty when unknown

// A signal the kernel raises for what an instruction did.
[[nodiscard]] inline bool is_fault(std::int32_t signal) {
    return signal == sigsegv || signal == sigbus || signal == sigill || signal == sigfpe || signal == sigtrap;
}
// Sent by a process: kill(), tgkill(), sigqueue().
[[nodiscard]] inline bool is_sent(std::int32_t code) { return code == si_user || code == si_tkill || code == si_queue; }

}  // namespace abiscope::core
