// The frames the kernel pushes when it delivers a signal. Trampolines: glibc's __restore_rt, musl's __restore_rt and Go's
// runtime.sigreturn are the same bytes; Linux, arch/x86/entry/vdso/vdso32/sigreturn.S; arch/arm64/kernel/vdso/sigreturn.S. Layouts:
// arch/x86/include/uapi/asm/sigcontext.h, asm-generic/ucontext.h, arch/arm64/include/uapi/asm/sigcontext.h;
// arch/arm/kernel/sigreturn_codes.S.
#include <algorithm>
#include <array>

#include "bytes/reader.h"
#include "core/fault.h"
#include "core/spec.h"
#include "core/unwind.h"
#include "elf/spec.h"

namespace abiscope::core {

namespace {

struct Trampoline {
    std::uint16_t machine;
    std::array<std::uint8_t, 9> code;
    std::uint8_t size;
    bool with_info;                    // rt_sigframe: a siginfo_t and a ucontext_t
};

constexpr Trampoline trampolines[] = {
    {elf::em_x86_64, {0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05}, 9, true},   // mov rax, 15; syscall
    {elf::em_386, {0xb8, 0xad, 0x00, 0x00, 0x00, 0xcd, 0x80}, 7, true},                  // mov eax, 173; int 0x80
    {elf::em_386, {0x58, 0xb8, 0x77, 0x00, 0x00, 0x00, 0xcd, 0x80}, 8, false},           // pop eax; mov eax, 119; int 0x80
    {elf::em_aarch64, {0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4}, 8, true},        // mov x8, 139; svc 0
    {elf::em_arm, {0xad, 0x70, 0xa0, 0xe3, 0xad, 0x00, 0x90, 0xef}, 8, true},            // mov r7, 173; svc 0x9000ad
    {elf::em_arm, {0xad, 0x70, 0xa0, 0xe3, 0x00, 0x00, 0x00, 0xef}, 8, true},            // mov r7, 173; svc 0
    {elf::em_arm, {0xad, 0x27, 0x00, 0xdf}, 4, true},                                    // the same in Thumb
};

constexpr std::string_view x86_64_order[] = {"r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15", "rdi",
                                             "rsi", "rbp", "rbx", "rdx", "rax", "rcx", "rsp", "rip", "eflags"};
constexpr std::string_view i386_order[] = {"gs", "fs", "es", "ds", "edi", "esi", "ebp", "esp", "ebx", "edx", "ecx", "eax"};

View view_of(const std::vector<std::byte>& bytes) { return {std::span(bytes), 0}; }

constexpr std::uint64_t page_fault = 14;

// include/uapi/asm-generic/siginfo.h: the codes of signals that no instruction raises.
bool is_code_of(std::int32_t number, std::int32_t code) {
    constexpr std::int32_t sigchld = 17, sigio = 29, si_sigio = -5, si_asyncnl = -60;
    if (code == si_kernel || (code >= si_sigio && code <= si_user) || code == si_asyncnl) return true;
    if (number == sigsys) return code == 1 || code == 2;
    return (number == sigchld || number == sigio) && code >= 1 && code <= 6;
}

// Whether a siginfo can be that of the last exception (Intel SDM volume 3, table 6-1; Linux, arch/x86/kernel/traps.c).
bool agrees(const SignalInfo& info, std::uint64_t trap, std::uint64_t address) {
    if (info.number < 1 || info.number > 64) return false;
    constexpr std::int32_t most_processes = 1 << 22;   // PID_MAX_LIMIT
    if (is_sent(info.code)) return info.error == 0 && info.sender_pid.value_or(0) >= 0 && info.sender_pid.value_or(0) <= most_processes;
    if (!is_fault(info.number)) return is_code_of(info.number, info.code);
    switch (info.number) {
        case sigsegv:
            if (info.code == segv_maperr || info.code == segv_accerr) return trap == page_fault && info.address == address;
            return trap == 13 || trap == page_fault || trap == 21;
        case sigfpe: return trap == 0 || trap == 16 || trap == 19;
        case sigill: return trap == 6;
        case sigtrap: return trap == 1 || trap == 3;
        default: return true;
    }
}

// The signal of the last exception, which the frame holds whatever the handler asked for.
void signal_of_trap(SignalContext& out) {
    constexpr std::uint64_t by_user = 4, protection = 1;   // bits of a page fault's error code
    if (*out.trap == page_fault && (*out.error_code & by_user) != 0) {
        out.info = {.number = sigsegv, .code = (*out.error_code & protection) != 0 ? segv_accerr : segv_maperr};
        out.info.address = out.fault_address;
        out.from_trap = true;
    } else if (*out.trap == 0) {
        // 0 is also what a thread starts with that never had an exception.
        out.info = {.number = sigfpe, .code = fpe_intdiv};
        out.from_trap = true;
    }
}

// struct sigcontext_64 within the ucontext at `context`.
bool read_x86_64(const Memory& memory, std::uint64_t context, SignalContext& out) {
    std::vector<std::byte> bytes = memory.read_some(context, 304);
    std::vector<std::byte> info = memory.read_some(context + 304, 128);
    Reader reader(view_of(bytes), Endian::little, "sigcontext");
    reader.seek(40);
    for (std::string_view name : x86_64_order) out.registers.set(name, reader.u64());
    reader.skip(8);   // cs, gs, fs, ss
    out.error_code = reader.u64();
    out.trap = reader.u64();
    reader.skip(8);   // old mask
    out.fault_address = reader.u64();
    auto signal = read_siginfo(view_of(info), true, Endian::little);
    if (!reader.ok()) return false;
    // The kernel fills in the siginfo only for a handler with SA_SIGINFO: else what lies there is older than the signal.
    if (signal && agrees(*signal, *out.trap, *out.fault_address)) out.info = *signal;
    else if (*out.trap == page_fault) signal_of_trap(out);
    return true;
}

// struct sigcontext_32 at `context`.
bool read_i386(const Memory& memory, std::uint64_t context, SignalContext& out) {
    std::vector<std::byte> bytes = memory.read_some(context, 88);
    Reader reader(view_of(bytes), Endian::little, "sigcontext");
    for (std::string_view name : i386_order) out.registers.set(name, reader.u32());
    out.trap = reader.u32();
    out.error_code = reader.u32();
    out.registers.set("eip", reader.u32());
    out.registers.set("cs", reader.u32());
    out.registers.set("eflags", reader.u32());
    reader.skip(4 + 4 + 4 + 4);   // sp at the signal, ss, floating-point state, old mask
    out.fault_address = reader.u32();
    return reader.ok();
}

bool read_arm64(const Memory& memory, std::uint64_t context, SignalContext& out) {
    std::vector<std::byte> bytes = memory.read_some(context, 176 + 8 * 35);
    Reader reader(view_of(bytes), Endian::little, "sigcontext");
    reader.seek(176);
    out.fault_address = reader.u64();
    for (const RegisterPlace& place : out.registers.layout()->registers) out.registers.set(place.name, reader.u64());
    return reader.ok();
}

// struct sigcontext within the ucontext at `context` (arch/arm/include/uapi/asm/sigcontext.h).
bool read_arm(const Memory& memory, std::uint64_t context, SignalContext& out) {
    std::vector<std::byte> bytes = memory.read_some(context, 20 + 4 * 21);
    Reader reader(view_of(bytes), Endian::little, "sigcontext");
    reader.seek(20 + 4 * 3);   // trap_no, error_code, oldmask
    for (const RegisterPlace& place : out.registers.layout()->registers.first(17)) out.registers.set(place.name, reader.u32());
    out.fault_address = reader.u32();
    return reader.ok();
}

}  // namespace

std::optional<SignalContext> Unwinder::signal_frame(std::uint64_t pc, std::uint64_t sp) const {
    if (process_.layout == nullptr) return std::nullopt;
    std::uint16_t machine = process_.layout->machine;
    const Memory& memory = process_.memory;
    for (const Trampoline& one : trampolines) {
        if (one.machine != machine) continue;
        std::vector<std::byte> code = memory.read_some(pc, one.size);
        bool same = code.size() == one.size && std::equal(code.begin(), code.end(), one.code.begin(), [](std::byte a, std::uint8_t b) {
                        return std::to_integer<std::uint8_t>(a) == b;
                    });
        if (!same) continue;
        SignalContext out;
        out.registers = Registers(process_.layout);
        bool read = false;
        if (machine == elf::em_x86_64) {
            out.address = sp;
            read = read_x86_64(memory, sp, out);
        } else if (machine == elf::em_aarch64) {
            out.address = sp + 128;
            std::vector<std::byte> bytes = memory.read_some(sp, 128);
            auto info = read_siginfo(view_of(bytes), true, process_.order());
            if (info) out.info = *info;
            read = info && read_arm64(memory, sp + 128, out);
        } else if (machine == elf::em_arm) {
            out.address = sp + 128;
            std::vector<std::byte> bytes = memory.read_some(sp, 128);
            auto info = read_siginfo(view_of(bytes), false, process_.order());
            if (info) out.info = *info;
            read = info && read_arm(memory, sp + 128, out);
        } else if (one.with_info) {
            // The handler has popped nothing: number, pointer to siginfo, pointer to ucontext.
            auto info_at = memory.number(sp + 4, 4);
            auto context = memory.number(sp + 8, 4);
            if (info_at && context) {
                std::vector<std::byte> bytes = memory.read_some(*info_at, 128);
                auto info = read_siginfo(view_of(bytes), false, Endian::little);
                if (info) out.info = *info;
                out.address = *context;
                read = info && read_i386(memory, *context + 20, out);
            }
        } else {
            auto number = memory.number(sp, 4);
            if (number) out.info.number = static_cast<std::int32_t>(*number);
            out.address = sp + 4;
            read = number && read_i386(memory, sp + 4, out);
            bool of_trap = read && (*out.trap == page_fault ? *number == sigsegv : *out.trap == 0 && *number == sigfpe);
            if (of_trap) signal_of_trap(out);
        }
        if (!read) continue;
        if (out.trap && !out.from_trap && (is_sent(out.info.code) || !is_fault(out.info.number))) {
            // What lies in the place of the siginfo may be older than the signal; an instruction that must have raised the exception is
            // not.
            SignalContext other = out;
            other.info = {};
            signal_of_trap(other);
            Fault fault = read_fault(process_, other);
            bool proved = other.info.address ? must_fault_at(process_, fault, *other.info.address) : fault.signal.inferred != Inferred::no;
            if (other.from_trap && proved) return other;
        }
        return out;
    }
    return std::nullopt;
}

}  // namespace abiscope::core
