// Reads back what core_json() wrote: the cause and its facts.
#pragma once

#include <string_view>

#include "base/result.h"
#include "report/json.h"
#include "report/style.h"
#include "rules/crash_verify.h"

namespace abiscope::report {

// `text` is the document of `core --json`, a line of --jsonl, or one result; of several results the first that names a cause. Error
// bad_value for anything else. What is redacted in it has no value, and says so.
[[nodiscard]] Result<rules::ReportedCause> read_core_report(std::string_view text, std::string_view name);

[[nodiscard]] std::string verification_text(const rules::Verification& verification, const Style& style);
[[nodiscard]] Json verification_json(const rules::Verification& verification);

}  // namespace abiscope::report
