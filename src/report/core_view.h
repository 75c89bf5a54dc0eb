// What is told of a core dump, in text and JSON.
#pragma once

#include <optional>
#include <string>

#include "core/crash.h"
#include "core/goroutine_stacks.h"
#include "report/json.h"
#include "report/style.h"
#include "rules/crash.h"

namespace abiscope::report {

struct CoreAnswer {
    std::string path;
    core::Crash* crash = nullptr;
    rules::Diagnosis diagnosis;
    std::optional<core::Goroutines> goroutines;   // nothing: nobody asked
};

struct CoreTextOptions {
    std::size_t most_frames = 40;
    bool all_threads = false;
};

[[nodiscard]] std::string core_text(const CoreAnswer& answer, const Style& style, const CoreTextOptions& options);
// The members of one `core` result.
[[nodiscard]] Json core_json(const CoreAnswer& answer);

[[nodiscard]] Json facts_json(const std::vector<rules::Fact>& facts);

}  // namespace abiscope::report
