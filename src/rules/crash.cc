#include "rules/crash.h"

#include <fmt/format.h>

#include "core/spec.h"
#include "rules/crash_builder.h"

namespace abiscope::rules {

namespace {

// Who sent it decides before what was executed, and the instruction before the address.
constexpr CrashRule questions[] = {
    seccomp_violation, outside_signal,   go_abort,    go_asked_to_dump, library_abort,        language_abort,
    bad_jump_buffer,   bad_signal_frame, bad_handler, unmapped_memory,  bad_control_transfer, general_protection,
    stack_exhausted,   segment_access,   bad_pointer, bus_error,        illegal_instruction,  arithmetic_trap,
};

std::string signal_words(const core::SignalInfo& signal) {
    std::string name(core::signal_name(signal.number));
    if (name.empty()) name = fmt::format("signal {}", signal.number);
    std::string code(core::code_name(signal.number, signal.code));
    return fmt::format("{} ({})", name, code.empty() ? fmt::format("code {}", signal.code) : code);
}

}  // namespace

Diagnosis diagnose(core::Crash& crash) {
    Diagnosis out;
    if (crash.process.notes.threads.empty() || !crash.process.notes.signal) {
        out.missing.emplace_back("the dump has no NT_PRSTATUS and no NT_SIGINFO note: neither registers nor signal are known");
        return out;
    }
    if (crash.signal.number == 0) {
        out.missing.emplace_back("no signal is recorded: the dump was made of a process that had not crashed (gcore)");
        return out;
    }
    if (crash.signal.number == core::sigstop && crash.thread() != nullptr) {
        out.missing.emplace_back(
            "it was stopped when the dump was made (SIGSTOP), and had not crashed: gcore; --threads shows where each thread was");
        return out;
    }
    if (crash.process.layout == nullptr) {
        out.missing.emplace_back("the registers of this machine are not understood");
        return out;
    }
    for (CrashRule rule : questions) {
        out.cause = rule({crash, out.missing});
        if (out.cause) return out;
    }
    if (crash.fault.of_goroutine) {
        crash.forget_kept_fault();
        out.missing.clear();
        out.cause = go_abort({crash, out.missing});
        if (out.cause) return out;
    }
    // Sent by the process itself, and not because the instruction faulted.
    if (crash.sent_again) {
        crash.behind = crash.sent_again = false;
        crash.fault.signal = crash.signal;
        out.cause = outside_signal({crash, out.missing});
        if (out.cause) return out;
    }
    if (!crash.signal.complete && core::is_fault(crash.signal.number))
        out.missing.emplace_back("the dump has no NT_SIGINFO note: the address of the fault is not known");
    if (out.missing.empty()) out.missing.push_back(fmt::format("no rule covers {}", signal_words(crash.fault.signal)));
    return out;
}

}  // namespace abiscope::rules
