// Starts a program and stays beside it until it ends, without standing in its way: under ptrace where that is allowed, with its own
// terminal, signals and job control. When a signal kills it, whoever asked can look at it while its memory is still there.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "live/stopped.h"

namespace abiscope::live {

struct StartRequest {
    std::string path;                  // of the file, as execve() takes it
    std::vector<std::string> words;    // argv, the name it is called by first
    bool pipe_signal_ignored = false;  // SIGPIPE is to be ignored in the program
};

// The last fault that went to a handler of the program.
struct HandledFault {
    std::uint64_t count = 0;           // of all of them
    int signal = 0;
    std::uint64_t pc = 0;
    std::uint64_t address = 0;
};

enum class EndKind : std::uint8_t {
    not_started,   // execve() failed: `error`
    exited,        // `exit_code`
    killed,        // `signal`
};

struct Ending {
    int pid = 0;
    EndKind kind = EndKind::exited;
    int exit_code = 0;
    int signal = 0;
    int error = 0;
    bool executed = false;             // execve() came to an end: false for a program that the kernel kills while it starts it
    bool traced = false;
    std::string untraced_reason;       // where it could not be
    // Only of a traced program: whether the loader handed over to the entry point, and what had been executed last.
    bool entered = false;
    std::string program;               // its path (/proc/PID/exe)
    std::string started_as;            // what execve() was called with (AT_EXECFN)
    HandledFault handled;
    std::optional<int> sender;         // process that sent `signal`
};

// While it is called every thread is stopped.
using Autopsy = std::function<void(const StoppedProcess&, const Ending&)>;

// Errors: no process or pipe can be made.
[[nodiscard]] Result<Ending> run_program(const StartRequest& request, const Autopsy& autopsy);

// Signals that say the program went wrong: those that leave a core dump.
[[nodiscard]] bool leaves_core(int signal);

}  // namespace abiscope::live
