// One program on one machine, as `check`, `resolve` and `run` ask it.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "cli/target_options.h"
#include "report/check_text.h"
#include "report/json.h"

namespace abiscope::cli {

struct CheckOptions {
    std::string isa = "auto";
    bool bind_now = false;
    bool no_fixes = false;
    bool no_symbols = false;
    bool resolve = false;          // the command is `resolve`
    bool bindings = false;
};

struct CheckAnswer {
    std::optional<report::CheckedFile> checked;
    std::optional<Error> error;
    bool usage = false;
};

[[nodiscard]] CheckAnswer check_file(const CheckOptions& options, const TargetOptions& place, Machines& machines, const std::string& path,
                                     const std::string& target_name);

// The members of one result.
[[nodiscard]] report::Json check_json(const report::CheckedFile& one, bool bindings);

}  // namespace abiscope::cli
