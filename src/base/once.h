// Something that is done once, by whoever needs it first. Unlike std::call_once it makes no system call where nobody waits: glibc's wakes
// the kernel after every first call, and a thousand programs make five thousand of them.
#pragma once

#include <atomic>
#include <mutex>
#include <utility>

namespace abiscope {

class Once {
public:
    // Returns when `work` has been done, here or by another thread. When it throws, the next caller tries again.
    template <typename Work>
    void call(Work&& work) {
        if (done_.load(std::memory_order_acquire)) return;
        std::lock_guard lock(mutex_);
        if (done_.load(std::memory_order_relaxed)) return;
        std::forward<Work>(work)();
        done_.store(true, std::memory_order_release);
    }

private:
    std::atomic<bool> done_{false};
    std::mutex mutex_;
};

}  // namespace abiscope
