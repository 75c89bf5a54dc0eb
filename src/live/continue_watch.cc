#include "live/continue_watch.h"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "live/stopped.h"

namespace abiscope::live {

namespace {

constexpr timespec between_looks{.tv_sec = 0, .tv_nsec = 20'000'000};

bool is_stopped(int pid) { return process_state(pid).starts_with(" T"); }

[[noreturn]] void watch(int program, int us) {
    while (::getppid() == us) {
        ::nanosleep(&between_looks, nullptr);
        // A program under ptrace keeps it until its tracer lets it go on.
        if (!signal_pending(program, SIGCONT)) continue;
        if (is_stopped(us)) ::kill(us, SIGCONT);
        break;
    }
    ::_exit(0);
}

}  // namespace

ContinueWatch::ContinueWatch(int program) {
    int us = ::getpid();
    watcher_ = ::fork();
    if (watcher_ == 0) watch(program, us);
}

ContinueWatch::~ContinueWatch() {
    if (watcher_ <= 0) return;
    ::kill(watcher_, SIGKILL);
    while (::waitpid(watcher_, nullptr, 0) < 0 && errno == EINTR) {}
}

}  // namespace abiscope::live
