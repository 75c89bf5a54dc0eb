// A program as a shell's job: its start, and the signals that reach this process in its place. Everything the terminal or another process
// sends has the effect it would have without us.
#pragma once

#include <chrono>
#include <csignal>
#include <optional>
#include <vector>

#include "base/result.h"

namespace abiscope::live {

struct StartRequest;

class Job {
public:
    // The new process waits for go(), so that it can be traced before it executes anything.
    [[nodiscard]] static Result<Job> start(const StartRequest& request);
    Job(Job&& other) noexcept;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    ~Job();

    [[nodiscard]] int pid() const { return pid_; }
    void go();
    // Why execve() failed; 0: it did not. Only once the process has ended.
    [[nodiscard]] int exec_error();

    // Until something happens to the program, a signal came, or the time is over.
    void wait(std::optional<std::chrono::milliseconds> longest);
    // What came to us and not to the program, once everything that happened to the program has been seen.
    void pass_on();

    // --- what a tracer sees of the program ---

    // A signal we have passed on carries our number; this is what it was when it came to us.
    [[nodiscard]] std::optional<siginfo_t> original(const siginfo_t& info);
    // Not one that we have passed on.
    void delivered(const siginfo_t& info);
    void program_will_stop(const siginfo_t& info);   // a stop signal is about to be delivered
    void program_stopped(int signal);
    void program_continued() { stopped_ = false; }

    // Stops this process as `signal` stopped the program, so that the shell sees what it would see without us.
    void stop_too(int signal);

private:
    Job() = default;
    void received(const siginfo_t& info);

    int pid_ = 0;
    int go_ = -1;
    int failure_ = -1;
    sigset_t before_{};                // the signal mask we were started with
    sigset_t ours_{};
    struct Delivery {
        int signal;
        int sender;
        std::chrono::steady_clock::time_point when;
    };

    std::vector<siginfo_t> arrived_;   // here; whether at the program is not known yet
    std::vector<siginfo_t> forwarded_;
    std::vector<Delivery> deliveries_; // at the program; we may have been sent the same
    sigset_t pending_there_{};         // sent to both, and the program has still to take it
    bool stop_seen_ = false;           // a stop signal came to us as well
    bool stop_own_ = false;            // the program stops itself, or the terminal stops it
    bool stopped_ = false;
};

}  // namespace abiscope::live
