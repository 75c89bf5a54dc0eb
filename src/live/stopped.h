// What a process that stopped under ptrace holds, as a core dump wants it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/core_writer.h"

namespace abiscope::live {

// A signal as its receiver was told of it: siginfo_t in the kernel's own word size, 128 bytes.
using SignalRecord = std::vector<std::byte>;

struct StoppedProcess {
    int pid = 0;
    std::vector<int> threads;          // all of them stopped; the one that got the signal first
    int signal = 0;
    SignalRecord record;               // empty: not known

    // Through whom /proc shows the memory: a main thread that has ended has none.
    [[nodiscard]] int memory_owner() const { return threads.empty() ? pid : threads.front(); }
};

// Every thread must be in a ptrace stop. Errors: what /proc does not show.
[[nodiscard]] Result<core::DumpedProcess> read_stopped(const StoppedProcess& process);

// The general registers of one; nothing when it is not stopped, or this machine's are not known.
[[nodiscard]] std::optional<core::Registers> registers_of(int thread);

// What the kernel told the program that was just started: AT_* values by number (Linux, include/uapi/linux/auxvec.h).
[[nodiscard]] std::optional<std::uint64_t> auxiliary_value(int pid, std::uint64_t type);

// "/proc/PID/NAME", whole; empty when it cannot be read.
[[nodiscard]] std::string process_file(int pid, const char* name);
// What /proc/PID/stat has behind the name, which may hold anything: " STATE PARENT GROUP SESSION ..."; empty when it cannot be read.
[[nodiscard]] std::string process_state(int pid);
// Where the symbolic link of that name leads; empty when it cannot be read.
[[nodiscard]] std::string process_link(int pid, const char* name);

// Whether the signal waits to be delivered to the thread, or to its process.
[[nodiscard]] bool signal_pending(int thread, int signal);

// The record of a process that a seccomp filter killed without a signal (SECCOMP_RET_KILL): the kernel has shown it to nobody. Empty when
// the thread has no filter, or was not in a system call.
[[nodiscard]] SignalRecord seccomp_record(int thread);

}  // namespace abiscope::live
