// What a program died of, found while it is still there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "live/traced_program.h"
#include "report/json.h"
#include "report/style.h"

namespace abiscope::cli {

struct AutopsyOptions {
    std::string save;                  // folder for the core dump and the report; empty: neither is kept
    std::uint64_t frames = 40;
    report::Style style;
};

struct Autopsy {
    std::string text;                  // as `core` prints it
    std::optional<report::Json> json;  // the members of one `core` result
    std::string missing;               // without them: why
    std::string saved;                 // path of what was kept, without ".core" and ".json"
};

[[nodiscard]] Autopsy examine(const live::StoppedProcess& stopped, const live::Ending& so_far, const AutopsyOptions& options);

}  // namespace abiscope::cli
