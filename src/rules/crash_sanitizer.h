// abort() by the runtime of a sanitizer.
#pragma once

#include <optional>
#include <string>

#include "rules/crash_builder.h"

namespace abiscope::rules {

struct SanitizerAnswer {
    std::optional<Cause> cause;
    std::string unknown;               // not empty: it may be, and what is missing to tell
};

// Of a process that called abort() itself.
[[nodiscard]] SanitizerAnswer sanitizer_abort(core::Crash& crash);

}  // namespace abiscope::rules
