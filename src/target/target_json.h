// The facts of a Target as JSON and back: what a profile stores beside the files, and what `target show --json` prints.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "target/target.h"

namespace abiscope::target {

// Everything but `files`. Raw bytes (binfmt magics) are written in hexadecimal.
[[nodiscard]] nlohmann::json to_json(const Target& target);

// Missing members keep their defaults; a member of the wrong type is an error (bad_value). `files` stays null.
[[nodiscard]] Result<Target> target_from_json(const nlohmann::json& facts);

}  // namespace abiscope::target
