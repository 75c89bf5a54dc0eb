// Signals that somebody sent, and system calls that a filter refused.
#include <fmt/format.h>

#include "core/spec.h"
#include "rules/crash_builder.h"
#include "rules/syscall_names.h"

namespace abiscope::rules {

std::optional<Cause> outside_signal(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::SignalInfo& info = crash.signal;
    // A handler that passes a fault on by sending it again is no sender.
    if (crash.behind || !info.complete || !core::is_sent(info.code) || !info.sender_pid) return std::nullopt;
    bool own = crash.sent_by_itself(info);
    if (own && info.number == core::sigabrt) return std::nullopt;   // abort(): the rules of libraries say why
    std::string name(core::signal_name(info.number));
    if (name.empty()) name = fmt::format("signal {}", info.number);
    CauseBuilder builder(own ? RuleId::CRASH_RAISED : RuleId::CRASH_KILLED, crash);
    builder.signal();
    builder.signal_field("sender_pid", static_cast<std::uint64_t>(*info.sender_pid),
                         fmt::format("sent by process {}{}", *info.sender_pid, own ? ", itself" : ""));
    builder.with("signal", name);
    if (own) {
        std::size_t from = 0;
        for (std::string_view skip :
             {"__pthread_kill_implementation", "pthread_kill", "__pthread_kill", "raise", "gsignal", "kill", "tgkill"})
            if (from < crash.stack.items.size() && crash.function(from) == skip) ++from;
        std::string who = crash.stack.items.empty()
            ? "an unknown place"
            : place_words(crash, crash.stack.items[std::min(from, crash.stack.items.size() - 1)].frame.lookup_pc());
        builder.with("function", who);
        builder.reject("a fault of an instruction", "the code says that kill(), raise() or pthread_kill() made the signal");
        builder.help("look at the function that sends it, in the backtrace");
        return builder.build();
    }
    builder.signal_field("sender_uid", *info.sender_uid, fmt::format("user {}", *info.sender_uid));
    builder.with("pid",
                 *info.sender_pid == 0 ? std::string("a process outside its container (0)") : fmt::format("process {}", *info.sender_pid));
    builder.with("uid", std::uint64_t{*info.sender_uid});
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
