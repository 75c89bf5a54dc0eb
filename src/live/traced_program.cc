#include "live/traced_program.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <utility>

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"
#include "core/spec.h"
#include "live/entry_watch.h"
#include "live/job.h"

namespace abiscope::live {

namespace {

constexpr long trace_options = PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL;

// A thread that sleeps in the kernel without end must not keep the others from being looked at.
constexpr std::chrono::milliseconds longest_death{2000};
// By then every thread of a process that dies has heard of it.
constexpr std::chrono::milliseconds longest_news{500};

struct Thread {
    bool foreign = false;              // a process of its own, made by clone(): not ours to watch
    bool ended = false;
    bool held = false;                 // stopped at its end, with everything still there
    int signal = 0;                    // the last one that was delivered to it
    SignalRecord record;
};

bool is_stop_signal(int signal) { return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU; }

SignalRecord signal_record(int thread) {
    siginfo_t info{};
    if (::ptrace(PTRACE_GETSIGINFO, thread, nullptr, &info) != 0) return {};
    SignalRecord out(sizeof info);
    std::memcpy(out.data(), &info, sizeof info);
    return out;
}

siginfo_t info_of(const SignalRecord& record) {
    siginfo_t info{};
    if (!record.empty()) std::memcpy(&info, record.data(), std::min(record.size(), sizeof info));
    return info;
}

bool is_thread_of(int pid, int thread) {
    return process_file(thread, "status").find(fmt::format("\nTgid:\t{}\n", pid)) != std::string::npos;
}

class Tracer {
public:
    Tracer(Job& job, const Autopsy& autopsy) : job_(job), autopsy_(autopsy), pid_(job.pid()) { threads_[pid_] = {}; }

    Ending run() {
        while (!over_) {
            int status = 0;
            pid_t id = ::waitpid(-1, &status, __WALL | WNOHANG);
            if (id > 0) {
                handle(id, status);
                continue;
            }
            if (id < 0 && errno != EINTR) break;
            job_.pass_on();
            bool hurry = ending_.signal != 0 && !looked_at_;
            if (hurry) hasten();
            job_.wait(hurry ? std::optional(std::chrono::milliseconds(100)) : std::nullopt);
        }
        return std::move(ending_);
    }

    Ending& ending() { return ending_; }

private:
    static void resume(int thread, int signal = 0) { ::ptrace(PTRACE_CONT, thread, nullptr, static_cast<long>(signal)); }

    void handle(int id, int status) {
        if (!WIFSTOPPED(status)) {
            ended(id, status);
            return;
        }
        auto [at, fresh] = threads_.try_emplace(id);
        Thread& thread = at->second;
        if (fresh && !is_thread_of(pid_, id)) thread.foreign = true;
        if (thread.foreign) {
            ::ptrace(PTRACE_DETACH, id, nullptr, static_cast<long>(status >> 16 == 0 ? WSTOPSIG(status) : 0));
            threads_.erase(at);
            return;
        }
        int signal = WSTOPSIG(status);
        switch (status >> 16) {
            case 0: delivered(id, thread, signal); return;
            case PTRACE_EVENT_STOP:
                if (is_stop_signal(signal)) stopped(id, signal);
                else resumed(id);
                return;
            case PTRACE_EVENT_EXEC: executed(id); return;
            case PTRACE_EVENT_EXIT: exiting(id, thread); return;
            case PTRACE_EVENT_CLONE: cloned(id); return;
            default: resume(id); return;
        }
    }

    // The new thread's own first stop may come later than the end of this one.
    void cloned(int id) {
        unsigned long made = 0;
        ::ptrace(PTRACE_GETEVENTMSG, id, nullptr, &made);
        int other = static_cast<int>(made);
        if (is_thread_of(pid_, other)) threads_.try_emplace(other);
        resume(id);
    }

    void ended(int id, int status) {
        threads_.erase(id);
        if (id != pid_) {
            look_when_ready();
            return;
        }
        over_ = true;
        if (WIFEXITED(status)) {
            ending_.kind = EndKind::exited;
            ending_.exit_code = WEXITSTATUS(status);
            ending_.signal = 0;
        } else {
            ending_.kind = EndKind::killed;
            ending_.signal = WTERMSIG(status);
        }
    }

