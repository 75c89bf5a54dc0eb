#include "cli/progress.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include <unistd.h>

#include <fmt/format.h>

namespace abiscope::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 1s;
constexpr auto period = 100ms;
constexpr std::size_t bar_width = 24;

void print(const std::string& line) {
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
}

}  // namespace

Progress::Progress(std::size_t total, bool shown, std::size_t done) : total_(total), done_(done) {
    if (shown && total != 0 && ::isatty(2) == 1) thread_ = std::thread([this] { run(); });
}

Progress::~Progress() {
    if (!thread_.joinable()) return;
    {
        std::lock_guard lock(mutex_);
        end_ = true;
    }
    ended_.notify_one();
    thread_.join();
}

void Progress::run() {
    std::unique_lock lock(mutex_);
    if (ended_.wait_for(lock, patience, [this] { return end_; })) return;
    do {
        std::size_t done = std::min(done_.load(std::memory_order_relaxed), total_);
        std::size_t filled = bar_width * done / total_;
        print(fmt::format("\r[{:#<{}}{:.<{}}] {} of {}\x1b[K", "", filled, "", bar_width - filled, done, total_));
    } while (!ended_.wait_for(lock, period, [this] { return end_; }));
    print("\r\x1b[K");
}

}  // namespace abiscope::cli
