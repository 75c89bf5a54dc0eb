// Everything the rules ask about one crash: the process, the thread, its stack with names, and the fault to explain.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/fault.h"
#include "core/go_fault.h"
#include "core/go_frames.h"
#include "core/go_process.h"
#include "core/process.h"
#include "core/symbolize.h"
#include "core/unwind.h"

namespace abiscope::core {

struct Crash {
    explicit Crash(const Process& of, UnwindOptions options = {});

    const Process& process;
    std::unique_ptr<GoProcess> go;         // null: no Go program
    std::unique_ptr<GoFrames> go_frames;   // of `go`
    Unwinder unwinder;
    Symbolizer symbols;
    SignalInfo signal;                 // the one that ended the process
    Stack stack;                       // of the thread that got it
    Fault fault;                       // the one to explain
    std::size_t fault_frame = 0;       // index into stack.items of the frame that faulted
    bool behind = false;               // `fault` came before `signal`, whose sender is the handler of the first
    bool sent_again = false;           // by that handler, to be delivered when it returned: `fault` has the registers of the thread

    std::optional<KeptSignal> kept;    // that C code met under Go, whose frame is gone

    std::size_t thread_index = 0;      // into the dump's threads: the one that `stack` is of

    [[nodiscard]] const ThreadStatus* thread() const {
        return thread_index < process.notes.threads.size() ? &process.notes.threads[thread_index] : nullptr;
    }
    [[nodiscard]] std::uint32_t pid() const;
    // Whether the process itself sent that signal; false where its sender is not recorded.
    [[nodiscard]] bool sent_by_itself(const SignalInfo& info) const {
        return info.sender_pid && static_cast<std::uint32_t>(*info.sender_pid) == pid();
    }
    // The name of the function of stack.items[index]; empty when it is not known.
    [[nodiscard]] const std::string& function(std::size_t index) { return symbols.at(stack.items[index].frame.lookup_pc()).function; }
    // Index of the outermost frame that a signal's handler was called on top of.
    [[nodiscard]] std::optional<std::size_t> signal_frame() const;
    // Index of the first frame of that function from `from` on.
    [[nodiscard]] std::optional<std::size_t> find_frame(std::string_view name, std::size_t from = 0);

    // Explains the signal that ended the process after all, where `fault` is of what a goroutine kept and no rule covers it.
    void forget_kept_fault();

private:
    void find_go_thread();
    void find_kept_fault();
};

}  // namespace abiscope::core
