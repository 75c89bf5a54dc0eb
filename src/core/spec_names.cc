#include "core/spec.h"

namespace abiscope::core {

namespace {

constexpr Name notes[] = {
    {nt_prstatus, "NT_PRSTATUS"},     {nt_fpregset, "NT_FPREGSET"},         {nt_prpsinfo, "NT_PRPSINFO"},
    {nt_auxv, "NT_AUXV"},             {nt_siginfo, "NT_SIGINFO"},           {nt_file, "NT_FILE"},
    {nt_x86_xstate, "NT_X86_XSTATE"}, {nt_x86_shstk, "NT_X86_SHSTK"},       {nt_arm_pac_mask, "NT_ARM_PAC_MASK"},
};

// Numbers of x86, ARM, RISC-V and most others (asm-generic/signal.h).
constexpr Name signals[] = {
    {1, "SIGHUP"},   {2, "SIGINT"},     {3, "SIGQUIT"},  {4, "SIGILL"},   {5, "SIGTRAP"},  {6, "SIGABRT"},  {7, "SIGBUS"},
    {8, "SIGFPE"},   {9, "SIGKILL"},    {10, "SIGUSR1"}, {11, "SIGSEGV"}, {12, "SIGUSR2"}, {13, "SIGPIPE"}, {14, "SIGALRM"},
    {15, "SIGTERM"}, {16, "SIGSTKFLT"}, {17, "SIGCHLD"}, {18, "SIGCONT"}, {19, "SIGSTOP"}, {20, "SIGTSTP"}, {21, "SIGTTIN"},
    {22, "SIGTTOU"}, {23, "SIGURG"},    {24, "SIGXCPU"}, {25, "SIGXFSZ"}, {26, "SIGVTALRM"}, {27, "SIGPROF"}, {28, "SIGWINCH"},
    {29, "SIGIO"},   {30, "SIGPWR"},    {31, "SIGSYS"},
};

struct Code {
    std::int32_t signal;   // 0: every signal
    std::int32_t code;
    std::string_view name;
};

constexpr Code codes[] = {
    {0, si_user, "SI_USER"},
    {0, si_kernel, "SI_KERNEL"},
    {0, si_queue, "SI_QUEUE"},
    {0, -2, "SI_TIMER"},
    {0, -3, "SI_MESGQ"},
    {0, -4, "SI_ASYNCIO"},
    {0, -5, "SI_SIGIO"},
    {0, si_tkill, "SI_TKILL"},
    {sigill, 1, "ILL_ILLOPC"},
    {sigill, 2, "ILL_ILLOPN"},
    {sigill, 3, "ILL_ILLADR"},
    {sigill, 4, "ILL_ILLTRP"},
    {sigill, 5, "ILL_PRVOPC"},
    {sigill, 6, "ILL_PRVREG"},
    {sigill, 7, "ILL_COPROC"},
    {sigill, 8, "ILL_BADSTK"},
    {sigfpe, 1, "FPE_INTDIV"},
    {sigfpe, 2, "FPE_INTOVF"},
    {sigfpe, 3, "FPE_FLTDIV"},
    {sigfpe, 4, "FPE_FLTOVF"},
    {sigfpe, 5, "FPE_FLTUND"},
    {sigfpe, 6, "FPE_FLTRES"},
    {sigfpe, 7, "FPE_FLTINV"},
    {sigfpe, 8, "FPE_FLTSUB"},
    {sigsegv, 1, "SEGV_MAPERR"},
    {sigsegv, 2, "SEGV_ACCERR"},
    {sigsegv, 3, "SEGV_BNDERR"},
    {sigsegv, 4, "SEGV_PKUERR"},
    {sigsegv, 5, "SEGV_ACCADI"},
    {sigsegv, 8, "SEGV_MTEAERR"},
    {sigsegv, 9, "SEGV_MTESERR"},
    {sigsegv, 10, "SEGV_CPERR"},
    {sigbus, 1, "BUS_ADRALN"},
    {sigbus, 2, "BUS_ADRERR"},
    {sigbus, 3, "BUS_OBJERR"},
    {sigbus, 4, "BUS_MCEERR_AR"},
    {sigbus, 5, "BUS_MCEERR_AO"},
    {sigtrap, 1, "TRAP_BRKPT"},
    {sigtrap, 2, "TRAP_TRACE"},
    {sigtrap, 3, "TRAP_BRANCH"},
    {sigtrap, 4, "TRAP_HWBKPT"},
    {sigsys, 1, "SYS_SECCOMP"},
    {sigsys, 2, "SYS_USER_DISPATCH"},
};

}  // namespace

NameTable note_names() { return notes; }

std::string_view signal_name(std::int32_t number) {
    return number < 0 ? std::string_view() : find_name(signals, static_cast<std::uint64_t>(number)).value_or("");
}

std::string_view code_name(std::int32_t signal, std::int32_t code) {
    for (const Code& one : codes) {
        if ((one.signal == 0 || one.signal == signal) && one.code == code) return one.name;
    }
    return {};
}

}  // namespace abiscope::core
