// A line on standard error while something takes longer than a second, for people at a terminal; gone without a trace when it ends.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

namespace abiscope::cli {

class Progress {
public:
    // `shown` false, or standard error no terminal: nothing is ever printed. `done` of the total are finished already.
    Progress(std::size_t total, bool shown, std::size_t done = 0);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void step() { done_.fetch_add(1, std::memory_order_relaxed); }   // one of the total is finished; from any thread

private:
    void run();

    const std::size_t total_;
    std::atomic<std::size_t> done_{0};
    std::mutex mutex_;
    std::condition_variable ended_;
    bool end_ = false;
    std::thread thread_;
};

}  // namespace abiscope::cli
