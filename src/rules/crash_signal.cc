// Signals that somebody sent, and system calls that a filter refused.
#include <fmt/format.h>

#include "core/spec.h"
#include "rules/crash_builder.h"
#include "rules/crash_raise.h"
#include "rules/syscall_names.h"

namespace abiscope::rules {

namespace {

// The system call that the thread which got the signal had made; empty when it made none or its number is not known.
std::string_view call_in_progress(const core::Crash& crash) {
    const core::ThreadStatus* thread = crash.thread();
    if (thread == nullptr || core::system_call_at(crash.process, thread->registers) != core::Answer::yes) return {};
    auto number = core::system_call_number(thread->registers);
    if (!number) return {};
    return syscall_name(audit_arch_of(crash.process.layout->name), static_cast<std::int32_t>(*number));
}

bool sends_signals(std::string_view call) {
    return call == "kill" || call == "tkill" || call == "tgkill" || call == "rt_sigqueueinfo" || call == "rt_tgsigqueueinfo" ||
        call == "pidfd_send_signal";
}

// Changes which signals are blocked: one that this thread had sent itself while it was may arrive here. musl's raise() ends so.
bool unblocks_signals(std::string_view call) {
    return call == "rt_sigprocmask" || call == "sigprocmask" || call == "rt_sigsuspend" || call == "sigsuspend" ||
        call.starts_with("ppoll") || call.starts_with("pselect6") || call.starts_with("epoll_pwait");
}

// What the kernel sends in the name of the process itself, or of nobody: why.
std::string_view kernel_reason(const core::SignalInfo& info, std::string_view call) {
    bool of_kernel = info.code == core::si_kernel || (core::is_sent(info.code) && !sends_signals(call) && !call.empty());
    if (info.number == core::sigxcpu && info.code == core::si_kernel)
        return "the kernel, because the limit of processor time (RLIMIT_CPU) is reached,";
    if (info.number == core::sigxfsz && of_kernel) return "the kernel, because the limit of a file's size (RLIMIT_FSIZE) is reached,";
    if (info.number == core::sigpipe && of_kernel) return "the kernel, because nobody reads the pipe or socket that is written to,";
    if (info.code == core::si_timer) return "a timer that the process made (timer_create)";
    return {};
}

// Which code made the signal that the process sent to itself. Only the thread that got it is known to have been there.
std::string sender_words(core::Crash& crash, std::string_view call) {
    core::Answer calling =
        crash.thread() == nullptr ? core::Answer::unknown : core::system_call_at(crash.process, crash.thread()->registers);
    auto caller = behind_raise(crash);
    if (calling == core::Answer::yes && unblocks_signals(call) && !caller)
        return "this thread, while it had the signal blocked, or another thread";
    // -1: what rt_sigreturn leaves.
    bool returned =
        calling == core::Answer::yes && static_cast<std::int32_t>(core::system_call_number(crash.thread()->registers).value_or(0)) == -1;
    bool elsewhere = calling == core::Answer::no || returned ||
        (calling == core::Answer::yes && !call.empty() && !sends_signals(call) && !unblocks_signals(call));
    if (elsewhere) return "another thread, or a handler that had returned,";
    if (crash.stack.items.empty()) return "an unknown place";
    return place_words(crash, crash.stack.items[caller.value_or(0)].frame.lookup_pc());
}

}  // namespace

std::optional<Cause> outside_signal(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::SignalInfo& info = crash.signal;
    std::string_view call = call_in_progress(crash);
    // The kernel signs such a signal with the process's own number.
    bool from_outside = core::is_sent(info.code) && !crash.sent_by_itself(info);
    std::string_view kernel = info.complete && !from_outside ? kernel_reason(info, call) : std::string_view();
    // A handler that passes a fault on by sending it again is no sender.
    if (crash.behind || !info.complete || (kernel.empty() && (!core::is_sent(info.code) || !info.sender_pid))) return std::nullopt;
    bool own = !kernel.empty() || crash.sent_by_itself(info);
    // abort() signals the thread that called it.
    bool elsewhere = !call.empty() && !sends_signals(call) && (!unblocks_signals(call) || crash.stack.complete);
    // abort(), by tgkill(): the rules of libraries say why. kill(), sigqueue(), and raise() by another function, are not.
    if (own && info.number == core::sigabrt &&
        (crash.find_frame("abort") || crash.go || (info.code == core::si_tkill && !elsewhere && !raised_by_caller(crash))))
        return std::nullopt;
    std::string name(core::signal_name(info.number));
    if (name.empty()) name = fmt::format("signal {}", info.number);
    CauseBuilder builder(own ? RuleId::CRASH_RAISED : RuleId::CRASH_KILLED, crash);
    builder.signal();
    if (info.sender_pid && core::is_sent(info.code))
        builder.signal_field("sender_pid", static_cast<std::uint64_t>(*info.sender_pid),
                             fmt::format("sent by process {}{}", *info.sender_pid, own ? ", itself" : ""));
    builder.with("signal", name);
    if (!kernel.empty()) {
        builder.with("function", std::string(kernel));
        if (!call.empty()) builder.derived(fmt::format("the thread had called {}()", call));
        if (!crash.stack.items.empty())
            builder.derived(fmt::format("it was in {}", place_words(crash, crash.stack.items.front().frame.lookup_pc())));
        builder.reject("a fault of an instruction", "no instruction raises this signal");
        builder.help(info.code == core::si_timer
                         ? "have the program handle the signal before it starts the timer: sigaction(2), timer_create(2)"
                         : "raise the limit, or have the program handle the signal: setrlimit(2), signal(7)");
        return builder.build();
    }
    if (own) {
        builder.with("function", sender_words(crash, call));
        builder.reject("a fault of an instruction", "the code says that kill(), raise() or pthread_kill() made the signal");
        builder.help("look at the function that sends it, in the backtrace");
        return builder.build();
    }
    builder.signal_field("sender_uid", *info.sender_uid, fmt::format("user {}", *info.sender_uid));
    builder.with("pid", sender_process(*info.sender_pid)).with("uid", std::uint64_t{*info.sender_uid});
    builder.derived(fmt::format("the process itself is {}", crash.pid()));
    builder.reject("a fault of an instruction", "the code says that a process sent the signal");
    builder.help("ask what sends it: a watchdog, a supervisor, timeout(1), a test harness");
    return builder.build();
}

std::optional<Cause> seccomp_violation(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::SignalInfo& info = crash.signal;
    if (info.number != core::sigsys || core::is_sent(info.code) || !info.complete || !info.system_call || !info.system_call_arch)
        return std::nullopt;
    std::string name(syscall_name(*info.system_call_arch, *info.system_call));
    std::string what = name.empty() ? fmt::format("system call {}", *info.system_call) : fmt::format("{}()", name);
    if (info.code != core::sys_seccomp) {
        ask.missing.push_back(fmt::format("SIGSYS with code {} for {}: not made by seccomp", info.code, what));
        return std::nullopt;
    }
    CauseBuilder builder(RuleId::CRASH_SECCOMP, crash);
    builder.signal().signal_field("system_call", static_cast<std::uint64_t>(*info.system_call),
                                  fmt::format("system call {} is {}", *info.system_call, what));
    builder.signal_field("system_call_arch", *info.system_call_arch, fmt::format("of {}", audit_arch_name(*info.system_call_arch)));
    builder.signal_field("error", static_cast<std::uint64_t>(static_cast<std::uint32_t>(info.error)),
                         info.error == 0 ? "the filter gave no data: SECCOMP_RET_KILL"
                                         : fmt::format("the filter's data is {}: SECCOMP_RET_TRAP", info.error));
    builder.with("call", what);
    if (!crash.stack.items.empty()) builder.with("function", place_words(crash, crash.stack.items.front().frame.lookup_pc()));
    else builder.with("function", "an unknown place");
    builder.reject("a system call the kernel lacks", "that fails with ENOSYS and raises no signal");
    builder.help(
        "allow it in the filter (docker --security-opt seccomp=FILE, systemd SystemCallFilter=), or keep the program from calling it");
    return builder.build();
}

}  // namespace abiscope::rules
