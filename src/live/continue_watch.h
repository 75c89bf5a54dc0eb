// While this process is stopped because its program stopped, it cannot see that somebody continues the program who does not know of us
// (a helper of the program itself, a supervisor that was told its number): a process of our own watches for that, and continues us.
#pragma once

namespace abiscope::live {

class ContinueWatch {
public:
    // Without a process to spare nobody watches.
    explicit ContinueWatch(int program);
    ~ContinueWatch();
    ContinueWatch(const ContinueWatch&) = delete;
    ContinueWatch& operator=(const ContinueWatch&) = delete;

private:
    int watcher_;
};

}  // namespace abiscope::live
