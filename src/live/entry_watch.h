// Tells when a program that was just executed reaches its entry point, which proves that its loader has done its work.
#pragma once

#include <cstdint>

namespace abiscope::live {

class EntryWatch {
public:
    // At the stop behind execve(). False: it cannot be watched.
    bool set(int thread, std::uint64_t address);
    // At a stop by SIGTRAP: whether it is ours. The program then goes on as if nothing had been.
    bool reached(int thread);

private:
    bool set_code(int thread);

    std::uint64_t address_ = 0;        // 0: none is set
    bool hardware_ = false;
    long before_ = 0;                  // the word that was there
};

}  // namespace abiscope::live
