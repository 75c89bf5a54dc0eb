#include "core/crash.h"

#include <algorithm>

#include "core/spec.h"

namespace abiscope::core {

namespace {

// How many frames have names looked up in one go; the middle of a deep stack is rarely asked for.
constexpr std::size_t most_named = 512;

std::unique_ptr<GoProcess> open_go(const Process& process) {
    finding::Sink unheard;   // `go` is the command that speaks of the program's tables
    return GoProcess::open(process, unheard);
}

UnwindOptions with_go(UnwindOptions options, GoFrames* frames) {
    if (frames != nullptr) options.sources.push_back(frames);
    return options;
}

}  // namespace

Crash::Crash(const Process& of, UnwindOptions options)
    : process(of),
      go(open_go(of)),
      go_frames(go ? std::make_unique<GoFrames>(*go) : nullptr),
      unwinder(of, with_go(std::move(options), go_frames.get())),
      symbols(of, go.get()) {
    if (process.notes.signal) signal = *process.notes.signal;
    const ThreadStatus* first = thread();
    if (first == nullptr) {
        stack.end = "there is no thread in the dump";
        return;
    }
    stack = unwinder.unwind(first->registers, first->id);
    if (go) find_go_thread();
    first = thread();
    std::vector<std::uint64_t> addresses;
    for (const StackItem& item : stack.items) {
        if (addresses.size() < most_named) addresses.push_back(item.frame.lookup_pc());
    }
    symbols.prepare(addresses);
    fault = read_fault(process, signal, first->registers, first->extended);
    // The signal is blocked in its handler: one that is raised there arrives when the handler returns, at the instruction that faulted.
    sent_again = signal.complete && is_fault(signal.number) && is_sent(signal.code) && sent_by_itself(signal) &&
        (system_call_at(process, first->registers) == Answer::no || !fault.pc_executable);
    if (sent_again) {
        SignalInfo earlier{.number = signal.number};
        earlier.place = signal.place;
        fault = read_fault(process, earlier, first->registers, first->extended);
        if (fault.signal.inferred == Inferred::no) infer_exception(process, fault);
        if (fault.signal.inferred != Inferred::no) fault.signal.inferred = Inferred::sent_again;
        behind = true;
    }
    // The outermost frame of a hardware fault is the first thing that went wrong.
    for (std::size_t i = stack.items.size(); i-- > 0;) {
        const Frame& frame = stack.items[i].frame;
        if (!frame.signal || !is_fault(frame.signal->info.number) || frame.signal->info.code <= 0) continue;
        Fault earlier = read_fault(process, *frame.signal);
        if (frame.signal->from_trap) {
            // Only an instruction that cannot have passed the recorded address is proof that the exception is its own.
            const auto& address = frame.signal->info.address;
            if (address ? !must_fault_at(process, earlier, *address) : earlier.signal.inferred == Inferred::no) continue;
            earlier.signal.complete = true;
            earlier.signal.inferred = signal.complete ? Inferred::no : Inferred::without_note;
        }
        fault = std::move(earlier);
        fault_frame = i + 1;
        behind = true;
        sent_again = false;
        break;
    }
    if (!behind && go) find_kept_fault();
}

void Crash::find_kept_fault() {
    kept = kept_signal(process, *go, *go_frames, stack);
    auto earlier = kept ? kept_fault(process, *kept, stack.items[kept->frame].frame) : std::nullopt;
    if (!earlier) return;
    fault = std::move(*earlier);
    fault_frame = kept->frame;
    behind = true;
}

void Crash::forget_kept_fault() {
    fault = read_fault(process, signal, thread()->registers, thread()->extended);
    fault_frame = 0;
    behind = false;
}

// With GOTRACEBACK=crash the thread that met a fault asks every other one to print its stack, by SIGQUIT, and the last of them ends the
// process (runtime.sighandler): the dump's first thread has nothing to do with it.
void Crash::find_go_thread() {
    auto interrupted_by = [&](const Stack& one, auto&& accept) {
        return std::ranges::any_of(one.items, [&](const StackItem& item) { return item.frame.signal && accept(item.frame.signal->info); });
    };
    auto asked = [&](const SignalInfo& info) { return info.number == sigquit && sent_by_itself(info); };
    if (!interrupted_by(stack, asked)) return;
    constexpr std::size_t most_threads = 4096;
    for (std::size_t i = 1; i < process.notes.threads.size() && i < most_threads; ++i) {
        Stack other = unwinder.unwind(process.notes.threads[i].registers, process.notes.threads[i].id);
        if (!interrupted_by(other, [](const SignalInfo& info) { return info.number != sigquit && info.number != sigurg; })) continue;
        stack = std::move(other);
        thread_index = i;
        return;
    }
    // The frames of Go are those of the last stack that was unwound.
    stack = unwinder.unwind(process.notes.threads.front().registers, process.notes.threads.front().id);
}

std::uint32_t Crash::pid() const {
    if (process.notes.process) return process.notes.process->pid;
    return thread() != nullptr ? thread()->id : 0;
}

std::optional<std::size_t> Crash::signal_frame() const {
    for (std::size_t i = stack.items.size(); i-- > 0;) {
        if (stack.items[i].frame.signal) return i;
    }
    return std::nullopt;
}

std::optional<std::size_t> Crash::find_frame(std::string_view name, std::size_t from) {
    for (std::size_t i = from; i < stack.items.size() && i < most_named; ++i) {
        if (function(i) == name) return i;
    }
    return std::nullopt;
}

}  // namespace abiscope::core
