// Who sent a signal to its own process: what the stack says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/crash.h"

namespace abiscope::rules {

// The first frame that is none of those of raise(), pthread_kill() and their like, where those begin at frame `first`.
[[nodiscard]] std::optional<std::size_t> behind_raise(core::Crash& crash, std::size_t first = 0);

// Whether raise(), pthread_kill() or tgkill() stands at frame `first`, and who called it is known and no part of the C library, as abort()
// is.
[[nodiscard]] bool raised_by_caller(core::Crash& crash, std::size_t first = 0);

// "process 17"
[[nodiscard]] std::string sender_process(std::int32_t pid);

}  // namespace abiscope::rules