    void executed(int id) {
        // The other threads are gone, and this one has taken the number of the first.
        threads_.clear();
        threads_[id] = {};
        ending_.executed = true;
        ending_.handled = {};
        ending_.program = process_link(pid_, "exe");
        ending_.started_as.clear();
        if (auto name = auxiliary_value(id, core::at_execfn)) ending_.started_as = text_at(id, *name);
        auto loader = auxiliary_value(id, core::at_base), entry = auxiliary_value(id, core::at_entry);
        // Without an interpreter the kernel starts the program itself.
        ending_.entered = !loader || *loader == 0 || !entry || !watch_.set(id, *entry);
        resume(id);
    }

    void delivered(int id, Thread& thread, int signal) {
        if (signal == SIGTRAP && !ending_.entered && watch_.reached(id)) {
            ending_.entered = true;
            resume(id);
            return;
        }
        SignalRecord record = signal_record(id);
        siginfo_t info = info_of(record);
        if (auto original = job_.original(info)) {
            info = *original;
            ::ptrace(PTRACE_SETSIGINFO, id, nullptr, &info);
            std::memcpy(record.data(), &info, std::min(record.size(), sizeof info));
        } else {
            job_.delivered(info);
        }
        // What went to a handler before is known not to have been the end.
        if (core::is_fault(thread.signal) && info_of(thread.record).si_code > 0) note_handled(id, thread);
        thread.signal = signal;
        thread.record = std::move(record);
        if (core::is_fault(signal) && info.si_code > 0) {
            auto registers = registers_of(id);
            pc_[id] = registers ? registers->pc().value_or(0) : 0;
        }
        if (is_stop_signal(signal)) job_.program_will_stop(info);
        resume(id, signal);
    }

    void note_handled(int id, const Thread& thread) {
        siginfo_t info = info_of(thread.record);
        ++ending_.handled.count;
        ending_.handled.signal = thread.signal;
        ending_.handled.address = reinterpret_cast<std::uintptr_t>(info.si_addr);
        ending_.handled.pc = pc_[id];
    }

    void stopped(int id, int signal) {
        ::ptrace(PTRACE_LISTEN, id, nullptr, nullptr);
        if (id == pid_) job_.program_stopped(signal);
    }

    void resumed(int id) {
        resume(id);
        if (id == pid_) job_.program_continued();
    }

    // Everything a core dump holds is still there, and nothing can change it any more.
    void exiting(int id, Thread& thread) {
        unsigned long code = 0;
        ::ptrace(PTRACE_GETEVENTMSG, id, nullptr, &code);
        int signal = static_cast<int>(code & 0x7f);
        if (signal == 0 || looked_at_ || !leaves_core(signal)) {
            thread.ended = true;
            if (signal != 0) note_sender(thread, signal);
            resume(id);
            look_when_ready();
            return;
        }
        if (ending_.signal == 0) dying_since_ = std::chrono::steady_clock::now();
        ending_.signal = signal;
        thread.held = true;
        dying_.push_back(id);
        look_when_ready();
    }

    void note_sender(const Thread& thread, int signal) {
        siginfo_t info = info_of(thread.record);
        if (thread.signal == signal && core::is_sent(info.si_code)) ending_.sender = info.si_pid;
    }

    void look_when_ready() {
        if (ending_.signal == 0 || looked_at_ || dying_.empty()) return;
        bool all = std::ranges::all_of(threads_, [](const auto& one) { return one.second.held || one.second.ended; });
        if (all) look();
    }

    // Not all threads have come to their end.
    void hasten() {
        auto waited = std::chrono::steady_clock::now() - dying_since_;
        if (waited < longest_news) return;
        bool lives = std::ranges::any_of(
            threads_, [](const auto& one) { return !one.second.held && !one.second.ended && !signal_pending(one.first, SIGKILL); });
        if (waited > longest_death) look();
        else if (lives) let_go();
    }

