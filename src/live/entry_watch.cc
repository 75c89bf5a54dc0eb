#include "live/entry_watch.h"

#include <cerrno>
#include <cstddef>
#include <cstring>

#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "core/spec.h"
#include "live/stopped.h"

namespace abiscope::live {

namespace {

#if defined(__x86_64__)
constexpr unsigned char trap_code[] = {0xcc};                      // int3
constexpr std::uint64_t passed = 1;                                // the counter stands behind it
#elif defined(__aarch64__)
constexpr unsigned char trap_code[] = {0x00, 0x00, 0x20, 0xd4};    // brk #0
constexpr std::uint64_t passed = 0;
#else
constexpr unsigned char trap_code[] = {0x73, 0x00, 0x10, 0x00};    // ebreak (RISC-V)
constexpr std::uint64_t passed = 0;
#endif

#if defined(__x86_64__)
// A debug register leaves the code as it is. DR7: bit 0 enables DR0, and type and length 0 are those of an instruction (Intel SDM
// 3B, 18.2.4).
bool set_debug_register(int thread, std::uint64_t address, std::uint64_t control) {
    return ::ptrace(PTRACE_POKEUSER, thread, offsetof(user, u_debugreg[0]), address) == 0 &&
        ::ptrace(PTRACE_POKEUSER, thread, offsetof(user, u_debugreg[7]), control) == 0;
}
#else
bool set_debug_register(int, std::uint64_t, std::uint64_t) { return false; }
#endif

// Takes the counter back to the instruction that was replaced.
bool set_pc(int thread, std::uint64_t pc) {
#if defined(__x86_64__)
    return ::ptrace(PTRACE_POKEUSER, thread, offsetof(user, regs.rip), pc) == 0;
#else
    static_cast<void>(thread);
    static_cast<void>(pc);
    return true;
#endif
}

}  // namespace

bool EntryWatch::set(int thread, std::uint64_t address) {
    address_ = address;
    hardware_ = set_debug_register(thread, address, 1);
    if (hardware_ || set_code(thread)) return true;
    address_ = 0;
    return false;
}

bool EntryWatch::set_code(int thread) {
    errno = 0;
    before_ = ::ptrace(PTRACE_PEEKTEXT, thread, address_, 0);
    if (before_ == -1 && errno != 0) return false;
    long changed = before_;
    std::memcpy(&changed, trap_code, sizeof trap_code);
    return ::ptrace(PTRACE_POKETEXT, thread, address_, changed) == 0;
}

bool EntryWatch::reached(int thread) {
    if (address_ == 0) return false;
    auto registers = registers_of(thread);
    auto pc = registers ? registers->pc() : std::nullopt;
    if (pc != address_ + (hardware_ ? 0 : passed)) return false;
    if (hardware_) {
        if (!set_debug_register(thread, 0, 0)) return false;
    } else if (::ptrace(PTRACE_POKETEXT, thread, address_, before_) != 0 || (passed != 0 && !set_pc(thread, address_))) {
        return false;
    }
    address_ = 0;
    return true;
}

}  // namespace abiscope::live
