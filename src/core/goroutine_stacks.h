// Every goroutine of a crashed Go program with its stack, those that stand at the same place together.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/crash.h"

namespace abiscope::core {

struct GoroutineGroup {
    std::vector<std::uint64_t> ids;    // ascending
    std::string_view status;           // "waiting"; empty for a number that the release does not have
    std::string_view wait_reason;      // "chan receive"; only of those that wait
    bool in_system_call = false;       // or in C
    std::uint64_t created_at = 0;      // return address of the go statement; 0: the runtime's own first one
    Stack stack;                       // of the first of them
};

struct Goroutines {
    std::uint64_t count = 0;           // dead ones left out
    std::vector<GoroutineGroup> groups;   // the largest first
    bool found = false;                // false: the list was not found in the dump
};

// Only for a Go program. Uses the crash's unwinder: its Go thread is another one afterwards.
[[nodiscard]] Goroutines group_goroutines(Crash& crash);

}  // namespace abiscope::core
