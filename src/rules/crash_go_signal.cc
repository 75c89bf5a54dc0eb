// Signals that somebody sent to a Go program, which its runtime handles: it prints its goroutines, and ends the program by SIGABRT.
#include <fmt/format.h>

#include "core/spec.h"
#include "rules/crash_builder.h"
#include "rules/crash_raise.h"

namespace abiscope::rules {

namespace {

// The signal that the runtime was handling, and how that is known.
struct Handled {
    core::SignalInfo info;
    std::size_t interrupted = 0;       // index of the frame that it met
    std::string how, then;
};

std::optional<Handled> handled_signal(core::Crash& crash) {
    if (crash.kept) {
        return Handled{crash.kept->info, crash.kept->frame,
                       fmt::format("the runtime had made the signal a call of runtime.sigpanic in C code; its goroutine keeps it, at {}",
                                   hexadecimal(crash.kept->place)),
                       "it threw \"unexpected signal during runtime execution\", and ended the program by SIGABRT"};
    }
    auto at = crash.signal_frame();
    if (!at) return std::nullopt;
    Handled out{crash.stack.items[*at].frame.signal->info, *at + 1, {}, {}};
    std::string name(core::signal_name(out.info.number));
    std::int32_t sender = out.info.sender_pid.value_or(0);
    if (auto handler = crash.find_frame("runtime.sighandler"); handler && *handler < *at) {
        out.how = fmt::format("the runtime was handling {} of process {} (runtime.sighandler over the frame of that signal)", name, sender);
        out.then = "it printed its goroutines and ended the program by SIGABRT, as GOTRACEBACK=crash asks";
    } else if (auto bad = crash.find_frame("runtime.badsignal"); bad && *bad < *at) {
        out.how = fmt::format("the runtime was handling {} of process {} in a thread that is not Go's (runtime.badsignal)", name, sender);
        out.then = "it sent the signal once more, without its handler";
    } else {
        return std::nullopt;
    }
    return out;
}

// Which function had sent it, where the thread that it met was just doing that.
std::string sender_words(core::Crash& crash, const Handled& handled) {
    // C's syscall() calls the kernel for everything.
    if (handled.interrupted >= crash.stack.items.size() || crash.function(handled.interrupted) == "syscall") return "the program";
    auto words = [&](std::size_t frame) { return place_words(crash, crash.stack.items[frame].frame.lookup_pc()); };
    if (auto caller = behind_raise(crash, handled.interrupted)) return words(*caller);
    std::string place = words(handled.interrupted);
    // kill() may be handled by any thread: only one that was calling the kernel can have sent it.
    bool calling = place.find("yscall") != std::string::npos || place.starts_with("runtime.raise") || place.starts_with("runtime.tgkill");
    return calling ? place : "the program";
}

}  // namespace

std::optional<Cause> go_asked_to_dump(Ask ask) {
    core::Crash& crash = ask.crash;
    if (!crash.go || crash.behind || crash.signal.number != core::sigabrt) return std::nullopt;
    auto handled = handled_signal(crash);
    if (!handled) return std::nullopt;
    const core::SignalInfo& info = handled->info;
    if (!core::is_sent(info.code) || !info.sender_pid || !info.sender_uid) return std::nullopt;
    bool own = crash.sent_by_itself(info);
    // abort(), in C: the rules of libraries say why.
    if (own && info.number == core::sigabrt && info.code != core::si_user &&
        (crash.find_frame("abort", handled->interrupted) || !raised_by_caller(crash, handled->interrupted)))
        return std::nullopt;
    std::string name(core::signal_name(info.number));
    CauseBuilder builder(own ? RuleId::CRASH_RAISED : RuleId::CRASH_KILLED, crash);
    builder.signal().with("signal", name.empty() ? fmt::format("signal {}", info.number) : name);
    builder.derived(handled->how).derived(handled->then);
    builder.with("pid", sender_process(*info.sender_pid)).with("uid", std::uint64_t{*info.sender_uid});
    if (own) builder.with("function", sender_words(crash, *handled));
    builder.reject(
        "a panic or an error of the runtime",
        crash.kept ? "what it threw is only that C code met the signal" : "neither runtime.gopanic nor runtime.throw is on the stack");
    builder.reject("a fault of an instruction", "the code says that the signal was sent");
    builder.help("--goroutines shows where each goroutine was when it came");
    return builder.build();
}

}  // namespace abiscope::rules
