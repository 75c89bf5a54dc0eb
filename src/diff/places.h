// Where the arguments of a call travel, in words that are equal where they travel alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abi/call.h"
#include "diff/side.h"

namespace abiscope::diff {

struct Places {
    std::vector<std::string> arguments;   // by parameter
    std::string result;
    std::string hidden;                   // `this`, where the result goes
    std::uint64_t popped = 0;             // bytes the callee takes off the stack

    bool operator==(const Places&) const = default;
};

// Nothing where there is no profile, and for languages whose calls are not read.
[[nodiscard]] std::optional<Places> call_places(const Side& side, const abi::Signature& signature);

}  // namespace abiscope::diff
