#include "live/job.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "core/spec.h"
#include "live/continue_watch.h"
#include "live/traced_program.h"

namespace abiscope::live {

namespace {

// What people and supervisors send to the process they started, which is us.
constexpr int passed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};

// Of the two signals of one kill() to a group.
constexpr std::chrono::milliseconds longest_between{20};

bool is_terminal_stop(int signal) { return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU; }

Error start_failed(const std::string& path) {
    return {.code = ErrorCode::cannot_open, .what = "cannot be started", .file = path, .wanted = {}, .had = std::strerror(errno)};
}

// Runs in the new process, where nothing but system calls is safe.
[[noreturn]] void become(const char* path, char* const* words, int go, int failure) {
    char byte = 0;
    while (::read(go, &byte, 1) < 0 && errno == EINTR) {}
    ::execve(path, words, environ);
    int error = errno;
    if (::write(failure, &error, sizeof error) < 0) ::_exit(126);
    ::_exit(127);
}

}  // namespace

Result<Job> Job::start(const StartRequest& request) {
    Job job;
    int go[2], failure[2];
    if (::pipe2(go, O_CLOEXEC) != 0) return fail(start_failed(request.path));
    if (::pipe2(failure, O_CLOEXEC) != 0) {
        Error error = start_failed(request.path);
        for (int end : go) ::close(end);
        return fail(std::move(error));
    }
    sigemptyset(&job.ours_);
    sigaddset(&job.ours_, SIGCHLD);
    for (int signal : passed_on) sigaddset(&job.ours_, signal);
    ::sigprocmask(SIG_BLOCK, &job.ours_, &job.before_);
    // An ignored SIGCHLD would take away how the program ends.
    auto* child_handler = ::signal(SIGCHLD, SIG_DFL);
    std::vector<char*> words;
    words.reserve(request.words.size() + 1);
    for (const std::string& word : request.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    job.pid_ = ::fork();
    if (job.pid_ == 0) {
        ::close(go[1]);
        ::signal(SIGCHLD, child_handler);
        ::signal(SIGPIPE, request.pipe_signal_ignored ? SIG_IGN : SIG_DFL);
        ::sigprocmask(SIG_SETMASK, &job.before_, nullptr);
        become(request.path.c_str(), words.data(), go[0], failure[1]);
    }
    Error error = start_failed(request.path);
    ::close(go[0]);
    ::close(failure[1]);
    job.go_ = go[1];
    job.failure_ = failure[0];
    if (job.pid_ < 0) return fail(std::move(error));
    return job;
}

Job::Job(Job&& other) noexcept
    : pid_(other.pid_),
      go_(std::exchange(other.go_, -1)),
      failure_(std::exchange(other.failure_, -1)),
      before_(other.before_),
      ours_(other.ours_) {}

Job::~Job() {
    if (go_ >= 0) ::close(go_);
    if (failure_ < 0) return;   // moved from
    ::close(failure_);
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

void Job::go() {
    char byte = 1;
    while (::write(go_, &byte, 1) < 0 && errno == EINTR) {}
    ::close(std::exchange(go_, -1));
}

int Job::exec_error() {
    int error = 0;
    return ::read(failure_, &error, sizeof error) == sizeof error ? error : 0;
}

void Job::wait(std::optional<std::chrono::milliseconds> longest) {
    siginfo_t info{};
    timespec limit{};
    if (longest) limit = {longest->count() / 1000, longest->count() % 1000 * 1000000};
    int got = longest ? ::sigtimedwait(&ours_, &info, &limit) : ::sigwaitinfo(&ours_, &info);
    if (got > 0 && got != SIGCHLD) received(info);
}

void Job::received(const siginfo_t& info) {
    int signal = info.si_signo;
    bool sent = core::is_sent(info.si_code);
    if (signal == SIGCONT) {
        if (sent && stopped_ && info.si_pid != pid_) ::kill(pid_, SIGCONT);
        return;
    }
    if (is_terminal_stop(signal)) {
        stop_seen_ = true;
        if (stopped_) {
            stop_too(signal);
            return;
        }
    }
    // The terminal sends to the whole group: the program has it as well.
    if (!sent || info.si_pid == pid_) return;
    // Another process may have sent it to the group. The program was last to join that and so has it first.
    if (signal_pending(pid_, signal)) sigaddset(&pending_there_, signal);
    else arrived_.push_back(info);
}

void Job::pass_on() {
    auto now = std::chrono::steady_clock::now();
    std::erase_if(deliveries_, [&](const Delivery& one) { return now - one.when > longest_between; });
    for (const siginfo_t& info : std::exchange(arrived_, {})) {
        auto same = std::ranges::find_if(deliveries_,
                                         [&](const Delivery& one) { return one.signal == info.si_signo && one.sender == info.si_pid; });
        if (same != deliveries_.end()) {
            deliveries_.erase(same);
            continue;
        }
        forwarded_.push_back(info);
        ::kill(pid_, info.si_signo);
    }
}

std::optional<siginfo_t> Job::original(const siginfo_t& info) {
    if (info.si_code != SI_USER || info.si_pid != ::getpid()) return std::nullopt;
    auto found = std::ranges::find(forwarded_, info.si_signo, &siginfo_t::si_signo);
    if (found == forwarded_.end()) return std::nullopt;
    siginfo_t out = *found;
    forwarded_.erase(found);
    sigdelset(&pending_there_, info.si_signo);
    return out;
}

void Job::delivered(const siginfo_t& info) {
    bool awaited = sigismember(&pending_there_, info.si_signo) == 1;
    sigdelset(&pending_there_, info.si_signo);
    if (awaited || !core::is_sent(info.si_code)) return;
    deliveries_.push_back({.signal = info.si_signo, .sender = info.si_pid, .when = std::chrono::steady_clock::now()});
}

void Job::program_will_stop(const siginfo_t& info) { stop_own_ = info.si_code > 0 || info.si_pid == pid_; }

void Job::program_stopped(int signal) {
    stopped_ = true;
    // A stop that another process sent to the program alone is between the two: whoever continues it will not think of us.
    if (std::exchange(stop_own_, false) || std::exchange(stop_seen_, false)) stop_too(signal);
}

void Job::stop_too(int signal) {
    stopped_ = true;
    stop_seen_ = false;
    ContinueWatch watch(pid_);
    if (signal == SIGSTOP) {
        ::kill(::getpid(), SIGSTOP);
    } else {
        sigset_t one;
        sigemptyset(&one);
        sigaddset(&one, signal);
        ::raise(signal);
        ::sigprocmask(SIG_UNBLOCK, &one, nullptr);   // it stops here
        ::sigprocmask(SIG_BLOCK, &one, nullptr);
    }
    // Somebody has continued us: the shell both of us, or a process that knows only one.
    if (!signal_pending(pid_, SIGCONT)) ::kill(pid_, SIGCONT);
}

}  // namespace abiscope::live