    // A thread that dies alone (SECCOMP_RET_KILL_THREAD): the program goes on.
    void let_go() {
        ending_.signal = 0;
        for (int id : std::exchange(dying_, {})) {
            threads_[id].held = false;
            threads_[id].ended = true;
            resume(id);
        }
    }

    void look() {
        looked_at_ = true;
        StoppedProcess process{.pid = pid_, .threads = {}, .signal = ending_.signal, .record = {}};
        auto guilty = std::ranges::find_if(dying_, [&](int id) { return threads_[id].signal == ending_.signal; });
        if (guilty != dying_.end()) {
            process.record = threads_[*guilty].record;
        } else if (ending_.signal == core::sigsys) {
            guilty = std::ranges::find_if(dying_, [&](int id) { return !(process.record = seccomp_record(id)).empty(); });
        }
        if (guilty != dying_.end()) std::ranges::rotate(dying_.begin(), guilty, std::next(guilty));
        process.threads = dying_;
        if (!process.threads.empty()) {
            note_sender(threads_[process.threads.front()], ending_.signal);
            autopsy_(process, ending_);
        }
        for (int id : dying_) {
            threads_[id].held = false;
            threads_[id].ended = true;
            resume(id);
        }
    }

    static std::string text_at(int id, std::uint64_t address) {
        std::string out;
        while (out.size() < 4096) {
            errno = 0;
            long word = ::ptrace(PTRACE_PEEKDATA, id, address + out.size(), 0);
            if (errno != 0) return {};
            char bytes[sizeof word];
            std::memcpy(bytes, &word, sizeof word);
            std::size_t size = ::strnlen(bytes, sizeof bytes);
            out.append(bytes, size);
            if (size < sizeof bytes) return out;
        }
        return out;
    }

    Job& job_;
    const Autopsy& autopsy_;
    int pid_;
    std::map<int, Thread> threads_;
    std::map<int, std::uint64_t> pc_;  // of the last fault of each
    std::vector<int> dying_;           // held, in the order they got there
    std::chrono::steady_clock::time_point dying_since_;
    EntryWatch watch_;
    Ending ending_;
    bool looked_at_ = false;
    bool over_ = false;
};

// Where ptrace is not to be had: only how it ended is seen.
Ending watch_from_outside(Job& job) {
    Ending ending;
    for (;;) {
        int status = 0;
        pid_t id = ::waitpid(job.pid(), &status, WNOHANG | WUNTRACED | WCONTINUED);
        if (id == 0) {
            job.pass_on();
            job.wait(std::nullopt);
            continue;
        }
        if (id < 0 && errno == EINTR) continue;
        if (id < 0) return ending;
        if (WIFSTOPPED(status)) {
            job.program_stopped(WSTOPSIG(status));
        } else if (WIFCONTINUED(status)) {
            job.program_continued();
        } else if (WIFEXITED(status)) {
            ending.exit_code = WEXITSTATUS(status);
            ending.executed = true;
            return ending;
        } else if (WIFSIGNALED(status)) {
            ending.kind = EndKind::killed;
            ending.signal = WTERMSIG(status);
            ending.executed = true;
            return ending;
        }
    }
}

}  // namespace

bool leaves_core(int signal) {
    constexpr int with_core[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGXCPU, SIGXFSZ};
    return std::ranges::find(with_core, signal) != std::end(with_core);
}

Result<Ending> run_program(const StartRequest& request, const Autopsy& autopsy) {
    ABISCOPE_TRY(Job job, Job::start(request));
    Ending ending;
    if (::ptrace(PTRACE_SEIZE, job.pid(), nullptr, trace_options) == 0) {
        job.go();
        ending = Tracer(job, autopsy).run();
        ending.traced = true;
    } else {
        std::string reason = std::strerror(errno);
        job.go();
        ending = watch_from_outside(job);
        ending.untraced_reason = std::move(reason);
    }
    ending.pid = job.pid();
    if (int error = job.exec_error(); error != 0) {
        ending.kind = EndKind::not_started;
        ending.error = error;
        ending.executed = false;
    }
    return ending;
}

}  // namespace abiscope::live
